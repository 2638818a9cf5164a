import { MAX_TEXT, STORED_STATUSES } from '../../db-proxy-lambda/contract.ts';
import { EVERY_ROLE, MANAGING } from '../shared/access.ts';
import { flag, household } from '../shared/doc-samples.ts';
import { CURSOR, FORM_ID_SCHEMA, ID_SCHEMA, jsonReply, PAGE, ref, SAVED_AT } from '../shared/route-docs.ts';
import { createRouter, route } from '../shared/route.ts';
import { eraseResponse, getResponse, listRevisions } from './handler.ts';
import { listResponses } from './list.ts';
import { historyQuery, listQuery, submissionsQuery } from './query.ts';
import { listSubmissions } from './submissions.ts';

export const about =
  !process.env['BUNDLED'] && 'Stored responses: lists, single responses, their history, and their erasure.';

const STATUS = STORED_STATUSES.join('|');

const PATH = {
  response_id: {
    description: 'The id that the field app gave to the response.',
    schema: ID_SCHEMA,
    example: 'household-17',
  },
};

const STORED = {
  response_id: 'household-17',
  form_id: 'household_finances',
  form_version: 1,
  rules_version: 1,
  user_id: 'collector-1',
  status: 'flagged',
  revision: 1,
  flags: [flag],
  response: household,
  author: null,
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
        'In order of arrival; with `updated_since`, in order of the last change. A response that changes between two pages then appears again on a later page, so no change is missed. `order=newest` is for people: it lists the newest arrival first, has more filters, and `previous_cursor` leads back to newer responses; `received_at` is the time of arrival. With `rule`, `ever` or `text`, a request looks through a limited number of responses. Its page may then have fewer items than `limit`, even none, and the next page continues the search; the last page has no `next_cursor`. Erased responses are listed with the status `erased` and without answers, so that holders of copies can erase them too.',
      query: {
        order: { description: 'The newest arrival first. `rule`, `ever`, `text`, `from`, `to` and `count` need it.' },
        status: {
          description: 'Only responses with this status; with `order=newest` also several, with commas between them.',
          schema: { type: 'string', pattern: `^(${STATUS})(,(${STATUS}))*$` },
        },
        user_id: { description: 'Only the responses of this collector.', schema: ID_SCHEMA },
        form_id: {
          description: 'Only the responses to this form; `wells.draft` for those to the draft of `wells`.',
          schema: { ...FORM_ID_SCHEMA, pattern: String.raw`^[a-z][a-z0-9_]{0,62}(\.draft)?$`, maxLength: 63 },
        },
        updated_since: {
          description: 'Only responses saved or changed at or after this time.',
          schema: { type: 'string', format: 'date-time' },
        },
        rule: { description: 'Only responses with a flag of this rule.' },
        ever: {
          description:
            'Only responses that the quality figures count as `flagged` or `returned`, whatever their status is now. With `rule`, only those that this rule flagged.',
        },
        text: {
          description:
            'Only responses that have this text, in upper or lower case, in an id, the username, the location or an answer.',
          schema: { type: 'string', minLength: 1, maxLength: MAX_TEXT, pattern: String.raw`^\S(?:[\s\S]*\S)?$` },
        },
        from: {
          description: 'Only responses that arrived at or after this time.',
          schema: { type: 'string', format: 'date-time' },
        },
        to: {
          description: 'Only responses that arrived before this time.',
          schema: { type: 'string', format: 'date-time' },
        },
        count: {
          description:
            'Adds `count`, the number of responses that match, up to 10,000. `capped` is true if there may be more.',
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
      description: 'The last revision of a response, with its flags.',
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
        'Permanently erases a respondent’s answers: all revisions, their flags, the answers quoted in the follow-up task, and the response’s files. A tombstone with the status `erased` remains. Lists and later exports show it without answers, and nothing can be saved under its id. Erasing it again changes nothing. Copies outside of the database, such as files of earlier exports, are not erased.',
      path: PATH,
      replies: { 204: { description: 'The response is erased.' } },
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
        'Every revision, oldest first, as it was sent, with its flags. `late` lists responses that were acknowledged while the database was unavailable but could not become revisions: each was older than the stored revision, conflicted with it, or used the id of another response. A long history has pages: first all revisions, then `late`.',
      path: PATH,
      query: { cursor: CURSOR },
      replies: {
        200: jsonReply('A page.', ref('Revisions'), { items: [STORED], late: [], next_cursor: null }),
      },
      problems: ['not-yours', 'not-found', 'erased', 'unavailable'],
    },
  }),
  'GET /responses/{response_id}/submissions': route({
    roles: MANAGING,
    query: submissionsQuery,
    handle: listSubmissions,
    docs: !process.env['BUNDLED'] && {
      operationId: 'listSubmissions',
      summary: 'The submissions of a response',
      description:
        'The submissions of ODK Collect, KoboCollect or Enketo in order of arrival: the first submission and its corrections, each with its XML as it was sent. A response that was sent as JSON has none; its history has the answers as they were sent.',
      path: PATH,
      query: { cursor: CURSOR },
      replies: {
        200: jsonReply('A page.', ref('Submissions'), {
          items: [
            {
              instance_id: 'uuid:1b4e28ba-2fa1-11d2-883f-0016d3cca427',
              user_id: 'collector-1',
              received_at: SAVED_AT,
              xml: '<data id="wells" version="1"><depth>12.5</depth></data>',
            },
          ],
          next_cursor: null,
        }),
      },
      problems: ['not-found', 'erased', 'unavailable'],
    },
  }),
};

export const createHandler = createRouter(routes);
