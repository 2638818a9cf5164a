import type { FormDefinition } from '../../forms/definition/form-definition.ts';
import { readDefinition } from './form-samples.ts';

const adult = { fact: 'people/age', operator: 'greaterThanInclusive', value: 18 };

/** A form with everything that an XForm expresses in a special way: languages, cascades, nested repeats, awkward texts. */
export function everyKindOfForm(): FormDefinition {
  return readDefinition({
    form_id: 'every_kind',
    title: 'Households & "their" water <2026>',
    questions: [
      {
        name: 'phone',
        type: 'text',
        label: { en: "The collector's phone", 'pt-BR': 'Telefone' },
        default: 'it\'s "1"',
      },
      { name: 'meta', type: 'text', pattern: String.raw`[^\s[&]{2,}|\d+\.\d{2}`, required: false },
      { name: 'serial', type: 'integer', max: 99_999_999_999, required: false },
      { name: 'weight', type: 'decimal', min: '0.5', max: 250, places: 3 },
      { name: 'region', type: 'select_one', options: [{ name: 'west', label: { fr: 'Ouest' } }, 'north east'] },
      {
        name: 'town',
        type: 'select_one',
        options: [
          { name: 'kisumu', label: { en: 'Kisumu', fr: 'Kisoumou' }, if: { question: 'region', is: ['west'] } },
          { name: 'garissa', if: { question: 'region', is: ['north east'] } },
          'other',
        ],
      },
      { name: 'uses', type: 'select_multiple', options: ['drinking', 'garden', 'cattle'], min: 1, max: 2 },
      { name: 'visited', type: 'datetime', default: '2026-09-01T09:00:00.123456+03:00' },
      { name: 'opens', type: 'time_of_day', default: '08:30', required: false },
      { name: 'home', type: 'geopoint', default: { latitude: -1.29, longitude: 36.82 }, required: false },
      { name: 'photo', type: 'image', required: false },
      {
        name: 'people',
        type: 'repeat',
        label: { en: 'Person', fr: 'Personne' },
        min: 1,
        max: 12,
        questions: [
          { name: 'age', type: 'integer', min: 0, max: 120 },
          { name: 'born', type: 'date', required: false },
          { name: 'works', type: 'boolean', relevant: adult },
          {
            name: 'job',
            type: 'group',
            relevant: adult,
            questions: [
              { name: 'pay', type: 'decimal', required: { fact: 'people/works', operator: 'equal', value: true } },
            ],
          },
          {
            name: 'meals',
            type: 'repeat',
            max: 5,
            questions: [
              {
                name: 'kind',
                type: 'select_one',
                options: ['rice', { name: 'fish', if: { question: 'region', is: ['west'] } }],
              },
              {
                name: 'grams',
                type: 'decimal',
                places: 1,
                constraint: {
                  message: '{people/meals/grams} g?',
                  conditions: { fact: 'people/meals/grams', operator: 'lessThan', value: 2000 },
                },
              },
            ],
          },
          { name: 'years', type: 'calculate', value: { years_between: ['people/born', 'visited'] } },
        ],
      },
      { name: 'wells', type: 'repeat', min: 2, max: 2, questions: [{ name: 'depth', type: 'decimal' }] },
      { name: 'share', type: 'calculate', value: { divide: [{ sum: 'people/age' }, { count: 'people' }] } },
      {
        name: 'computed',
        type: 'group',
        questions: [{ name: 'twice', type: 'calculate', value: { multiply: ['weight', 2] } }],
      },
      { name: 'first', type: 'text', required: false, relevant: { fact: 'second', operator: 'notEqual', value: 'a' } },
      { name: 'second', type: 'text', required: false, relevant: { fact: 'first', operator: 'notEqual', value: 'b' } },
      { name: 'thanks', type: 'note', label: { en: 'Thank you.', fr: 'Merci.' } },
    ],
    facts: [
      { name: 'pay', value: { sum: 'people/job/pay' } },
      { name: 'deepest', value: { max: 'wells/depth' } },
      { name: 'eaten', value: { sum: 'people/meals/grams' } },
      { name: 'fed', value: { sum: { sum: 'people/meals/grams' } } },
      { name: 'ago', value: { days_between: ['visited', { now: {} }] } },
    ],
    rules: [
      {
        name: 'Paid',
        message: 'They earn {pay} in all.',
        conditions: { fact: 'pay', operator: 'greaterThan', value: 0 },
      },
      {
        name: 'Deep',
        message: '{deepest} m',
        conditions: { fact: 'deepest', operator: 'between', value: [1, '99.5'] },
      },
      {
        name: 'Eaten',
        message: 'Person {people} eats {eaten} g.',
        conditions: { fact: 'eaten', operator: 'lessThan', value: 9000 },
      },
      {
        name: 'Soon',
        message: '{ago} days ago',
        conditions: { fact: 'ago', operator: 'lessThanInclusive', value: 30 },
      },
      {
        name: 'Early',
        message: 'It opens at {opens}.',
        conditions: {
          any: [
            { fact: 'opens', operator: 'lessThan', value: '09:00' },
            { not: { fact: 'uses', operator: 'selected', value: 'garden' } },
          ],
        },
      },
      {
        name: 'Older',
        message: '{people/age}',
        conditions: { fact: 'people/years', operator: 'equal', value: { fact: 'people/age' } },
      },
      {
        name: 'Written',
        message: 'Write {meta}',
        conditions: {
          any: [
            { fact: 'meta', operator: 'answered' },
            { fact: 'weight', operator: 'lessThan', value: 200 },
          ],
        },
      },
    ],
  });
}
