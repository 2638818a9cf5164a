import * as fc from 'fast-check';
import { readDefinition } from '../../tests/support/form-samples.ts';
import { metadata } from '../../tests/support/responses.ts';
import { compileForm } from './compiled-form.ts';
import { parseFormDefinition } from '../definition/read-form.ts';

const age = { name: 'age', type: 'integer', min: 0, max: 120 };
const visit = { name: 'day', type: 'date' };
const members = {
  name: 'members',
  type: 'repeat',
  questions: [age, { name: 'visits', type: 'repeat', questions: [visit] }],
};
const house = { name: 'house', type: 'group', questions: [{ name: 'roof', type: 'text' }, members] };
const read = (questions: readonly object[], answers: object) =>
  compileForm(readDefinition({ form_id: 'clinic', title: 'Clinic', questions }), 1).readSubmission({
    ...metadata(),
    ...answers,
  });
const faults = (questions: readonly object[], answers: object) => {
  const result = read(questions, answers);
  return result.ok ? [] : result.errors.map(({ pointer }) => pointer);
};
const answersOf = (questions: readonly object[], answers: object) => {
  const result = read(questions, answers);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  const { response, content_hash: hash, paths } = result.submission;
  return { response, hash, paths };
};

describe('a response with groups and repeats', () => {
  test('has objects and lists of objects, without absent answers', () => {
    const sent = {
      house: {
        roof: 'tin',
        members: [
          { age: 41, visits: [{ day: '2026-09-01' }] },
          { age: 9, visits: null },
        ],
      },
    };

    const { response, paths } = answersOf([house], sent);

    expect(response['house']).toEqual({
      roof: 'tin',
      members: [{ age: 41, visits: [{ day: '2026-09-01' }] }, { age: 9 }],
    });
    expect([...paths].filter((path) => path.startsWith('house')).toSorted()).toEqual([
      'house/members',
      'house/members/age',
      'house/members/visits',
      'house/members/visits/day',
      'house/roof',
    ]);
  });

  test('has a fault at each wrong or missing answer', () => {
    const sent = { house: { members: [{ age: 'old' }, {}, 3, { age: 1, visits: [{ day: '2026-02-30' }], pet: 1 }] } };

    expect(faults([house], sent)).toEqual([
      '/house/roof',
      '/house/members/0/age',
      '/house/members/1/age',
      '/house/members/2',
      '/house/members/3/visits/0/day',
      '/house/members/3/pet',
    ]);
    expect(faults([house], {})).toEqual(['/house/roof']);
    expect(faults([house], { house: [] })).toEqual(['/house']);
    expect(faults([members], { members: { age: 1 } })).toEqual(['/members']);
  });

  test("has as many entries as the repeat's min and max allow, and at most 1,000 in all", () => {
    const bounded = { ...members, min: 1, max: 2 };
    const people = (count: number) => Array.from({ length: count }, () => ({ age: 1 }));
    const visits = (count: number) => [
      { age: 1, visits: Array.from({ length: count }, () => ({ day: '2026-09-01' })) },
    ];

    expect([0, 1, 2, 3].map((count) => faults([bounded], { members: people(count) }))).toEqual([
      ['/members'],
      [],
      [],
      ['/members'],
    ]);
    expect(faults([bounded], {})).toEqual(['/members']);
    expect(faults([members], { members: people(1_001) })).toEqual(['/members']);
    expect(faults([members], { members: [...visits(999), ...visits(1)] })).toEqual([]);
    expect(faults([members], { members: [...visits(999), ...visits(2)] })).toEqual(['/members/1/visits']);
  });

  test('with thousands of faults reports only about the first thousand', () => {
    const sent = { members: Array.from({ length: 1_000 }, () => ({ age: 'x', a: 1, b: 2 })) };

    expect(faults([members], sent).length).toBeLessThan(1_010);
  });

  test('has the same content hash for any order of its keys and spelling of its answers', () => {
    const amounts = {
      name: 'costs',
      type: 'repeat',
      questions: [
        { name: 'cost', type: 'decimal' },
        { ...age, required: false },
      ],
    };
    const hashOf = (costs: unknown) => {
      const result = read([amounts], { response_id: 'r-1', costs });
      return result.ok && result.submission.content_hash;
    };

    expect(hashOf([{ cost: '5.00', age: 3 }])).toBe(hashOf([{ age: 3, cost: 5 }]));
    expect(hashOf([])).toBe(hashOf(null));
    expect(
      new Set([hashOf([{ cost: 5 }]), hashOf([{ cost: 5 }, { cost: 5 }]), hashOf([{ cost: 5, age: 3 }]), hashOf([])])
        .size,
    ).toBe(4);
  });

  test('is unchanged when it is stored and read again', () => {
    const entry = fc.record({ age: fc.nat(120), visits: fc.array(fc.record({ day: fc.constant('2028-02-29') })) });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), (list) => {
        const first = answersOf([house], { response_id: 'r-1', house: { roof: 'tin', members: list } });
        const stored: object = JSON.parse(JSON.stringify(first.response));
        expect(answersOf([house], stored)).toEqual(first);
      }),
    );
  });
});

