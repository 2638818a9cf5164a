import { formQuery } from '../../collect-lambdas/forms/base-version.ts';
import { json, ref, type Header, type Parameter, type Tag } from '../model.ts';
import { FORM_ID, query, type Said } from '../parameters.ts';
import { flag, form, household, SAVED_AT } from './samples.ts';

const summary = { form_id: 'household_finances', version: 1, created_at: SAVED_AT, title: 'Household finances' };

const VERSION: Said = {
  description: 'Which version; the last one without it.',
  schema: { type: 'integer', minimum: 1, maximum: 999_999_999 },
};

const ETAG: Record<string, Header> = {
  ETag: { description: 'The version, to be sent as `If-Match` with the next one.', schema: { type: 'string' } },
};

const IF_MATCH: Parameter = {
  in: 'header',
  name: 'If-Match',
  required: false,
  description: 'The `ETag` of the version that was changed: 412 when another one has been stored since.',
  schema: { type: 'string', pattern: '^"[1-9]\\d{0,8}"$' },
  withoutExamples: true,
};

export const forms: Tag = {
  name: 'forms',
  description: 'Forms and their rules, as data.',
  operations: {
    'GET /forms': {
      operationId: 'listForms',
      summary: 'All forms',
      description: 'The last version of each, without its questions.',
      answers: { 200: { description: 'The forms.', content: json(ref('FormList'), { items: [summary] }) } },
      problems: ['unavailable'],
    },
    'GET /forms/{form_id}': {
      operationId: 'getForm',
      summary: 'A form',
      description: 'Its last version, or the one asked for: questions, derived facts and rules.',
      parameters: [FORM_ID, ...query(formQuery, { version: VERSION })],
      answers: { 200: { description: 'The form.', headers: ETAG, content: json(ref('StoredForm'), form) } },
      problems: ['not-found', 'invalid-parameter', 'unavailable'],
    },
    'PUT /forms/{form_id}': {
      operationId: 'putForm',
      summary: 'Make a form, or its next version',
      description:
        'Responses are judged by the new version within a minute; those that are stored keep their flags and the version that judged them. The last version again changes nothing. With `If-Match`, or with the `version` that was read, it is stored only where that is still the last version: nobody’s change is undone unseen. Refused with its faults, the first hundred of them: what the schema says, and also columns used twice, keys that exports use themselves, more than 1,000 comparisons or 2,000 terms in all, facts and operators that do not exist or do not go together, and rules that no answer could break or keep.',
      parameters: [FORM_ID, IF_MATCH],
      body: { 'application/json': ref('FormDefinition') },
      answers: {
        200: {
          description: 'The next version or, sent again as it was, the last one.',
          headers: ETAG,
          content: json(ref('StoredForm'), { ...form, version: 2 }),
        },
        201: { description: 'A new form.', headers: ETAG, content: json(ref('StoredForm'), form) },
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
    'POST /forms/{form_id}/dry-run': {
      operationId: 'dryRun',
      summary: 'What would these rules flag?',
      description:
        "Checks the rules against the last revisions of the form's stored responses, for at most 20 seconds. Nothing is changed.",
      parameters: [FORM_ID],
      body: { 'application/json': ref('DryRunRequest') },
      answers: {
        200: {
          description: 'How many they would flag, by rule.',
          content: json(ref('DryRun'), {
            form_id: 'household_finances',
            checked: 200,
            flagged: 1,
            complete: true,
            rules: [
              { rule: 'Rule1', flagged: 1, unreadable: 0, examples: [{ response_id: household.response_id, ...flag }] },
            ],
          }),
        },
      },
      problems: ['not-json', 'not-found', 'too-large', 'unsupported-media-type', 'invalid-form', 'unavailable'],
    },
  },
};
