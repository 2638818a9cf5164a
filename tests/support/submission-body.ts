/** Writes the body of a phone's submission without files. */
const BOUNDARY = 'collect-submission';

export const SUBMISSION_HEADERS = {
  'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
  'x-openrosa-version': '1.0',
} as const;

/** The multipart body of a submission, for requests with `SUBMISSION_HEADERS`. */
export function submissionBody(xml: string): string {
  return [
    `--${BOUNDARY}`,
    'content-disposition: form-data; name="xml_submission_file"; filename="submission.xml"',
    'content-type: text/xml',
    '',
    xml,
    `--${BOUNDARY}--`,
    '',
  ].join('\r\n');
}
