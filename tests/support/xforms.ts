/** XForms for tests. */

/** The parts of an XForm; omitted parts are empty. */
type Parts = {
  /** The nodes of the instance, as XML, without `meta`. */
  readonly nodes?: string;
  readonly binds?: string;
  readonly body?: string;
  /** Further parts of the model: itext, secondary instances, a submission. */
  readonly model?: string;
  /** The attributes of the instance's root. */
  readonly root?: string;
  readonly title?: string;
  /** `meta` and its bind. */
  readonly meta?: { readonly nodes: string; readonly bind: string };
};

const META = {
  nodes: '<meta><instanceID/></meta>',
  bind: '<bind nodeset="/data/meta/instanceID" type="string" jr:preload="uid" readonly="true()"/>',
};

/** An XForm whose root is `data`, as pyxform writes it. */
export function xformXml({
  nodes = '',
  binds = '',
  body = '',
  model = '',
  root = 'id="test" version="1"',
  title = 'Test',
  meta = META,
}: Parts): string {
  return `<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa"
  xmlns:orx="http://openrosa.org/xforms" xmlns:odk="http://www.opendatakit.org/xforms">
  <h:head><h:title>${title}</h:title><model><instance><data ${root}>${nodes}${meta.nodes}</data></instance>
  ${model}${binds}${meta.bind}</model></h:head>
  <h:body>${body}</h:body></h:html>`;
}

/** The items of a select. */
export function itemsXml(...names: readonly string[]): string {
  return names.map((name) => `<item><label>${name}</label><value>${name}</value></item>`).join('');
}
