import { historyQuery, listQuery } from '../../collect-lambdas/responses/query.ts';
import { json, ref, type Tag } from '../model.ts';
import { CURSOR, ID_SCHEMA, PAGE_LIMIT, pathVariable, query } from '../parameters.ts';
import { flag, household, SAVED_AT } from './samples.ts';

const RESPONSE_ID = pathVariable('response_id', {
  description: 'The id that the app gave the response.',
  schema: ID_SCHEMA,
  example: household.response_id,
});

const stored = {
  response_id: household.response_id,
  form_id: 'household_finances',
  form_version: 1,
  user_id: household.user_id,
  status: 'flagged',
  revision: 1,
  flags: [flag],
  response: household,
  saved_at: SAVED_AT,
};

export const responses: Tag = {
  name: 'responses',
  description:
    'What is stored: the worklist of flagged responses, single responses, and their history. And how one is erased.',
  operations: {
    'GET /responses': {
      operationId: 'listResponses',
      summary: 'The last revisions of responses',
      description:
        'In the order of their arrival. With `updated_since` in the order of their last change: what changes while you page comes again at the end, and nothing is missed. `status=flagged&user_id=...` is what a collector has to mend. What was erased is listed too, with status `erased` and without answers, so that whoever keeps a copy learns of it.',
      parameters: query(listQuery, {
        status: { description: 'Only those that are accepted, or flagged, or were erased.' },
        user_id: { description: 'Only those of one collector.', schema: ID_SCHEMA },
        form_id: {
          description: 'Only those to one form.',
          schema: { type: 'string', pattern: '^[a-z][a-z0-9_]{0,62}$' },
        },
        updated_since: {
          description: 'Only those that were saved or changed at or after this time.',
          schema: { type: 'string', format: 'date-time' },
        },
        limit: PAGE_LIMIT,
        cursor: CURSOR,
      }),
      answers: {
        200: {
          description: 'A page.',
          content: json(ref('ResponsePage'), { items: [stored], next_cursor: 'eyJpZCI6MTd9' }),
        },
      },
      problems: ['not-yours', 'invalid-parameter', 'unavailable'],
    },
    'GET /responses/{response_id}': {
      operationId: 'getResponse',
      summary: 'One response',
      description: 'Its last revision, with its flags.',
      parameters: [RESPONSE_ID],
      answers: { 200: { description: 'The response.', content: json(ref('StoredResponse'), stored) } },
      problems: ['not-yours', 'not-found', 'erased', 'unavailable'],
    },
    'DELETE /responses/{response_id}': {
      operationId: 'eraseResponse',
      summary: 'Erase a response',
      description:
        'Erases the answers of a respondent, every revision of them, their flags, and what their follow-up task says of them, for good. A tombstone stays, with status `erased`: lists and the next export show it without answers, and nothing is saved to it any more. Erasing again changes nothing. What has left the database before, such as files of earlier exports, stays where it is.',
      parameters: [RESPONSE_ID],
      answers: { 204: { description: 'It is erased.' } },
      problems: ['not-found', 'unavailable'],
    },
    'GET /responses/{response_id}/revisions': {
      operationId: 'listRevisions',
      summary: 'The history of a response',
      description:
        'Every revision, oldest first: as it was sent, and as it was judged. `late` is what was acknowledged while nothing could be saved, and turned out to be older than what was stored by then, or to conflict with it, or to take the id of another response: kept beside the history, and no part of it. A long history has pages: all revisions first, then what came too late.',
      parameters: [RESPONSE_ID, ...query(historyQuery, { cursor: CURSOR })],
      answers: {
        200: {
          description: 'A page.',
          content: json(ref('Revisions'), { items: [stored], late: [], next_cursor: null }),
        },
      },
      problems: ['not-yours', 'not-found', 'erased', 'invalid-parameter', 'unavailable'],
    },
  },
};
