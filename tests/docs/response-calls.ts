/** Calls of the routes of responses and of their reviews. */
import { household, INCOME } from '../support/responses.ts';
import type { Call } from './call.ts';

const response = household({ response_id: 'household-1' });
const flagged = household({ response_id: 'household-2', [INCOME]: 1 });
const PHOTO = { name: 'front.jpg', bytes: 5, sha256: 'a'.repeat(64), type: 'image/jpeg' };

export const collecting: Call[] = [
  { operationId: 'health', status: 200 },
  { operationId: 'collect', status: 201, body: response },
  { operationId: 'collect', status: 200, body: response },
  { operationId: 'collect', status: 201, body: flagged },
  { operationId: 'collect', status: 400, body: '{' },
  { operationId: 'collect', status: 409, body: { ...response, age: 41 } },
  { operationId: 'collect', status: 409, body: { ...response, last_modified_time: '2020-01-01T00:00:00Z' } },
  { operationId: 'collect', status: 413, body: household({ name: 'x'.repeat(300_000) }) },
  { operationId: 'collect', status: 415, body: 'a=1', headers: { 'content-type': 'text/plain' } },
  { operationId: 'collect', status: 422, body: { ...response, age: 'old' } },
  {
    operationId: 'collectBatch',
    status: 200,
    body: [response, flagged, household({ age: -1 }), { ...response, age: 1 }],
  },
  {
    operationId: 'collectBatch',
    status: 200,
    body: `${JSON.stringify(household())}\n{`,
    headers: { 'content-type': 'application/x-ndjson' },
  },
  { operationId: 'collectBatch', status: 422, body: {} },
  { operationId: 'listResponses', status: 200, query: { limit: '1' } },
  { operationId: 'listResponses', status: 200, query: { status: 'flagged', updated_since: '2020-01-01T00:00:00Z' } },
  { operationId: 'listResponses', status: 422, query: { limit: '0' } },
  { operationId: 'getResponse', status: 200, path: { response_id: 'household-2' } },
  { operationId: 'getResponse', status: 404, path: { response_id: 'unknown' } },
  { operationId: 'listRevisions', status: 200, path: { response_id: 'household-1' } },
  { operationId: 'listRevisions', status: 422, path: { response_id: 'household-1' }, query: { cursor: 'x' } },
  { operationId: 'listRevisions', status: 404, path: { response_id: 'unknown' } },
  { operationId: 'listSubmissions', status: 200, path: { response_id: 'household-1' } },
  { operationId: 'listSubmissions', status: 422, path: { response_id: 'household-1' }, query: { cursor: 'x' } },
  { operationId: 'listSubmissions', status: 404, path: { response_id: 'unknown' } },
  { operationId: 'listAttachments', status: 200, path: { response_id: 'household-1' } },
  { operationId: 'listAttachments', status: 404, path: { response_id: 'unknown' } },
  { operationId: 'addAttachment', status: 201, path: { response_id: 'household-1' }, body: PHOTO },
  { operationId: 'addAttachment', status: 422, path: { response_id: 'household-1' }, body: { ...PHOTO, bytes: 0 } },
  { operationId: 'eraseResponse', status: 404, path: { response_id: 'unknown' } },
  { operationId: 'eraseResponse', status: 204, path: { response_id: 'household-2' } },
  { operationId: 'getResponse', status: 410, path: { response_id: 'household-2' } },
  { operationId: 'listRevisions', status: 410, path: { response_id: 'household-2' } },
  { operationId: 'listAttachments', status: 410, path: { response_id: 'household-2' } },
  { operationId: 'addAttachment', status: 410, path: { response_id: 'household-2' }, body: PHOTO },
  { operationId: 'listResponses', status: 200, query: { status: 'erased' } },
  { operationId: 'collect', status: 410, body: flagged },
  { operationId: 'collectBatch', status: 200, body: [flagged] },
];

const reviewed = { response_id: 'household-1' };
const approval = { action: 'approve', revision: 1 };
const key = { 'idempotency-key': 'approve-household-1' };

export const reviews: Call[] = [
  { operationId: 'reviewResponse', status: 201, path: reviewed, body: approval, headers: key },
  { operationId: 'reviewResponse', status: 409, path: reviewed, body: { ...approval, text: 'Good.' }, headers: key },
  { operationId: 'reviewResponse', status: 409, path: reviewed, body: { ...approval, revision: 9 } },
  { operationId: 'reviewResponse', status: 422, path: reviewed, body: { action: 'approve' } },
  { operationId: 'reviewResponse', status: 404, path: { response_id: 'unknown' }, body: approval },
  { operationId: 'reviewResponse', status: 410, path: { response_id: 'household-2' }, body: approval },
  { operationId: 'reviewResponse', status: 200, path: reviewed, body: approval, headers: key },
  { operationId: 'assignResponse', status: 201, path: reviewed, body: { user_id: 'collector-1' } },
  { operationId: 'assignResponse', status: 422, path: reviewed, body: {} },
  { operationId: 'listReviews', status: 200, path: reviewed },
  { operationId: 'listReviews', status: 404, path: { response_id: 'unknown' } },
  { operationId: 'listReviews', status: 422, path: reviewed, query: { limit: '0' } },
  { operationId: 'listWork', status: 200 },
  { operationId: 'listWork', status: 422, query: { limit: '0' } },
];
