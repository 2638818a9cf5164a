/** API documentation of the routes that receive responses. Bundles leave it out. */
import { flag, household } from '../shared/doc-samples.ts';
import { FORM_ID, jsonReply, ref, type RouteDocs } from '../shared/route-docs.ts';

const { response_id } = household;

export const SINGLE: RouteDocs = {
  operationId: 'collect',
  summary: 'Send a response to the form household_finances',
  description: `Validates the response against its form, checks the form's rules, and saves the response. A flag is not an error: flagged responses are saved too. The reply has the flags and the flagged response, so that it can be corrected immediately. Send the correction under the same \`response_id\` with a later \`last_modified_time\`: it becomes the next revision, and earlier revisions are kept.

Sending the same response again changes nothing and gets the same reply. A response with an older \`last_modified_time\`, or with the same time and different content, is refused with \`409\`, and \`current\` describes the stored revision. A response with the id of an erased one is refused with \`410\`.`,
  body: { 'application/json': ref('HouseholdFinances') },
  replies: {
    200: jsonReply(
      'The response is stored as a later revision, or was stored before and is unchanged.',
      ref('CollectReply'),
      {
        response_id,
        status: 'accepted',
        revision: 2,
        flags: [],
      },
    ),
    201: jsonReply('The response is stored as the first revision.', ref('CollectReply'), {
      response_id,
      status: 'flagged',
      revision: 1,
      flags: [flag],
      response: household,
    }),
    202: jsonReply(
      'The response is queued, and will be stored with these flags once the database is available. Do not send it again.',
      ref('QueuedReply'),
      { response_id, status: 'queued', flags: [flag], response: household },
    ),
  },
  problems: [
    'not-json',
    'not-found',
    'older-revision',
    'same-time-other-content',
    'response-of-another-form',
    'older-form-version',
    'form-closed',
    'not-yours',
    'erased',
    'too-large',
    'unsupported-media-type',
    'invalid-response',
    'unavailable',
  ],
};

/** The body of a batch, from the schema of its responses. */
function batchBody(schema: string) {
  return {
    'application/json': { type: 'array', items: ref(schema), maxItems: 1_000 },
    'application/x-ndjson': { type: 'string', description: 'One response per line, each as JSON.' },
  };
}

export const BATCH: RouteDocs = {
  operationId: 'collectBatch',
  summary: 'Send many responses to the form household_finances',
  description: `For responses that a phone gathered offline: at most 1,000 responses and 5,000,000 bytes, as a JSON array or as NDJSON (one response per line). Each response is saved or rejected independently, in the order of the batch. Sending a batch again stores nothing twice. If time runs out, the remaining responses are rejected with a problem of status \`503\`: send those again.

In AWS, NDJSON reaches the function in base64, so API Gateway refuses more than about 4.4 MB of it; a JSON array can have the full 5 MB. A reply close to 6 MB leaves out the \`response\` of flagged results and, if necessary, some faults. If it is still too large, it shortens flags, and \`detail\` says so.`,
  body: batchBody('HouseholdFinances'),
  replies: {
    200: jsonReply('The outcome of each response.', ref('BatchReply'), {
      results: [
        { response_id, status: 'accepted', revision: 1, flags: [] },
        {
          index: 1,
          response_id: 'household-18',
          status: 'rejected',
          problem: {
            type: 'urn:collect:problem:invalid-response',
            title: 'The response does not fit the form.',
            status: 422,
            errors: [{ pointer: '/age', detail: 'This key is missing; an answer is required.' }],
          },
        },
      ],
      summary: { accepted: 1, flagged: 0, unchanged: 0, rejected: 1 },
    }),
    202: jsonReply(
      'The outcome of each response. Those with the status `queued` will be stored later; do not send them again.',
      ref('BatchReply'),
      {
        results: [{ response_id, status: 'queued', flags: [] }],
        summary: { accepted: 0, flagged: 0, unchanged: 0, queued: 1, rejected: 0 },
      },
    ),
  },
  problems: ['not-json', 'not-found', 'too-large', 'unsupported-media-type', 'invalid-response', 'unavailable'],
};

export const SINGLE_OF_A_FORM: RouteDocs = {
  ...SINGLE,
  operationId: 'collectForm',
  summary: 'Send a response to a form',
  examplesOf: 'POST /collect',
  path: { form_id: FORM_ID },
  body: { 'application/json': ref('Response') },
};

export const BATCH_OF_A_FORM: RouteDocs = {
  ...BATCH,
  operationId: 'collectFormBatch',
  summary: 'Send many responses to a form',
  examplesOf: 'POST /collect/batch',
  path: { form_id: FORM_ID },
  body: batchBody('Response'),
};
