import { readDefinition } from '../../tests/support/form-samples.ts';
import { metadata } from '../../tests/support/responses.ts';
import { compileForm } from './compiled-form.ts';
import { parseJson } from '../values/json.ts';
import { parseFormDefinition } from '../definition/read-form.ts';

const pregnant = { name: 'pregnant', type: 'boolean', required: false };
const isPregnant = { fact: 'pregnant', operator: 'equal', value: true };
const weeks = { name: 'weeks', type: 'integer', relevant: isPregnant };
const read = (questions: readonly object[], answers: object, now?: number) =>
  compileForm(readDefinition({ form_id: 'clinic', title: 'Clinic', questions }), 1).readSubmission(
    { ...metadata(), ...answers },
    now,
  );
const faults = (questions: readonly object[], answers: object) => {
  const result = read(questions, answers);
  return result.ok ? [] : result.errors.map(({ pointer }) => pointer);
};
const stored = (questions: readonly object[], answers: object, now?: number) => {
  const result = read(questions, answers, now);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return Object.fromEntries(Object.entries(result.submission.response).slice(8));
};

describe('a question with a condition', () => {
  test('must be answered if it is relevant and required, and only then', () => {
    expect(faults([pregnant, weeks], { pregnant: true, weeks: 12 })).toEqual([]);
    expect(faults([pregnant, weeks], { pregnant: true })).toEqual(['/weeks']);
    expect(faults([pregnant, weeks], { pregnant: false })).toEqual([]);
    expect(faults([pregnant, weeks], {})).toEqual([]);
    expect(faults([pregnant, weeks], { pregnant: false, weeks: 12 })).toEqual(['/weeks']);
    expect(faults([pregnant, weeks], { weeks: 12 })).toEqual(['/weeks']);
    expect(faults([pregnant, { ...weeks, required: false }], { pregnant: true })).toEqual([]);
  });

  test('follows XLSForm if the other question has no answer', () => {
    const asked = (relevant: object) => faults([pregnant, { ...weeks, relevant }], {}).length === 1;

    expect(asked({ fact: 'pregnant', operator: 'notEqual', value: true })).toBe(true);
    expect(asked({ not: isPregnant })).toBe(true);
    expect(asked({ fact: 'pregnant', operator: 'notAnswered' })).toBe(true);
    expect(asked({ fact: 'pregnant', operator: 'answered' })).toBe(false);
    expect(asked({ any: [isPregnant, { fact: 'username', operator: 'in', value: ['Amina'] }] })).toBe(true);
  });

  test('may name metadata', () => {
    const isAmina = { fact: 'username', operator: 'equal', value: 'Amina' };
    const isLate = { fact: 'submitted_time', operator: 'greaterThan', value: '2026-09-01T09:30:00+03:00' };
    const why = { name: 'why', type: 'text', required: isAmina };
    const later = { name: 'later', type: 'text', relevant: isLate };
    const [early, late] = [{}, { submitted_time: '2026-09-01T06:30:00.1Z' }];

    expect(faults([why], {})).toEqual(['/why']);
    expect(faults([why], { username: 'Otieno' })).toEqual([]);
    expect(faults([later], early)).toEqual([]);
    expect(faults([later], { ...early, later: 'x' })).toEqual(['/later']);
    expect(faults([later], late)).toEqual(['/later']);
    expect(faults([later], { ...late, later: 'x' })).toEqual([]);
  });

  test('is required while its condition is true; blanks and an empty list are not an answer', () => {
    const why = { name: 'why', type: 'text', required: isPregnant };
    const signs = { name: 'signs', type: 'select_multiple', options: ['a', 'b'], required: isPregnant };

    expect(faults([pregnant, why, signs], { pregnant: true, why: '  ', signs: [] })).toEqual(['/why', '/signs']);
    expect(read([pregnant, why], { pregnant: true, why: '  ' })).toMatchObject({
      errors: [{ detail: 'Send an answer that is not blank; this question is required.' }],
    });
    expect(faults([pregnant, why, signs], { pregnant: false, why: '  ', signs: [] })).toEqual([]);
    expect(faults([pregnant, why, signs], { pregnant: true, why: 'tests', signs: ['a'] })).toEqual([]);
  });

  test('is judged in each entry of a repeat', () => {
    const people = {
      name: 'people',
      type: 'repeat',
      questions: [pregnant, { ...weeks, relevant: { ...isPregnant, fact: 'people/pregnant' } }],
    };

    expect(faults([people], { people: [{ pregnant: true, weeks: 3 }, { pregnant: true }, { weeks: 4 }] })).toEqual([
      '/people/1/weeks',
      '/people/2/weeks',
    ]);
  });

  test('may depend on a later question and on a derived fact', () => {
    const definition = readDefinition({
      form_id: 'clinic',
      title: 'Clinic',
      questions: [
        { name: 'reason', type: 'text', relevant: { fact: 'total', operator: 'greaterThan', value: 2 } },
        { name: 'sold', type: 'integer' },
      ],
      facts: [{ name: 'total', value: { add: ['sold', 1] } }],
    });
    const form = compileForm(definition, 1);
    const send = (answers: object) => form.readSubmission({ ...metadata(), ...answers }).ok;

    expect([
      send({ sold: 1 }),
      send({ sold: 2 }),
      send({ sold: 2, reason: 'a' }),
      send({ sold: 1, reason: 'a' }),
    ]).toEqual([true, false, true, false]);
  });
});

