/** Small XForms for tests. */

interface Sample {
  id?: string;
  version?: string;
  /** The constraint of the depth. */
  constraint?: string;
  /** More elements for the body, such as a label with a picture. */
  body?: string;
  /** More elements for the model. */
  model?: string;
  instanceId?: boolean;
}

/** A form with one number, `depth`. */
export function sampleXform(sample: Sample = {}): string {
  const {
    id = 'water_points',
    version = '1',
    constraint = '. &gt; 0',
    body = '',
    model = '',
    instanceId = true,
  } = sample;
  return `<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
    xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms">
  <h:head>
    <h:title>Water points</h:title>
    <model>
      <instance>
        <data id="${id}" version="${version}"><depth/><orx:meta><orx:instanceID/></orx:meta></data>
      </instance>
      ${model}
      <bind nodeset="/data/depth" type="decimal" constraint="${constraint}"/>
      ${instanceId ? '<bind nodeset="/data/orx:meta/orx:instanceID" type="string" jr:preload="uid"/>' : ''}
    </model>
  </h:head>
  <h:body>
    <input ref="/data/depth"><label>How deep is the well?</label>${body}</input>
  </h:body>
</h:html>
`;
}
