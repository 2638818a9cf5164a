import { EVERY_ROLE, MANAGING } from '../shared/access.ts';
import { flag, household } from '../shared/doc-samples.ts';
import { CURSOR, FORM_ID_SCHEMA, ID_SCHEMA, jsonReply, PAGE, ref, SAVED_AT } from '../shared/route-docs.ts';
import { createRouter, route } from '../shared/route.ts';
import { eraseResponse, getResponse, listResponses, listRevisions } from './handler.ts';
import { historyQuery, listQuery } from './query.ts';

export const about =
  !process.env['BUNDLED'] &&
  'Stored responses: the worklist of flagged ones, single ones, their history, and their erasure.';

const PATH = {
  response_id: {
    description: 'The id that the app gave the response.',
    schema: ID_SCHEMA,
    example: 'household-17',
  },
};

const STORED = {
  response_id: 'household-17',
  form_id: 'household_finances',
  form_version: 1,
  user_id: 'collector-1',
  status: 'flagged',
  revision: 1,
  flags: [flag],
  response: household,
  saved_at: SAVED_AT,
};

export const routes = {
  'GET /responses': route({
    roles: EVERY_ROLE,
    query: listQuery,
    handle: listResponses,
    docs: !process.env['BUNDLED'] && {
      operationId: 'listResponses',
      summary: 'The last revisions of responses',
      description:
        'In order of arrival; with `updated_since` in order of the last change. A response that changes while you page comes again at the end, so you miss nothing. `status=flagged&user_id=...` is what a collector has to correct. Erased responses are listed too, with the status `erased` and without answers, so that holders of a copy learn of it.',
      query: {
        status: { description: 'Only those that are accepted, flagged or erased.' },
        user_id: { description: 'Only those of one collector.', schema: ID_SCHEMA },
        form_id: { description: 'Only those to one form.', schema: FORM_ID_SCHEMA },
        updated_since: {
          description: 'Only those that were saved or changed at or after this time.',
          schema: { type: 'string', format: 'date-time' },
        },
        ...PAGE,
      },
      replies: {
        200: jsonReply('A page.', ref('ResponsePage'), { items: [STORED], next_cursor: 'eyJpZCI6MTd9' }),
      },
      problems: ['not-yours', 'unavailable'],
      smoke: 'worklist',
    },
  }),
  'GET /responses/{response_id}': route({
    roles: EVERY_ROLE,
    handle: getResponse,
    docs: !process.env['BUNDLED'] && {
      operationId: 'getResponse',
      summary: 'One response',
      description: 'Its last revision, with its flags.',
      path: PATH,
      replies: { 200: jsonReply('The response.', ref('StoredResponse'), STORED) },
      problems: ['not-yours', 'not-found', 'erased', 'unavailable'],
    },
  }),
  'DELETE /responses/{response_id}': route({
    roles: MANAGING,
    handle: eraseResponse,
    docs: !process.env['BUNDLED'] && {
      operationId: 'eraseResponse',
      summary: 'Erase a response',
      description:
        'Erases a respondent’s answers for good: every revision, their flags, and what the follow-up task repeats of them. A tombstone stays, with the status `erased`. Lists and the next export show it without answers, and nothing is saved to it any more. Erasing it again changes nothing. Copies outside of the database stay, such as the files of earlier exports.',
      path: PATH,
      replies: { 204: { description: 'It is erased.' } },
      problems: ['not-found', 'unavailable'],
    },
  }),
  'GET /responses/{response_id}/revisions': route({
    roles: EVERY_ROLE,
    query: historyQuery,
    handle: listRevisions,
    docs: !process.env['BUNDLED'] && {
      operationId: 'listRevisions',
      summary: 'The history of a response',
      description:
        'Every revision, oldest first: as it was sent, with its flags. `late` lists what was acknowledged while the database was down and turned out to be older than the stored revision, to conflict with it, or to use the id of another response. It is kept beside the history and is no part of it. A long history has pages: all revisions first, then `late`.',
      path: PATH,
      query: { cursor: CURSOR },
      replies: {
        200: jsonReply('A page.', ref('Revisions'), { items: [STORED], late: [], next_cursor: null }),
      },
      problems: ['not-yours', 'not-found', 'erased', 'unavailable'],
    },
  }),
};

export const createHandler = createRouter(routes);