test('an irrelevant question does not remove the answer to a question with a similar key', () => {
  const sent = { name: 'weeks_sent', type: 'text' };

  expect(stored([pregnant, weeks, sent], { weeks_sent: 'yes' })).toEqual({ weeks_sent: 'yes' });
});

test('a question may have the name of a JavaScript method', () => {
  const questions = [
    pregnant,
    { name: 'a', key: 'toString', type: 'integer', relevant: isPregnant },
    { name: 'b', key: 'valueOf', type: 'integer', required: isPregnant },
  ];

  expect(faults(questions, {})).toEqual([]);
  expect(faults(questions, { pregnant: true })).toEqual(['/toString', '/valueOf']);
});

describe('a group or repeat with a condition', () => {
  const birth = {
    name: 'birth',
    type: 'group',
    relevant: isPregnant,
    questions: [
      { name: 'place', type: 'text' },
      { name: 'twins', type: 'calculate', value: 2 },
    ],
  };
  const checks = {
    name: 'checks',
    type: 'repeat',
    relevant: isPregnant,
    min: 1,
    questions: [{ name: 'day', type: 'date' }],
  };

  test('must have no answers while it is irrelevant, and its required answers while it is relevant', () => {
    expect(faults([pregnant, birth, checks], { pregnant: true })).toEqual(['/birth/place', '/checks']);
    expect(
      faults([pregnant, birth, checks], { pregnant: true, birth: { place: 'home' }, checks: [{ day: '2026-09-01' }] }),
    ).toEqual([]);
    expect(faults([pregnant, birth, checks], { birth: { place: 'home' }, checks: [{ day: '2026-09-01' }] })).toEqual([
      '/birth',
      '/checks',
    ]);
    expect(stored([pregnant, birth, checks], { birth: { place: null, twins: 2 }, checks: [] })).toEqual({});
  });
});

describe('a repeat whose questions no condition and no calculation names', () => {
  const child = { name: 'child', type: 'text' };
  const births = { name: 'births', type: 'repeat', questions: [child] };

  test('has a fault for each required answer that is missing and relevant in an entry', () => {
    const relevant = { ...births, relevant: isPregnant };

    expect(faults([pregnant, relevant], { pregnant: true, births: [{ child: 'Amina' }, {}] })).toEqual([
      '/births/1/child',
    ]);
    expect(
      faults([pregnant, { name: 'g', type: 'group', relevant: isPregnant, questions: [births] }], {
        pregnant: true,
        g: { births: [{}] },
      }),
    ).toEqual(['/g/births/0/child']);
  });

  test('stops after the entry with the thousandth fault', () => {
    const questions = Array.from({ length: 600 }, (_, n) => ({ ...child, name: `q${n}` }));

    const found = faults([pregnant, { ...births, relevant: isPregnant, questions }], {
      pregnant: true,
      births: Array.from({ length: 1_000 }, () => ({})),
    });

    expect(found).toHaveLength(1_200);
  });

  test('has the calculations of each entry', () => {
    const calculate = (name: string, value: unknown) => ({ name, type: 'calculate', value });
    const questions = [
      { ...births, questions: [{ ...child, required: false }, calculate('two', 2), calculate('who', 'username')] },
      calculate('sum', { sum: 'births/two' }),
      calculate('count', { count: 'births/who' }),
    ];

    expect(stored(questions, { births: [{ child: 'Amina' }, {}] })).toEqual({
      births: [
        { child: 'Amina', two: 2, who: 'Amina' },
        { two: 2, who: 'Amina' },
      ],
      sum: 4,
      count: 2,
    });
    expect(stored(questions, {})).toEqual({ sum: 0, count: 0 });
  });
});

