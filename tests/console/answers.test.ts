/** Where the console shows flags, and how it describes changes. */
import {
  answered,
  answerTree,
  changesBetween,
  leavesOf,
  type PlacedFlag,
} from '../../console/src/pages/responses/answers.ts';
import type { Item } from '../../console/src/pages/responses/definition.ts';

const ITEMS: readonly Item[] = [
  { type: 'text', name: 'village', label: { en: 'Village', fr: 'Le village' } },
  {
    type: 'repeat',
    name: 'people',
    label: 'Person',
    questions: [
      { type: 'integer', name: 'age', label: 'Age' },
      { type: 'repeat', name: 'visits', label: 'Visit', questions: [{ type: 'integer', name: 'day', label: 'Day' }] },
    ],
  },
  { type: 'note', name: 'thanks', label: 'Thank you' },
];
const RESPONSE = {
  village: 'Kano',
  people: [
    { age: 9, visits: [{ day: 1 }] },
    { age: 41, visits: [{ day: 2 }, { day: 3 }] },
  ],
};

const flag = (rule: string, questions: string[], entry?: string): PlacedFlag => ({
  rule,
  message: rule,
  questions,
  ...(entry !== undefined && { entry }),
});

/** The rules of the flags at each pointer. */
function placesOf(flags: readonly PlacedFlag[]): { shown: Record<string, string[]>; general: string[] } {
  const { nodes, general } = answerTree(ITEMS, RESPONSE, flags);
  const shown: Record<string, string[]> = {};
  const visit = (inside: typeof nodes): void => {
    for (const node of inside) {
      if (node.flags.length > 0) shown[node.pointer] = node.flags.map(({ rule }) => rule);
      if (node.kind === 'section') visit(node.children);
    }
  };
  visit(nodes);
  return { shown, general: general.map(({ rule }) => rule) };
}

test('a flag is shown at each answer that it names; in a repeat, only in its entry', () => {
  expect(placesOf([flag('A', ['village', 'people/age'], '/people/1')]).shown).toEqual({
    '/village': ['A'],
    '/people/1/age': ['A'],
  });
  expect(placesOf([flag('B', ['people/visits/day'], '/people/1/visits/0')]).shown).toEqual({
    '/people/1/visits/0/day': ['B'],
  });
});

test('a flag about all entries of a repeat is shown at the repeat', () => {
  expect(placesOf([flag('Sum', ['people/age'])]).shown).toEqual({ '/people': ['Sum'] });
  expect(placesOf([flag('Days', ['people/visits/day'], '/people/0')]).shown).toEqual({ '/people/0/visits': ['Days'] });
});

test('a flag that names no question of the form is shown apart from the answers', () => {
  expect(placesOf([flag('DoesNotFit', []), flag('Old', ['removed'])])).toEqual({
    shown: {},
    general: ['DoesNotFit', 'Old'],
  });
});

test('unanswered questions without a flag, and all notes, are left out', () => {
  const { nodes } = answerTree(ITEMS, { people: [{ age: 9 }] }, [flag('Where', ['village'])]);
  expect(leavesOf(answered(nodes)).map(({ pointer }) => pointer)).toEqual(['/village', '/people/0/age']);
});

test('a change names the labels on the path to its question; a removed answer has an empty second side', () => {
  const after = { village: 'Kano', people: [{ age: 19, visits: [{ day: 1 }] }] };
  expect(changesBetween(ITEMS, RESPONSE, after)).toEqual([
    { pointer: '/people/0/age', label: 'Person 1 › Age', before: '9', after: '19' },
    { pointer: '/people/1/age', label: 'Person 2 › Age', before: '41', after: '' },
    { pointer: '/people/1/visits/0/day', label: 'Person 2 › Visit 1 › Day', before: '2', after: '' },
    { pointer: '/people/1/visits/1/day', label: 'Person 2 › Visit 2 › Day', before: '3', after: '' },
  ]);
});
