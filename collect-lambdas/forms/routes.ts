import { EVERY_ROLE, MANAGING } from '../shared/access.ts';
import { flag, form, household } from '../shared/doc-samples.ts';
import { FORM_ID, json, jsonReply, ref, SAVED_AT, type HeaderDocs } from '../shared/route-docs.ts';
import { createRouter, route } from '../shared/route.ts';
import { formQuery } from './base-version.ts';
import { getForm, listForms, putForm, tryRules } from './handler.ts';

export const about = !process.env['BUNDLED'] && 'Forms and their rules, as data.';

const PATH = { form_id: FORM_ID };

const VERSION_ETAG: Record<string, HeaderDocs> = {
  ETag: { description: 'The version. Send it as `If-Match` with the next one.', schema: { type: 'string' } },
};

export const routes = {
  'GET /forms': route({
    roles: EVERY_ROLE,
    handle: listForms,
    docs: !process.env['BUNDLED'] && {
      operationId: 'listForms',
      summary: 'All forms',
      description: 'The last version of each, without its questions.',
      replies: {
        200: jsonReply('The forms.', ref('FormList'), {
          items: [{ form_id: 'household_finances', version: 1, created_at: SAVED_AT, title: 'Household finances' }],
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
      description: 'Its last version, or the requested one: questions, derived facts and rules.',
      path: PATH,
      query: {
        version: {
          description: 'Which version; by default the last one.',
          schema: { type: 'integer', minimum: 1, maximum: 999_999_999 },
        },
      },
      replies: { 200: { description: 'The form.', headers: VERSION_ETAG, content: json(ref('StoredForm'), form) } },
      problems: ['not-found', 'unavailable'],
    },
  }),
  'PUT /forms/{form_id}': route({
    roles: MANAGING,
    handle: putForm,
    docs: !process.env['BUNDLED'] && {
      operationId: 'putForm',
      summary: 'Make a form, or its next version',
      description:
        'The new version judges responses within a minute. Stored responses keep their flags and the version that judged them. Storing the last version again changes nothing. With `If-Match`, or with the `version` that you read, it is stored only if that is still the last version, so nobody’s change is overwritten unseen. A refusal names the first hundred faults: beyond the schema, columns used twice, keys that exports use themselves, more than 1,000 comparisons or 2,000 terms in all, unknown facts and operators or ones that do not go together, and rules that no answer could break or keep.',
      path: PATH,
      headers: {
        'If-Match': {
          description: 'The `ETag` of the version that you changed: 412 if another one was stored since.',
          schema: { type: 'string', pattern: '^"[1-9]\\d{0,8}"$' },
          withoutExamples: true,
        },
      },
      body: { 'application/json': ref('FormDefinition') },
      replies: {
        200: {
          description: 'The next version, or the last one if nothing changed.',
          headers: VERSION_ETAG,
          content: json(ref('StoredForm'), { ...form, version: 2 }),
        },
        201: { description: 'A new form.', headers: VERSION_ETAG, content: json(ref('StoredForm'), form) },
      },
      problems: [
        'not-json',
        'form-changed',
        'too-large',
        'unsupported-media-type',
        'invalid-form',
        'invalid-parameter',
        'unavailable',
      ],
    },
  }),
  'POST /forms/{form_id}/dry-run': route({
    roles: MANAGING,
    handle: tryRules,
    docs: !process.env['BUNDLED'] && {
      operationId: 'dryRun',
      summary: 'What would these rules flag?',
      description:
        "Checks the rules against the last revisions of the form's stored responses, for at most 20 seconds. Nothing is changed.",
      path: PATH,
      body: { 'application/json': ref('DryRunRequest') },
      replies: {
        200: jsonReply('How many they would flag, by rule.', ref('DryRun'), {
          form_id: 'household_finances',
          checked: 200,
          flagged: 1,
          complete: true,
          rules: [
            { rule: 'Rule1', flagged: 1, unreadable: 0, examples: [{ response_id: household.response_id, ...flag }] },
          ],
        }),
      },
      problems: ['not-json', 'not-found', 'too-large', 'unsupported-media-type', 'invalid-form', 'unavailable'],
    },
  }),
};

export const createHandler = createRouter(routes);
