import { COLLECTING, EVERY_ROLE, MANAGING } from '../shared/access.ts';
import { flag, household } from '../shared/doc-samples.ts';
import { ID_SCHEMA, jsonReply, PAGE, ref, SAVED_AT, type ParameterDocs } from '../shared/route-docs.ts';
import { createRouter, route } from '../shared/route.ts';
import { assignResponse, listReviews, listWork, reviewResponse } from './handler.ts';
import { newAssignment, newReview, reviewsQuery, worklistQuery } from './request.ts';

export const about =
  !process.env['BUNDLED'] && 'Reviews of responses, their assignment to collectors, and the collectors’ worklist.';

const PATH = {
  response_id: {
    description: 'The id that the field app gave to the response.',
    schema: ID_SCHEMA,
    example: 'household-17',
  },
};

const KEY: Record<string, ParameterDocs> = {
  'Idempotency-Key': {
    description:
      'Your own id of this request, such as a UUID. Send the request again with the same key after a timeout: it is carried out once, and the reply is the same. Without a key, each request is a new review.',
    schema: { type: 'string', pattern: '^[!-~]{1,128}$' },
    withoutExamples: true,
  },
};

const REVIEW = {
  review_id: '2f6c8f5e-4f43-8d0c-9a53-2f1d4b6c8e01',
  response_id: 'household-17',
  revision: 1,
  action: 'return',
  text: 'Food is more than all expenditure. Ask again.',
  status: 'returned',
  author: 'Zainab',
  assignee: null,
  applied: true,
  created_at: SAVED_AT,
};
const ASSIGNMENT = { ...REVIEW, action: 'assign', text: null, status: 'flagged', assignee: 'collector-2' };

/** The documentation that reviews and assignments share. */
const savedOnce = (created: string, example: { action: string }) => ({
  path: PATH,
  headers: KEY,
  replies: {
    200: jsonReply('It was saved before, with the same `Idempotency-Key`.', ref('Review'), example),
    201: jsonReply(created, ref('Review'), example),
    202: jsonReply(
      'The database is unavailable. The review is queued, and will be saved once the database is available. Do not send it again. If another revision or another decision comes first, the review changes nothing and is listed with `applied: false`.',
      ref('QueuedReview'),
      { review_id: REVIEW.review_id, response_id: REVIEW.response_id, action: example.action, status: 'queued' },
    ),
  },
  problems: [
    'not-yours',
    'not-found',
    'other-revision',
    'key-reused',
    'test-response',
    'erased',
    'invalid-parameter',
    'unavailable',
  ] as const,
});

export const routes = {
  'POST /responses/{response_id}/reviews': route({
    roles: COLLECTING,
    body: newReview,
    handle: reviewResponse,
    docs: !process.env['BUNDLED'] && {
      operationId: 'reviewResponse',
      summary: 'Comment on a response, approve it, return it, or reject it',
      description:
        'A manager approves a response (in spite of its flags), returns it to its collector (`text` says what to do), or rejects it. Its status becomes `approved`, `returned` or `rejected`, until a new revision is judged again. `comment` changes no status, and collectors may comment on their own responses. `revision` is the revision that you have seen; it may be left out of a comment. If another revision is stored, the reply is 409 with both, and nothing changes.',
      ...savedOnce('The review, with the response’s status after it.', REVIEW),
    },
  }),

  'GET /responses/{response_id}/reviews': route({
    roles: EVERY_ROLE,
    query: reviewsQuery,
    handle: listReviews,
    docs: !process.env['BUNDLED'] && {
      operationId: 'listReviews',
      summary: 'The reviews of a response',
      description:
        'Every comment, decision and assignment, in the order in which they were saved. Reviews are never changed; they are deleted only when the response is erased.',
      path: PATH,
      query: PAGE,
      replies: { 200: jsonReply('A page.', ref('ReviewPage'), { items: [REVIEW], next_cursor: null }) },
      problems: ['not-yours', 'not-found', 'erased', 'unavailable'],
    },
  }),

  'POST /responses/{response_id}/assign': route({
    roles: MANAGING,
    body: newAssignment,
    handle: assignResponse,
    docs: !process.env['BUNDLED'] && {
      operationId: 'assignResponse',
      summary: 'Assign a response to another collector',
      description:
        'From now on the response belongs to this collector: it is in their worklist and corrections form, and only they and managers can correct it. Its earlier revisions keep their collectors. A later change by the earlier collector is refused with 403. With `revision`, the reply is 409 if another revision is stored.',
      ...savedOnce('The assignment, as a review.', ASSIGNMENT),
    },
  }),

  'GET /worklist': route({
    roles: EVERY_ROLE,
    query: worklistQuery,
    handle: listWork,
    docs: !process.env['BUNDLED'] && {
      operationId: 'listWork',
      summary: 'The responses that a collector has to correct',
      description:
        'Flagged and returned responses, the earliest arrival first, each with its flags, and in `reviews` the last 20 reviews of its answers. A collector’s token lists their own responses. A response leaves the list once a correction passes, or a manager approves or rejects it.',
      query: {
        user_id: { description: 'Only the responses of this collector.', schema: ID_SCHEMA },
        ...PAGE,
      },
      replies: {
        200: jsonReply('A page.', ref('Worklist'), {
          items: [
            {
              response_id: 'household-17',
              form_id: 'household_finances',
              form_version: 1,
              rules_version: 1,
              user_id: 'collector-1',
              status: 'returned',
              revision: 1,
              flags: [flag],
              response: household,
              author: null,
              saved_at: SAVED_AT,
              reviews: [REVIEW],
            },
          ],
          next_cursor: null,
        }),
      },
      problems: ['not-yours', 'unavailable'],
      smoke: 'worklist',
    },
  }),
};

export const createHandler = createRouter(routes);