test('an option in a repeat depends on the answer in the same entry, or around the repeat', () => {
  const region = { name: 'region', type: 'select_one', options: ['west', 'east'] };
  const town = (question: string) => ({
    name: 'town',
    type: 'select_one',
    options: [{ name: 'kisumu', if: { question, is: ['west'] } }, 'nairobi'],
  });
  const inEntry = [
    { name: 'trips', type: 'repeat', questions: [{ ...region, required: false }, town('trips/region')] },
  ];
  const around = [region, { name: 'trips', type: 'repeat', questions: [town('region')] }];

  expect(faults(inEntry, { trips: [{ region: 'west', town: 'kisumu' }, { town: 'kisumu' }] })).toEqual([
    '/trips/1/town',
  ]);
  expect(
    faults(inEntry, {
      trips: [
        { region: 'west', town: 'kisumu' },
        { region: 'east', town: 'nairobi' },
      ],
    }),
  ).toEqual([]);
  expect(faults(around, { region: 'east', trips: [{ town: 'nairobi' }, { town: 'kisumu' }] })).toEqual([
    '/trips/1/town',
  ]);
});

describe('a definition with groups and repeats', () => {
  const ofQuestions = (...questions: object[]) => {
    const result = parseFormDefinition({ form_id: 'a', title: 'A', questions });
    return result.ok ? [] : result.errors.map(({ pointer, detail }) => `${pointer} ${detail}`);
  };
  const nested = (depth: number): object =>
    depth === 0 ? age : { name: 'g', type: 'group', questions: [nested(depth - 1)] };

  test('may have the same name in different groups, but not twice in one', () => {
    const group = (name: string, ...questions: object[]) => ({ name, type: 'group', questions });

    expect(ofQuestions(group('a', age), group('b', age), age)).toEqual([]);
    expect(ofQuestions(group('a', age, age))).toEqual([
      '/questions/0/questions/1/name Choose another name; /questions/0/questions/0 has this one.',
    ]);
  });

  test('is at most five levels deep', () => {
    expect(ofQuestions(nested(5))).toEqual([]);
    expect(ofQuestions(nested(6))).toEqual([expect.stringMatching(/at most 5 deep/)]);
  });

  test('reports its faults, including those in a faulty group', () => {
    const repeat = { name: 'r', type: 'repeat', min: 3, max: 2, questions: [{ ...age, min: 9, max: 1 }, age] };

    expect(ofQuestions({ name: 'g', type: 'group', questions: [] })).toHaveLength(1);
    expect(ofQuestions(repeat).map((fault) => fault.split(' ')[0])).toEqual([
      '/questions/0/questions/0/max',
      '/questions/0/max',
      '/questions/0/questions/1/name',
    ]);
    expect(ofQuestions({ ...repeat, questions: [age] }).map((fault) => fault.split(' ')[0])).toEqual([
      '/questions/0/max',
    ]);
  });

  test('has at most 2,000 questions in all', () => {
    const group = (name: string, count: number) => ({
      name,
      type: 'group',
      questions: Array.from({ length: count }, (_, n) => ({ ...age, name: `q${n}` })),
    });

    expect(ofQuestions(group('a', 998), group('b', 1_000))).toEqual([]);
    expect(ofQuestions(group('a', 999), group('b', 1_000))).toEqual([expect.stringContaining('at most 2000')]);
  });

  test('has few faults if a list in a group is far too long', () => {
    const items = Array.from({ length: 100_000 }, (_, n) => ({ ...age, name: n % 2 === 0 ? `q${n}` : 'Q' }));

    const found = ofQuestions({
      name: 'a',
      type: 'group',
      questions: [{ name: 'b', type: 'group', questions: items }],
    });

    expect(found.length).toBeLessThan(2_002);
    expect(found).toContainEqual(expect.stringMatching(/^\/questions Use at most 2000 /));
  });
});
