import { json, ref, type Answer, type JsonSchema, type Operation, type Tag } from '../model.ts';
import { FORM_ID } from '../parameters.ts';
import { flag, household } from './samples.ts';

const DESCRIPTION = `Reads the response by its form, checks it against the form's rules, and saves it, flagged or not: a flag is not an error. A flagged response comes back with the reasons, to be mended at once. Send the correction under the same \`response_id\` with a later \`last_modified_time\`: it becomes the next revision, and the earlier ones are kept.

The same response again, from a retry or a late sync, changes nothing and gets the same answer. An older \`last_modified_time\`, or the same one with other content, is refused with what is stored (\`409\`). So is anything that is sent to a response that was erased (\`410\`).`;

const ANSWERS: Record<number, Answer> = {
  200: {
    description: 'It was stored before: it is the next revision now or, sent again as it was, unchanged.',
    content: json(ref('CollectAnswer'), {
      response_id: household.response_id,
      status: 'accepted',
      revision: 2,
      flags: [],
    }),
  },
  201: {
    description: 'It is stored, as the first revision.',
    content: json(ref('CollectAnswer'), {
      response_id: household.response_id,
      status: 'flagged',
      revision: 1,
      flags: [flag],
      response: household,
    }),
  },
  202: {
    description:
      'It is taken, and stored as soon as the database can be reached: there is no need to send it again. Its flags are those that it will be stored with.',
    content: json(ref('QueuedAnswer'), {
      response_id: household.response_id,
      status: 'queued',
      flags: [flag],
      response: household,
    }),
  },
};

const BATCH_DESCRIPTION = `The same for what a phone has gathered offline: at most 1,000 responses and 5,000,000 bytes, as a JSON array or as NDJSON, one response a line. Each is taken or rejected by itself, in the order of the batch. The batch may be sent again without harm. A batch that takes too long is answered in part: what it did not come to is rejected with a problem of status \`503\`, and should be sent again.

In AWS, NDJSON reaches the function in base64: beyond some 4.4 MB it is refused on the way; a JSON array has the full 5 MB. An answer that would come near 6 MB leaves out the \`response\` of its flagged results; where that is not enough, it shortens their flags, and \`detail\` says so.`;

const BATCH_ANSWERS: Record<number, Answer> = {
  200: {
    description: 'What became of each.',
    content: json(ref('BatchAnswer'), {
      results: [
        { response_id: household.response_id, status: 'accepted', revision: 1, flags: [] },
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
  },
  202: {
    description: 'The same, where some could not be stored now: those are `queued`, and need not be sent again.',
    content: json(ref('BatchAnswer'), {
      results: [{ response_id: household.response_id, status: 'queued', flags: [] }],
      summary: { accepted: 0, flagged: 0, unchanged: 0, queued: 1, rejected: 0 },
    }),
  },
};

type Documented = Pick<Operation, 'operationId' | 'summary' | 'parameters' | 'examplesOf'>;

function single(documented: Documented, schema: JsonSchema): Operation {
  return {
    ...documented,
    description: DESCRIPTION,
    body: { 'application/json': schema },
    answers: ANSWERS,
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
}

function batch(documented: Documented, schema: JsonSchema): Operation {
  const lines = { type: 'string', description: 'One response a line, each as JSON.' };
  return {
    ...documented,
    description: BATCH_DESCRIPTION,
    body: {
      'application/json': { type: 'array', items: schema, maxItems: 1_000 },
      'application/x-ndjson': lines,
    },
    answers: BATCH_ANSWERS,
    problems: ['not-json', 'not-found', 'too-large', 'unsupported-media-type', 'invalid-response', 'unavailable'],
  };
}

export const collect: Tag = {
  name: 'collect',
  description: 'Responses come in: read, checked, saved, and answered with their flags.',
  operations: {
    'POST /collect': single(
      { operationId: 'collect', summary: 'Send a response to the form household_finances' },
      ref('HouseholdFinances'),
    ),
    'POST /collect/batch': batch(
      { operationId: 'collectBatch', summary: 'Send many responses to the form household_finances' },
      ref('HouseholdFinances'),
    ),
    'POST /forms/{form_id}/responses': single(
      {
        operationId: 'collectForm',
        summary: 'Send a response to a form',
        examplesOf: 'POST /collect',
        parameters: [FORM_ID],
      },
      ref('Response'),
    ),
    'POST /forms/{form_id}/responses/batch': batch(
      {
        operationId: 'collectFormBatch',
        summary: 'Send many responses to a form',
        examplesOf: 'POST /collect/batch',
        parameters: [FORM_ID],
      },
      ref('Response'),
    ),
    'GET /health': {
      operationId: 'health',
      summary: 'Would a response be saved now?',
      description:
        'Asks the database to write, and changes nothing. `503` when it cannot be reached or takes no writes; responses are queued then.',
      answers: {
        200: { description: 'Yes.', content: json(ref('Health'), { status: 'ok', database: 'mysql' }) },
      },
      problems: ['unavailable'],
    },
  },
};
