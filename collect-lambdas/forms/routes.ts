import { EVERY_ROLE, MANAGING, READING } from '../shared/access.ts';
import { flag, form, household } from '../shared/doc-samples.ts';
import { FORM_ID, jsonReply, ref, SAVED_AT, type HeaderDocs } from '../shared/route-docs.ts';
import { createRouter, route } from '../shared/route.ts';
import { formQuery } from '../shared/base-version.ts';
import {
  deleteForm,
  getForm,
  getRejudge,
  getVersion,
  listForms,
  listVersions,
  putForm,
  rejudgeBody,
  startRejudge,
  tryRules,
} from './handler.ts';

export const about = !process.env['BUNDLED'] && 'Forms: their questions and rules.';

const PATH = { form_id: FORM_ID };

const VERSION_NUMBER = { type: 'integer', minimum: 1, maximum: 999_999_999 };

const REJUDGE_ID = '5c1d7f0e-8a4b-4e53-9a55-3f0c4d2b7a90';

const VERSION_ETAG: Record<string, HeaderDocs> = {
  ETag: { description: 'The version. Send it as `If-Match` with a change.', schema: { type: 'string' } },
};

export const routes = {
  'GET /forms': route({
    roles: EVERY_ROLE,
    handle: listForms,
    docs: !process.env['BUNDLED'] && {
      operationId: 'listForms',
      summary: 'All forms',
      description:
        'The newest version of each form, without its questions. Managers and viewers also get its number of `responses`, and how many are `open`: flagged or returned. They are up to some seconds old, and count the same responses as `GET /forms/{form_id}/quality`.',
      replies: {
        200: jsonReply('The forms.', ref('FormList'), {
          items: [
            {
              form_id: 'household_finances',
              version: 1,
              created_at: SAVED_AT,
              title: 'Household finances',
              state: 'open',
              responses: 1204,
              open: 41,
            },
          ],
        }),
      },
      problems: ['unavailable'],
      smoke: 'list',
    },
  }),
  'GET /forms/{form_id}': route({
    roles: EVERY_ROLE,
    query: formQuery,
    handle: getForm,
    docs: !process.env['BUNDLED'] && {
      operationId: 'getForm',
      summary: 'A form',
      description: 'The newest or the requested version of a form: its questions, derived facts and rules.',
      path: PATH,
      query: {
        version: {
          description: 'Which version; by default the newest.',
          schema: VERSION_NUMBER,
        },
      },
      replies: { 200: jsonReply('The form.', ref('StoredForm'), form, VERSION_ETAG) },
      problems: ['not-found', 'unavailable'],
    },
  }),
  'GET /forms/{form_id}/versions': route({
    roles: EVERY_ROLE,
    handle: listVersions,
    docs: !process.env['BUNDLED'] && {
      operationId: 'listVersions',
      summary: 'The versions of a form',
      description: 'The number and the time of each version, the newest first.',
      path: PATH,
      replies: {
        200: jsonReply('The versions.', ref('FormVersionList'), { items: [{ version: 1, created_at: SAVED_AT }] }),
      },
      problems: ['not-found', 'unavailable'],
    },
  }),
  'GET /forms/{form_id}/versions/{version}': route({
    roles: EVERY_ROLE,
    handle: getVersion,
    docs: !process.env['BUNDLED'] && {
      operationId: 'getVersion',
      summary: 'A version of a form',
      description: 'The questions, derived facts and rules of one version. A version never changes.',
      path: {
        ...PATH,
        version: { description: 'The number of the version.', schema: VERSION_NUMBER, example: '1' },
      },
      replies: { 200: jsonReply('The form.', ref('StoredForm'), form, VERSION_ETAG) },
      problems: ['not-found', 'unavailable'],
    },
  }),
  'PUT /forms/{form_id}': route({
    roles: MANAGING,
    handle: putForm,
    docs: !process.env['BUNDLED'] && {
      operationId: 'putForm',
      summary: 'Create a form, or its next version',
      description:
        'Within a minute, responses are checked by the new version. Stored responses keep their flags and the version that checked them, until `POST /forms/{form_id}/rejudge`. Storing the newest version again changes nothing. With `If-Match`, or with `version` in the body, the form is stored only if that version is still the newest, so that two editors cannot overwrite each other’s changes. An error reply lists the first hundred faults. Besides violations of the schema, these are: columns used twice, keys that exports use themselves, more than 1,000 comparisons or 2,000 terms in total, unknown facts or operators, operators and values that do not fit the type of a fact, and rules that every response or no response would break.',
      path: PATH,
      headers: {
        'If-Match': {
          description: 'The `ETag` of the version on which the change is based; `412` if it is not the newest version.',
          schema: { type: 'string', pattern: '^"[1-9]\\d{0,8}"$' },
          withoutExamples: true,
        },
      },
      body: { 'application/json': ref('FormDefinition') },
      replies: {
        200: jsonReply(
          'The new version, or the newest version if nothing changed.',
          ref('StoredForm'),
          { ...form, version: 2 },
          VERSION_ETAG,
        ),
        201: jsonReply('A new form.', ref('StoredForm'), form, VERSION_ETAG),
      },
      problems: [
        'not-json',
        'form-changed',
        'xform-id-taken',
        'too-large',
        'unsupported-media-type',
        'invalid-form',
        'invalid-parameter',
        'unavailable',
      ],
    },
  }),
  'DELETE /forms/{form_id}': route({
    roles: MANAGING,
    handle: deleteForm,
    docs: !process.env['BUNDLED'] && {
      operationId: 'deleteForm',
      summary: 'Delete a form without responses',
      description:
        'Deletes all versions of a form, the XForms and media that were uploaded for it, and the responses to its draft. A form with responses stays: close it instead.',
      path: PATH,
      replies: { 204: { description: 'The form is deleted.' } },
      problems: ['not-found', 'form-in-use', 'unavailable'],
    },
  }),
  'POST /forms/{form_id}/dry-run': route({
    roles: MANAGING,
    handle: tryRules,
    docs: !process.env['BUNDLED'] && {
      operationId: 'dryRun',
      summary: 'Try a form on stored responses',
      description:
        "Checks the last revisions of the form's stored responses against proposed rules, for at most 20 seconds, and changes nothing. A proposal is a whole definition, or rules and derived facts in place of the form's own. `by_collector` lists up to 50 collectors, the largest share of flagged responses first.",
      path: PATH,
      body: { 'application/json': ref('DryRunRequest') },
      replies: {
        200: jsonReply('How many responses each rule would flag.', ref('DryRun'), {
          form_id: 'household_finances',
          checked: 200,
          flagged: 1,
          complete: true,
          rules: [
            {
              rule: 'Rule1',
              flagged: 1,
              checked: 190,
              not_applicable: 10,
              unreadable: 0,
              examples: [{ response_id: household.response_id, ...flag }],
            },
          ],
          by_collector: [{ user_id: 'collector-1', checked: 20, flagged: 1 }],
        }),
      },
      problems: ['not-json', 'not-found', 'too-large', 'unsupported-media-type', 'invalid-form', 'unavailable'],
    },
  }),
  'POST /forms/{form_id}/rejudge': route({
    roles: MANAGING,
    body: rejudgeBody,
    handle: startRejudge,
    docs: !process.env['BUNDLED'] && {
      operationId: 'startRejudge',
      summary: 'Judge stored responses by the newest rules',
      description:
        'Starts a re-judge and replies immediately; `status_url` shows its progress. A re-judge checks the last revision of each stored response by the rules of the newest version. If the flags change, the response gets a new revision with the same answers, and an event is published. Send `{}` for all responses, or `since` for those saved at or after that time. A duplicate request returns the re-judge already queued or running.',
      path: PATH,
      replies: {
        202: jsonReply(
          'The re-judge is queued or already running.',
          ref('RejudgeAccepted'),
          {
            rejudge_id: REJUDGE_ID,
            status: 'queued',
            status_url: `/forms/household_finances/rejudge/${REJUDGE_ID}`,
          },
          {
            Location: { description: 'The address of the re-judge.', schema: { type: 'string', pattern: '^/forms/' } },
          },
        ),
      },
      problems: ['not-found', 'unavailable'],
    },
  }),
  'GET /forms/{form_id}/rejudge/{rejudge_id}': route({
    roles: READING,
    handle: getRejudge,
    docs: !process.env['BUNDLED'] && {
      operationId: 'getRejudge',
      summary: 'The progress of a re-judge',
      description: 'How many responses were checked so far, and how many have other flags now.',
      path: {
        ...PATH,
        rejudge_id: {
          description: 'The id that `POST /forms/{form_id}/rejudge` returned.',
          schema: { type: 'string' },
          example: REJUDGE_ID,
        },
      },
      replies: {
        200: jsonReply('The re-judge.', ref('Rejudge'), {
          rejudge_id: REJUDGE_ID,
          form_id: 'household_finances',
          rules_version: 2,
          since: null,
          status: 'succeeded',
          responses_total: 200,
          checked: 200,
          changed: 3,
          error: null,
          created_at: SAVED_AT,
          started_at: SAVED_AT,
          finished_at: SAVED_AT,
        }),
      },
      problems: ['not-found', 'unavailable'],
    },
  }),
};

export const createHandler = createRouter(routes);
