/** Values used by the examples of several replies. No function's bundle contains them. */
import { SAVED_AT } from './route-docs.ts';

export const household = {
  response_id: 'household-17',
  response_family_id: 'family-17',
  user_id: 'collector-1',
  username: 'Adaeze',
  location: 'Kano',
  submitted_time: '2026-09-01T07:00:00+01:00',
  synced_time: '2026-09-01T07:01:00+01:00',
  last_modified_time: '2026-09-01T07:00:00+01:00',
  name: "Niamh O'Neil",
  email: 'niamh@example.org',
  mobile_number: '+2348030000017',
  gender: 'female',
  age: 34,
  'what is the monthly income?': 1850.5,
  'what is the monthly savings?': '250.00',
  'what is the monthly expenditure?': '900',
  'How much money do you spend monthly on food?': 700,
  'How much money do you spend monthly on your cable service?': '45.50',
  'How much money do you spend monthly on healthcare?': 120,
  'How much money do you spend monthly on fuel for your car?': 60,
};

export const flag = {
  rule: 'Rule1',
  message:
    'Monthly expenditure is 900, but food 700, cable 45.50, healthcare 120 and fuel 60 add up to 925.5. Expenditure includes all four, so it cannot be less. Ask about these five amounts again and correct the wrong one.',
  questions: [
    'what is the monthly expenditure?',
    'How much money do you spend monthly on food?',
    'How much money do you spend monthly on your cable service?',
    'How much money do you spend monthly on healthcare?',
    'How much money do you spend monthly on fuel for your car?',
  ],
  values: {
    'what is the monthly expenditure?': '900',
    'How much money do you spend monthly on food?': 700,
    'How much money do you spend monthly on your cable service?': '45.50',
    'How much money do you spend monthly on healthcare?': 120,
    'How much money do you spend monthly on fuel for your car?': 60,
  },
};

export const form = {
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