describe('a calculation that is not relevant', () => {
  const calculate = (name: string, value: unknown, relevant?: object) => ({ name, type: 'calculate', value, relevant });
  const above = (fact: string, value: number) => ({ fact, operator: 'greaterThan', value });

  test('has no value for other calculations and for conditions', () => {
    const birth = { name: 'birth', type: 'group', relevant: isPregnant, questions: [calculate('risk', 3)] };
    const next = { ...weeks, name: 'next', relevant: above('birth/risk', 2) };
    const questions = [pregnant, birth, calculate('score', { add: ['birth/risk', 1] }), next];

    expect(stored(questions, { pregnant: false })).toEqual({ pregnant: false });
    expect(stored(questions, { pregnant: true, next: 5 })).toEqual({
      pregnant: true,
      birth: { risk: 3 },
      score: 4,
      next: 5,
    });
  });

  test('is left out of a sum over entries', () => {
    const questions = [
      {
        name: 'people',
        type: 'repeat',
        questions: [{ ...pregnant }, calculate('doses', 2, { ...isPregnant, fact: 'people/pregnant' })],
      },
      calculate('total', { sum: 'people/doses' }),
    ];

    expect(stored(questions, { people: [{ pregnant: true }, {}] })).toEqual({
      people: [{ pregnant: true, doses: 2 }, {}],
      total: 2,
    });
  });

  test('may depend on a later calculation, or on a derived fact', () => {
    const definition = readDefinition({
      form_id: 'clinic',
      title: 'Clinic',
      questions: [
        calculate('first', 1, above('second', 1)),
        calculate('second', 2, above('third', 5)),
        { name: 'sold', type: 'integer' },
        calculate('third', 'sold'),
        calculate('fourth', 4, above('more', 7)),
      ],
      facts: [{ name: 'more', value: { add: ['second', 'sold'] } }],
    });
    const send = (sold: number) => {
      const result = compileForm(definition, 1).readSubmission({ ...metadata(), sold });
      return result.ok ? Object.fromEntries(Object.entries(result.submission.response).slice(8)) : undefined;
    };

    expect(send(5)).toEqual({ sold: 5, third: 5 });
    expect(send(6)).toEqual({ first: 1, second: 2, sold: 6, third: 6, fourth: 4 });
  });
});

