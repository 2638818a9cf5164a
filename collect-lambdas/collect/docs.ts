/** What the API's description says of the routes that take responses. No bundle of a function contains it. */
import { flag, household } from '../shared/doc-samples.ts';
import { FORM_ID, jsonReply, ref, type RouteDocs } from '../shared/route-docs.ts';

const { response_id } = household;

export const SINGLE: RouteDocs = {
  operationId: 'collect',
  summary: 'Send a response to the form household_finances',
  description: `Reads the response by its form, checks it against the form's rules, and saves it, flagged or not: a flag is not an error. A flagged response comes back with the reasons, to be corrected at once. Send the correction under the same \`response_id\` with a later \`last_modified_time\`: it becomes the next revision, and the earlier ones are kept.

The same response again, from a retry or a late sync, changes nothing and gets the same reply. An older \`last_modified_time\`, or the same one with other content, is refused with what is stored (\`409\`). Anything sent to an erased response is refused too (\`410\`).`,
  body: { 'application/json': ref('HouseholdFinances') },
  replies: {
    200: jsonReply(
      'It was stored before: this is its next revision or, sent again as it was, unchanged.',
      ref('CollectReply'),
      {
        response_id,
        status: 'accepted',
        revision: 2,
        flags: [],
      },
    ),
    201: jsonReply('It is stored as the first revision.', ref('CollectReply'), {
      response_id,
      status: 'flagged',
      revision: 1,
      flags: [flag],
      response: household,
    }),
    202: jsonReply(
      'It is queued, and stored once the database is back: do not send it again. These are the flags that it will be stored with.',
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
    'not-yours',
    'erased',
    'too-large',
    'unsupported-media-type',
    'invalid-response',
    'unavailable',
  ],
};

/** The body of a batch whose responses have this schema. */
function batchBody(schema: string) {
  return {
    'application/json': { type: 'array', items: ref(schema), maxItems: 1_000 },
    'application/x-ndjson': { type: 'string', description: 'One response per line, each as JSON.' },
  };
}

export const BATCH: RouteDocs = {
  operationId: 'collectBatch',
  summary: 'Send many responses to the form household_finances',
  description: `The same for responses that a phone gathered offline: at most 1,000 responses and 5,000,000 bytes, as a JSON array or as NDJSON, one response per line. Each is saved or rejected by itself, in the order of the batch. A batch is idempotent. If it takes too long, the rest is rejected with a problem of the status \`503\`: send that again.

In AWS, NDJSON reaches the function in base64, so more than about 4.4 MB of it is refused on the way; a JSON array can have the full 5 MB. A reply near 6 MB leaves out the \`response\` of its flagged results; if that is not enough, it shortens their flags, and \`detail\` says so.`,
  body: batchBody('HouseholdFinances'),
  replies: {
    200: jsonReply('What became of each.', ref('BatchReply'), {
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
      'The same, if some could not be stored now: those are `queued`; do not send them again.',
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
