import { json, ref, type Tag } from '../model.ts';
import { FORM_ID } from '../parameters.ts';
import { flag, household, SAVED_AT } from './samples.ts';

const summary = { form_id: 'household_finances', version: 1, created_at: SAVED_AT, title: 'Household finances' };

const form = {
  form_id: 'wells',
  title: 'Wells',
  questions: [
    { key: 'How deep is the well, in metres?', column: 'depth', required: true, type: 'decimal' },
    { key: 'Is the well in use?', column: 'in_use', required: false, type: 'boolean' },
  ],
  facts: [],
  rules: [
    {
      name: 'SomeDepth',
      message: 'The well is {How deep is the well, in metres?} m deep. Measure again.',
      conditions: { fact: 'How deep is the well, in metres?', operator: 'greaterThan', value: 0 },
    },
  ],
  version: 1,
  created_at: SAVED_AT,
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
      description: 'Its last version: questions, derived facts and rules.',
      parameters: [FORM_ID],
      answers: { 200: { description: 'The form.', content: json(ref('StoredForm'), form) } },
      problems: ['not-found', 'unavailable'],
    },
    'PUT /forms/{form_id}': {
      operationId: 'putForm',
      summary: 'Make a form, or its next version',
      description:
        'Responses are judged by the new version within a minute; those that are stored keep their flags and the version that judged them. The last version again changes nothing. Refused with every fault: what the schema says, and also columns used twice, facts and operators that do not exist or do not go together, and rules that no answer could break or keep.',
      parameters: [FORM_ID],
      body: { 'application/json': ref('FormDefinition') },
      answers: {
        200: {
          description: 'The next version or, sent again as it was, the last one.',
          content: json(ref('StoredForm'), { ...form, version: 2 }),
        },
        201: { description: 'A new form.', content: json(ref('StoredForm'), form) },
      },
      problems: ['not-json', 'too-large', 'unsupported-media-type', 'invalid-form', 'unavailable'],
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
            rules: [{ rule: 'Rule1', flagged: 1, examples: [{ response_id: household.response_id, ...flag }] }],
          }),
        },
      },
      problems: ['not-json', 'not-found', 'too-large', 'unsupported-media-type', 'invalid-form', 'unavailable'],
    },
  },
};
