import { readDefinition } from '../../tests/support/form-samples.ts';
import { plainInstanceOf } from './instance-nodes.ts';
import { flaggedReferences, questionReferences } from './question-references.ts';

const form = readDefinition({
  form_id: 'farms',
  title: 'Farms',
  questions: [
    {
      name: 'people',
      type: 'repeat',
      questions: [
        { name: 'age', type: 'integer' },
        { name: 'visits', type: 'repeat', questions: [{ name: 'day', type: 'date' }] },
      ],
    },
    {
      name: 'house',
      type: 'group',
      questions: [{ name: 'plots', type: 'repeat', questions: [{ name: 'area', type: 'decimal' }] }],
    },
  ],
});
const references = questionReferences(plainInstanceOf(form, 1));

test.each([
  ['/people/1', 'people/age', '/data/people[2]/age'],
  ['/people/1', 'people/visits/day', '/data/people[2]/visits/day'],
  ['/people/1/visits/0', 'people/visits/day', '/data/people[2]/visits[1]/day'],
  ['/people/1/visits/0', 'people/age', '/data/people[2]/age'],
  ['/house/plots/3', 'house/plots/area', '/data/house/plots[4]/area'],
  ['/people/1', 'house/plots/area', '/data/house/plots/area'],
  [undefined, 'people/age', '/data/people/age'],
])('a flag of the entry %s with the question %s refers to %s', (entry, question, reference) => {
  expect(flaggedReferences({ entry, questions: [question] }, references)).toEqual([reference]);
});
