/** Corrections of entries of a repeat. */
import { addEntry, correctedResponse, countOf, NO_EDITS, removeEntry, restoreEntry, rowsOf } from './edits.ts';
import type { Item } from './definition.ts';

const ITEMS: readonly Item[] = [
  { type: 'text', name: 'village' },
  {
    type: 'repeat',
    name: 'people',
    label: 'Person',
    questions: [
      { type: 'integer', name: 'age', label: 'Age' },
      { type: 'calculate', name: 'older' },
      { type: 'repeat', name: 'visits', label: 'Visit', questions: [{ type: 'integer', name: 'day', label: 'Day' }] },
    ],
  },
];
const STORED = {
  response_id: 'one',
  response_family_id: 'family',
  user_id: 'ama',
  username: 'Ama',
  location: 'Kano',
  submitted_time: '2026-09-01T06:00:00Z',
  synced_time: '2026-09-01T06:00:00Z',
  last_modified_time: '2026-09-01T06:00:00Z',
  village: 'Kano',
  people: [
    { age: 41, older: '42', visits: [{ day: 1 }] },
    { age: 9, older: '10' },
  ],
};

const corrected = (edits = NO_EDITS) => correctedResponse(ITEMS, STORED, edits, 1, new Date('2026-09-02T06:00:00Z'));

test('without edits the answers stay, and calculations are left to the server', () => {
  expect(corrected().body).toMatchObject({ village: 'Kano', people: [{ age: 41, visits: [{ day: 1 }] }, { age: 9 }] });
  expect(JSON.stringify(corrected().body)).not.toContain('older');
});

test('an entry is removed; a fault in a later entry is shown at its row; restoring the entry leaves no edit', () => {
  const edits = removeEntry({ ...NO_EDITS, texts: new Map([['/people/0/age', '42']]) }, '/people/0');

  expect(countOf(edits)).toBe(1);
  expect(corrected(edits).body['people']).toEqual([{ age: 9 }]);
  expect(corrected(edits).rows.get('/people/0/age')).toBe('/people/1/age');
  expect(rowsOf(ITEMS, STORED, edits).map(({ label }) => label)).toEqual([
    'village',
    'Person 1',
    'Person 2',
    'Person 2 › Age',
    'Person 2 › Visit',
    'Person',
  ]);
  expect(countOf(restoreEntry(edits, '/people/0'))).toBe(0);
});

test('entries are added, also inside an added entry, and taken out again', () => {
  const person = addEntry(NO_EDITS, '/people');
  const visit = addEntry(person.edits, `${person.pointer}/visits`);
  const edits = { ...visit.edits, texts: new Map([[`${visit.pointer}/day`, '7']]) };

  expect(corrected(edits).body['people']).toMatchObject([{ age: 41 }, { age: 9 }, { visits: [{ day: 7 }] }]);
  expect(corrected(edits).rows.get('/people/2/visits/0/day')).toBe('/people/+0/visits/+0/day');
  expect(rowsOf(ITEMS, STORED, edits).map(({ label }) => label)).toContain('Person 3 › Visit 1 › Day');
  expect(removeEntry(edits, person.pointer)).toEqual(NO_EDITS);
  expect(addEntry(removeEntry(addEntry(person.edits, '/people').edits, '/people/+0'), '/people').pointer).toBe(
    '/people/+0',
  );
});

test('an added entry stays apart from an entry of a later revision', () => {
  const { edits, pointer } = addEntry(NO_EDITS, '/people');
  const typed = { ...edits, texts: new Map([[`${pointer}/age`, '5']]) };
  const later = { ...STORED, people: [...STORED.people, { age: 70 }] };

  expect(correctedResponse(ITEMS, later, typed, 1, new Date()).body['people']).toMatchObject([
    { age: 41 },
    { age: 9 },
    { age: 70 },
    { age: 5 },
  ]);
});