describe('a calculation', () => {
  const age = { name: 'age', type: 'calculate', value: { days_between: ['born', { now: {} }] } };
  const born = { name: 'born', type: 'date', required: false };
  const now = Date.parse('2026-09-11T12:00:00Z');

  test("has the server's value, and the phone's value beside it", () => {
    expect(stored([born, age], { born: '2026-09-01', age: 9 }, now)).toEqual({
      born: '2026-09-01',
      age: 10,
      age_sent: 9,
    });
    expect(stored([born, age], { born: '2026-09-01' }, now)).toEqual({ born: '2026-09-01', age: 10 });
    expect(stored([born, age], {}, now)).toEqual({});
  });

  test("keeps the phone's value and the content hash when the phone sends the returned response again", () => {
    const first = read([born, age], { response_id: 'r-1', born: '2026-09-01', age: '9 days' }, now);
    if (!first.ok) throw new Error('refused');
    const again = read([born, age], first.submission.response, now + 86_400_000);

    expect(again).toMatchObject({
      submission: { content_hash: first.submission.content_hash, response: { age: 11, age_sent: '9 days' } },
    });
  });

  test('may be sent as any number, and as the list that the server returned', () => {
    const uses = { name: 'uses', type: 'select_multiple', options: ['a', 'b'] };
    const copy = { name: 'copy', type: 'calculate', value: 'uses' };
    const send = (json: string) => {
      const parsed = parseJson(json);
      return stored([uses, copy], { uses: ['b'], ...(parsed.ok && Object(parsed.value)) });
    };

    expect(send('{"copy":12.50}')).toEqual({ uses: ['b'], copy: ['b'], copy_sent: 12.5 });
    expect(send('{"copy":1.5E7}')).toMatchObject({ copy_sent: 15_000_000 });
    expect(send('{"copy":1e400}')).toMatchObject({ copy_sent: '1e400' });
    expect(send('{"copy":["b"]}')).toMatchObject({ copy_sent: ['b'] });
    expect(faults([uses, copy], { uses: ['b'], copy: 'a\u0000' })).toEqual(['/copy']);
    expect(faults([uses, copy], { uses: ['b'], copy: ['a\uD800'] })).toEqual(['/copy']);
    expect(faults([uses, copy], { uses: ['b'], copy: [{}] })).toEqual(['/copy']);
  });

  test('rounds a number to an amount, and copies a list, a text or a time', () => {
    const calculate = (name: string, value: unknown) => ({ name, type: 'calculate', value });
    const uses = { name: 'uses', type: 'select_multiple', options: ['a', 'b'] };
    const answers = stored(
      [
        uses,
        calculate('third', { divide: [1, 3] }),
        calculate('large', { divide: [1_000_000_000_000, 3] }),
        calculate('too_large', { multiply: [100_000_000_000, 100_000] }),
        calculate('copy', 'uses'),
        calculate('who', 'username'),
        calculate('at', { now: {} }),
      ],
      { uses: ['b'] },
      now,
    );

    expect(answers).toEqual({
      uses: ['b'],
      third: 0.3333333333,
      large: 333333333333.333,
      copy: ['b'],
      who: 'Amina',
      at: '2026-09-11T12:00:00Z',
    });
  });

  test('is left out of a response whose calculations have 500,000 bytes already', () => {
    const story = { name: 'story', type: 'text', max_length: 5_000 };
    const questions = [
      story,
      { name: 'r', type: 'repeat', questions: [{ name: 'copy', type: 'calculate', value: 'story' }] },
      { name: 'count', type: 'calculate', value: { count: 'r/copy' } },
    ];

    const answers = stored(questions, { story: 'é'.repeat(5_000), r: Array.from({ length: 1_000 }, () => ({})) });

    const text = JSON.stringify(answers);
    expect(Buffer.byteLength(text)).toBeGreaterThan(450_000);
    expect(Buffer.byteLength(text)).toBeLessThan(520_000);
    expect(answers['r']).toHaveLength(1_000);
  });

  test('sums up the entries of a repeat, and uses earlier calculations', () => {
    const items = {
      name: 'items',
      type: 'repeat',
      questions: [
        { name: 'price', type: 'decimal', required: false },
        { name: 'double', type: 'calculate', value: { multiply: ['items/price', 2] } },
      ],
    };
    const total = { name: 'total', type: 'calculate', value: { sum: 'items/double' } };
    const half = { name: 'half', type: 'calculate', value: { divide: ['total', 2] } };

    expect(stored([items, total, half], { items: [{ price: '0.10' }, {}, { price: 0.2 }] })).toEqual({
      items: [{ price: '0.10', double: 0.2 }, {}, { price: 0.2, double: 0.4 }],
      total: 0.6,
      half: 0.3,
    });
  });

  test('can decide whether a question is relevant, and a rule can compare it', async () => {
    const days = { ...age, value: { days_between: ['born', 'submitted_time'] } };
    const adult = { name: 'job', type: 'text', relevant: { fact: 'age', operator: 'greaterThan', value: 6570 } };
    const rules = [
      { name: 'Old', message: '{age} days', conditions: { fact: 'age', operator: 'lessThan', value: 40_000 } },
    ];
    const form = compileForm(readDefinition({ form_id: 'c', title: 'C', questions: [born, days, adult], rules }), 1);
    const send = (answers: object) => form.readSubmission({ ...metadata(), ...answers });
    const old = send({ born: '1900-01-01', job: 'none' });

    expect([send({ born: '2020-01-01' }).ok, send({ born: '2000-01-01' }).ok]).toEqual([true, false]);
    expect(old.ok && (await form.rules.check(old.submission.response))).toMatchObject([
      { rule: 'Old', message: '46264 days' },
    ]);
  });
});

