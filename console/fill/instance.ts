/** Reads and changes the XML of forms and responses on the phone. */

const META = 'meta';
const OPENROSA = 'http://openrosa.org/xforms';
/** Max pixels of a photo's longer side, if the form sets no limit. Larger photos could not be sent. */
const MAX_PIXELS = '2048';

/** A form whose photos ODK Web Forms makes small enough to be sent. */
export function withSmallPhotos(formXml: string): string {
  const form = parse(formXml);
  const photos = new Set(
    [...form.getElementsByTagNameNS('*', 'upload')]
      .filter((upload) => upload.getAttribute('mediatype')?.startsWith('image/'))
      .map((upload) => upload.getAttribute('ref')),
  );
  const unlimited = [...form.getElementsByTagNameNS('*', 'bind')].filter(
    (bind) => photos.has(bind.getAttribute('nodeset')) && !bind.hasAttributeNS(OPENROSA, 'max-pixels'),
  );
  if (unlimited.length === 0) return formXml;
  for (const bind of unlimited) bind.setAttributeNS(OPENROSA, 'orx:max-pixels', MAX_PIXELS);
  return new XMLSerializer().serializeToString(form);
}

/** The instanceID of a submission. @throws {Error} if it has none */
export function instanceIdOf(xml: string): string {
  const id = metaElement(parse(xml), 'instanceID')?.textContent?.trim();
  if (id === undefined || id === '') throw new Error('The response has no id. Ask the manager.');
  return id;
}

/**
 * Says what a submission corrects. ODK Web Forms names the instance that it opened, which for a draft was never sent.
 *
 * @param corrected the instanceID of the submission that is corrected; undefined for a new response
 */
export function withCorrected(xml: string, corrected: string | undefined): string {
  const document = parse(xml);
  const id = metaElement(document, 'instanceID');
  const known = metaElement(document, 'deprecatedID');
  if (corrected === undefined) known?.remove();
  else if (known !== undefined) known.textContent = corrected;
  else if (id !== undefined) {
    const element = document.createElementNS(id.namespaceURI, id.prefix ? `${id.prefix}:deprecatedID` : 'deprecatedID');
    element.textContent = corrected;
    id.after(element);
  }
  return new XMLSerializer().serializeToString(document);
}

/** The names of the files in a response: the answers to the form's upload questions. */
export function fileNamesIn(formXml: string, xml: string): string[] {
  return uploadElements(formXml, parse(xml)).map((element) => element.textContent?.trim() ?? '');
}

/** Removes the names of missing files from a response, because ODK Web Forms cannot open it with them. */
export function withoutFiles(formXml: string, xml: string, missing: ReadonlySet<string>): string {
  if (missing.size === 0) return xml;
  const document = parse(xml);
  for (const element of uploadElements(formXml, document)) {
    if (missing.has(element.textContent?.trim() ?? '')) element.textContent = '';
  }
  return new XMLSerializer().serializeToString(document);
}

function uploadElements(formXml: string, instance: Document): Element[] {
  const uploads = new Set(
    [...parse(formXml).getElementsByTagNameNS('*', 'upload')].map((element) => element.getAttribute('ref')),
  );
  return [...instance.getElementsByTagName('*')].filter(
    (element) => uploads.has(pathOf(element)) && element.textContent?.trim() !== '',
  );
}

/** The path of an element, such as `/data/people/photo`. */
function pathOf(element: Element): string {
  const { parentElement: parent } = element;
  return `${parent === null ? '' : pathOf(parent)}/${element.nodeName}`;
}

function metaElement(document: Document, name: string): Element | undefined {
  return [...document.getElementsByTagNameNS('*', name)].find(
    ({ parentElement: parent }) => parent?.localName === META,
  );
}

function parse(xml: string): Document {
  return new DOMParser().parseFromString(xml, 'text/xml');
}
