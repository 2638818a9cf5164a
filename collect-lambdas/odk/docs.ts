/** The documentation of the OpenRosa routes, which bundles leave out. Their replies are those of the standard. */
import { FORM_ID, ID_SCHEMA, type ParameterDocs, type RouteDocs } from '../shared/route-docs.ts';

const TOKEN: ParameterDocs = {
  description: 'The token of a phone’s app: role `device`. It belongs to one collector.',
  schema: { type: 'string' },
};
const VERSION: ParameterDocs = {
  description: 'The number of a version of the form.',
  schema: { type: 'string', pattern: '^[1-9][0-9]*$' },
};

/** @param path the variables of the path besides the token */
export function openRosaDocs(
  operationId: string,
  summary: string,
  description: string,
  path: Record<string, ParameterDocs> = {},
): RouteDocs {
  return { operationId, summary, description, path: { token: TOKEN, ...path }, standard: 'OpenRosa', replies: {} };
}

export const FORM_LIST = (): RouteDocs => ({
  ...openRosaDocs(
    'getFormList',
    'The forms for field apps',
    'The forms that take responses. `?formID=` limits the list to one XForm id. 503 while the database or the bucket is unreachable, or if a form cannot be read: apps keep the forms that they have.',
  ),
  smoke: 'form-list-no-such-token',
});

export const XFORM = (): RouteDocs =>
  openRosaDocs(
    'getXform',
    'An XForm',
    'The XForm of a version of a form: byte for byte as it was uploaded, or as it is generated from a definition.',
    {
      form_id: FORM_ID,
      file: { description: 'The version and `.xml`.', schema: { type: 'string', pattern: '^[0-9]+\\.xml$' } },
    },
  );

export const MANIFEST = (): RouteDocs =>
  openRosaDocs(
    'getManifest',
    'The media files of a form',
    'The names, hashes and addresses of the files that the XForm uses.',
    { form_id: FORM_ID, version: VERSION },
  );

export const MEDIA = (): RouteDocs =>
  openRosaDocs('getMedia', 'A media file of a form', 'A file that the manifest names.', {
    form_id: FORM_ID,
    version: VERSION,
    file: { description: 'The name of the file.', schema: { type: 'string' } },
  });

const ANNOUNCED = 'Apps ask this before they send. The header X-OpenRosa-Accept-Content-Length has the answer.';
export const HEAD_SUBMISSION = (): RouteDocs =>
  openRosaDocs('headSubmission', 'How large may a submission be?', ANNOUNCED);
export const GET_SUBMISSION = (): RouteDocs =>
  openRosaDocs('getSubmission', 'How large may a submission be? For apps without HEAD', ANNOUNCED);

export const HEAD_FORM_LIST = (): RouteDocs =>
  openRosaDocs('headFormList', 'Has the list of forms changed?', 'The headers of the list, with its ETag.');

export const SUBMIT = (): RouteDocs =>
  openRosaDocs(
    'postSubmission',
    'Send a submission',
    'The XML of a filled-in form, with its files, in one request or several. It is kept unchanged before it is read, and is never refused for its content: what does not fit the form becomes a flag `DoesNotFit`. The same submission again changes nothing. A submission whose `deprecatedID` names an earlier one is the next revision of its response. The message of the reply says `Accepted.`, or the reason of each flag.',
  );

const RESPONSE_ID: ParameterDocs = { description: 'The id of a response of the collector.', schema: ID_SCHEMA };

/** The form page asks for these. They are not part of the standard. */
export const WORKLIST = (): RouteDocs =>
  openRosaDocs(
    'getCollectorsWorklist',
    'What the collector must correct',
    'The flagged and returned responses of the collector as JSON, the earliest arrival first: why, what a manager wrote, and where the questions are in the XForm.',
  );

export const LAST_SUBMISSION = (): RouteDocs =>
  openRosaDocs(
    'getLastSubmission',
    'A response, to be edited',
    'The XML of the last submission of a response. If it did not come as a submission, or was corrected in another way, the XML is made from the answers.',
    { response_id: RESPONSE_ID },
  );

export const RESPONSE_FILE = (): RouteDocs =>
  openRosaDocs('getResponseFile', 'A file of a response, to be edited', 'A photo or another file of a response.', {
    response_id: RESPONSE_ID,
    file: { description: 'The name of the file.', schema: { type: 'string' } },
  });