describe('a definition with conditions of questions', () => {
  const ofQuestions = (...questions: object[]) => {
    const result = parseFormDefinition({ form_id: 'a', title: 'A', questions });
    return result.ok ? [] : result.errors.map(({ pointer }) => pointer);
  };
  const people = { name: 'people', type: 'repeat', questions: [pregnant] };

  test.each([
    [
      'a time that passes while the phone is offline',
      [
        { name: 'late', type: 'calculate', value: { days_between: ['submitted_time', { now: {} }] } },
        { ...pregnant, relevant: { fact: 'late', operator: 'equal', value: 0 } },
      ],
      ['/questions/1/relevant'],
    ],
    ['an unknown fact', [{ ...weeks, relevant: { ...isPregnant, fact: 'sick' } }], ['/questions/0/relevant/fact']],
    [
      'a condition outside a repeat on a fact inside it',
      [people, { ...weeks, relevant: { ...isPregnant, fact: 'people/pregnant' } }],
      ['/questions/1/relevant'],
    ],
    [
      'a required that is a text',
      [{ ...weeks, required: 'yes' }],
      ['/questions/0/relevant/fact', '/questions/0/required'],
    ],
    [
      'a calculation over a repeat',
      [people, { name: 'c', type: 'calculate', value: { length: 'people/pregnant' } }],
      ['/questions/1/value/length'],
    ],
    [
      'a calculation with a later question',
      [{ name: 'c', type: 'calculate', value: 'weeks' }, pregnant, weeks],
      ['/questions/0/value'],
    ],
    ['a relevant that is true', [{ ...weeks, relevant: true }], ['/questions/0/relevant']],
    ['a group whose relevant is false', [{ ...people, relevant: false }], ['/questions/0/relevant']],
    ['a calculation of null', [{ name: 'c', type: 'calculate', value: null }], ['/questions/0/value']],
    [
      'a calculation with the name of a JavaScript member',
      [{ name: 'c', type: 'calculate', value: { constructor: [1] } }],
      ['/questions/0/value'],
    ],
    [
      'a calculation of a place',
      [
        { name: 'p', type: 'geopoint' },
        { name: 'c', type: 'calculate', value: 'p' },
      ],
      ['/questions/1/value'],
    ],
    [
      'a calculation with null inside',
      [{ name: 'c', type: 'calculate', value: { min: null } }],
      ['/questions/0/value/min'],
    ],
    [
      'a group with the key of what a phone computed',
      [
        { name: 'c', type: 'calculate', value: 1 },
        { name: 'c_sent', type: 'group', questions: [pregnant] },
      ],
      ['/questions/1/name'],
    ],
    [
      'a note with the key of what a phone computed',
      [
        { name: 'c_sent', type: 'note' },
        { name: 'c', type: 'calculate', value: 1 },
      ],
      ['/questions/1/name'],
    ],
    [
      'a group with the key of metadata',
      [{ name: 'v', key: 'form_version', type: 'group', questions: [pregnant] }],
      ['/questions/0/key'],
    ],
    [
      'the column of a calculation',
      [
        { name: 'c', type: 'calculate', value: 1 },
        { name: 'c_sent', type: 'text' },
      ],
      ['/questions/1/name'],
    ],
    [
      'a constraint that no answer can break',
      [{ ...pregnant, constraint: { message: 'M', conditions: { any: [isPregnant, { not: isPregnant }] } } }],
      ['/questions/0/constraint/conditions'],
    ],
    [
      'a constraint with an unknown placeholder',
      [{ ...pregnant, constraint: { message: '{x}', conditions: isPregnant } }],
      ['/questions/0/constraint/message'],
    ],
  ])('is refused for %s', (_what, questions, pointers) => {
    expect(ofQuestions(...questions)).toEqual(pointers);
  });

  test('counts the work of calculations in each entry, with the conditions around them', () => {
    const either = { any: Array.from({ length: 11 }, () => isPregnant) };
    const calculations = Array.from({ length: 10 }, (_, n) => ({
      name: `c${n}`,
      type: 'calculate',
      value: { add: [1, 1] },
    }));
    const group = (members: object) => [pregnant, { name: 'r', type: 'repeat', questions: calculations, ...members }];

    expect(ofQuestions(...group({}))).toEqual([]);
    expect(ofQuestions(...group({ relevant: either }))).toEqual(['/questions']);
    expect(ofQuestions(...group({ relevant: either, max: 700 }))).toEqual([]);
    expect(
      ofQuestions(
        ...group({ questions: Array.from({ length: 60 }, (_, n) => ({ ...calculations[0], name: `c${n}` })) }),
      ),
    ).toEqual(['/questions']);
  });

  test('may have more conditions in a repeat if its max is smaller than a thousand', () => {
    const many = Array.from({ length: 101 }, (_, n) => ({
      ...weeks,
      name: `q${n}`,
      relevant: { ...isPregnant, fact: 'people/pregnant' },
    }));
    const roster = (members: object) => ({
      name: 'people',
      type: 'repeat',
      questions: [pregnant, ...many],
      ...members,
    });

    expect(ofQuestions(roster({}))).toEqual(['/questions']);
    expect(ofQuestions(roster({ max: 100 }))).toEqual([]);
  });
});
