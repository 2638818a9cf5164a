import * as fc from 'fast-check';
import { compileForm } from './compiled-form.ts';
import { householdFinances } from '../definition/household-finances.ts';
import { JsonNumber, parseJson } from '../values/json.ts';
import { fieldsOf, METADATA } from '../definition/metadata.ts';
import { MAX_UNKNOWN_KEYS } from './sections.ts';
import type { Submission } from './submission.ts';
import {
  EXPENDITURE,
  INCOME,
  pointersOf,
  readDefinition,
  sampleDefinition,
  sampleResponse,
  SAVINGS,
} from '../../tests/support/form-samples.ts';

const form = compileForm(householdFinances, 3);
const errorsOf = (changes: Record<string, unknown>) => pointersOf(form.readSubmission(sampleResponse(changes)));
const read = (changes: Record<string, unknown> = {}, by = form): Submission => {
  const result = by.readSubmission(sampleResponse(changes));
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.submission;
};
const fault = (value: unknown, key = 'name') => errorsOf({ [key]: value });

describe('a response that is read', () => {
  test('has the version of the form, amounts as submitted, and its last change as an instant', () => {
    expect(read({ last_modified_time: '2026-09-01T09:00:00+03:00' })).toMatchObject({
      response_id: 'r-1',
      form_id: 'household_finances',
      form_version: 3,
      user_id: 'collector-1',
      last_modified: '2026-09-01T06:00:00.000000000Z',
      response: { last_modified_time: '2026-09-01T09:00:00+03:00', [INCOME]: 3000, [SAVINGS]: '500.00' },
    });
  });

  test('has its keys in the order of the form, metadata first, regardless of the order in which they were sent', () => {
    const { response } = read();
    const turned = form.readSubmission(Object.fromEntries(Object.entries(sampleResponse()).toReversed()));
    expect(Object.keys(response)).toEqual(fieldsOf(householdFinances).map(({ key }) => key));
    expect(turned.ok && JSON.stringify(turned.submission.response)).toBe(JSON.stringify(response));
  });

  test.each([0, 130])('may have an age at a limit, %d', (age) => {
    expect(fault(age, 'age')).toEqual([]);
  });

  test('has amounts in an unusual notation as plain numbers', () => {
    const { response } = read({
      [INCOME]: new JsonNumber('3000.10'),
      [SAVINGS]: new JsonNumber('-0'),
      age: new JsonNumber('-0'),
    });
    expect([response[INCOME], response[SAVINGS], response['age']]).toEqual([3000.1, 0, 0]);
  });

  test.each([
    "Noor O'Neil",
    '=cmd()',
    "'; DROP TABLE responses; --",
    '<script>',
    ' two  blanks ',
    'Zoë 😀',
    'a\u2028',
    'a'.repeat(200),
    '😀'.repeat(200),
  ])('may have the name %j', (name) => {
    expect(read({ name }).response['name']).toBe(name);
  });
});

describe('a response that is refused', () => {
  test.each([null, undefined, 5, 'text', true, [], [sampleResponse()], new JsonNumber('1.0')])(
    'is not an object: %p',
    (input) => {
      expect(pointersOf(form.readSubmission(input))).toEqual(['']);
    },
  );

  test('has a fault for every required key if it is empty', () => {
    expect(pointersOf(form.readSubmission({}))).toHaveLength(METADATA.length + householdFinances.questions.length);
  });

  test.each(['', ' ', '\u00a0\u2003'])('has only %j as the answer to a required text', (blank) => {
    const keys = ['name', 'username', 'location'];
    const result = form.readSubmission(sampleResponse(Object.fromEntries(keys.map((key) => [key, blank]))));
    expect(result.ok ? [] : result.errors.map(({ detail }) => detail)).toEqual(
      keys.map(() => 'Send an answer that is not blank; this question is required.'),
    );
    const optional = compileForm(readDefinition(sampleDefinition()), 1);
    const { response_id: _id, ...metadata } = Object.fromEntries(
      METADATA.map(({ key }) => [key, sampleResponse()[key]]),
    );
    const answers = { people: 1, price: 2, source: 'tap', works: true, notes: blank };
    expect(pointersOf(optional.readSubmission({ response_id: 'a', ...metadata, ...answers }))).toEqual([]);
  });

  test.each(['.', '..'])('has the id %j, which a URL cannot contain', (id) => {
    expect(errorsOf({ response_id: id, user_id: id })).toEqual(['/response_id', '/user_id']);
    expect(errorsOf({ response_id: `${id}a` })).toEqual([]);
  });

  test('has all its faults reported together', () => {
    const changes = {
      name: undefined,
      age: '87',
      [INCOME]: '12,5',
      submitted_time: 'today',
      extra: 1,
      'a/b~c': 1,
      user_id: null,
    };
    expect(errorsOf(changes)).toEqual(
      ['/a~1b~0c', '/age', '/extra', '/name', '/submitted_time', '/user_id', `/${INCOME}`].toSorted(),
    );
  });

  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'has the unknown key %s',
    (key) => {
      const parsed = parseJson(JSON.stringify(sampleResponse()).replace('{', `{${JSON.stringify(key)}:{"age":1},`));
      expect(parsed.ok && pointersOf(form.readSubmission(parsed.value))).toEqual([`/${key}`]);
    },
  );

  test('does not inherit keys from a prototype', () => {
    const response: unknown = Object.create(sampleResponse());
    expect(pointersOf(form.readSubmission(response))).toContain('/response_id');
  });

  test('has a misspelt key, and the fault suggests the most similar key', () => {
    const { [INCOME]: income, gender, ...rest } = sampleResponse();
    const result = form.readSubmission({
      ...rest,
      'What is the monthly income': income,
      gendre: gender,
      wholly_other: 1,
    });
    const details = result.ok
      ? []
      : result.errors.filter(({ detail }) => detail.startsWith('Remove')).map(({ detail }) => detail);
    expect(details).toEqual([
      `Remove this key; the form does not have it. Did you mean "${INCOME}"?`,
      'Remove this key; the form does not have it. Did you mean "gender"?',
      'Remove this key; the form does not have it.',
    ]);
  });

  test('has many unknown keys: the faults name the first of them and count the rest', () => {
    const result = form.readSubmission(
      sampleResponse(Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`x${n}`, n]))),
    );
    expect(result.ok ? [] : result.errors).toHaveLength(MAX_UNKNOWN_KEYS + 1);
    expect(result.ok ? undefined : result.errors.at(-1)).toEqual({
      pointer: '',
      detail: 'Remove 10 more keys that the form does not have.',
    });
  });

  test.each([
    [5],
    [true],
    [{}],
    [['a']],
    ['a'.repeat(201)],
    ['😀'.repeat(201)],
    ['a\tb'],
    ['a\nb'],
    ['\u0000'],
    ['\u007f'],
    ['\u0085'],
    ['\ud800'],
    ['a\udc00'],
  ])('has a name that is not a text of at most 200 printable characters: %j', (name) => {
    expect(fault(name)).toEqual(['/name']);
  });

  test.each([[''], [' r'], ['r '], ['r\u00a0'], ['a'.repeat(129)], [5], ['a\nb']])('has an invalid id: %j', (id) => {
    for (const key of ['response_id', 'response_family_id', 'user_id']) expect(fault(id, key)).toEqual([`/${key}`]);
  });

  test.each([
    [-1],
    [131],
    [41.5],
    ['41'],
    [true],
    [new JsonNumber('41.0')],
    [new JsonNumber('4e1')],
    [new JsonNumber('1e400')],
    [Number.NaN],
  ])('has an age that is not a whole number from 0 to 130: %p', (age) => {
    expect(fault(age, 'age')).toEqual(['/age']);
  });

  test.each([
    ['NaN'],
    ['Infinity'],
    ['12,5'],
    [' 5'],
    [''],
    ['1e2'],
    [true],
    [[1]],
    [{ source: '1' }],
    [new JsonNumber('1e400')],
    [0.123456],
  ])('has an amount that is not a plain decimal: %p', (amount) => {
    expect(fault(amount, EXPENDITURE)).toEqual([`/${EXPENDITURE}`]);
  });

  test.each([['2026-09-01'], ['2026-09-01T06:00:00'], ['2027-02-29T00:00:00Z'], [1_788_242_400]])(
    'has an invalid time: %p',
    (time) => {
      expect(fault(time, 'synced_time')).toEqual(['/synced_time']);
    },
  );

  test('never makes the reader throw, for any JSON value', () => {
    const keys = fc.constantFrom(...fieldsOf(householdFinances).map(({ key }) => key), '__proto__', 'x');
    const responses = fc.oneof(fc.jsonValue(), fc.dictionary(keys, fc.jsonValue()));
    fc.assert(fc.property(responses, (value) => expect(() => form.readSubmission(value)).not.toThrow()));
  });
});

describe('answers of every type', () => {
  const definition = readDefinition(sampleDefinition());
  const water = compileForm(definition, 1);
  const household = sampleResponse();
  const base = Object.fromEntries(METADATA.map(({ key }) => [key, household[key]]));
  const answers = { people: 3, price: '1.5', source: 'well', works: false };
  const pointers = (changes: Record<string, unknown>) =>
    pointersOf(water.readSubmission({ ...base, ...answers, ...changes }));

  test('may be left out or null if they are optional, with the same result', () => {
    const without = water.readSubmission({ ...base, ...answers });
    const withNull = water.readSubmission({ ...base, ...answers, fee: null, notes: null });
    expect(without.ok && Object.hasOwn(without.submission.response, 'fee')).toBe(false);
    expect(withNull).toEqual(without);
  });

  test('are each checked by their question’s type', () => {
    expect(pointers({ source: 'sea', works: 'true', built: 'then', notes: 'x'.repeat(21) })).toEqual([
      '/built',
      '/notes',
      '/source',
      '/works',
    ]);
    expect(pointers({ source: 0, works: 0, people: null })).toEqual(['/people', '/source', '/works']);
  });

  test.each(definition.questions.map(({ key }) => key))('are neither objects nor lists: %s', (key) => {
    expect([pointers({ [key]: {} }), pointers({ [key]: ['1'] })]).toEqual([[`/${key}`], [`/${key}`]]);
  });

  test('may have lines and tabs only if the question allows it, and no other control character', () => {
    expect(pointers({ notes: 'a\n\tb' })).toEqual([]);
    expect(pointers({ notes: 'a\rb' })).toEqual(['/notes']);
  });

  test('are refused unless the question’s pattern matches the whole text', () => {
    const questions = [{ key: 'a', column: 'a', type: 'text', pattern: '[A-Z]{2}[0-9]{3,20}' }];
    const form = compileForm(readDefinition({ form_id: 'a', title: 'A', questions }), 1);
    const refused = ['KE12', 'xKE123', 'ke123', 'KE123\n'].map((a) => pointersOf(form.readSubmission({ ...base, a })));
    expect(pointersOf(form.readSubmission({ ...base, a: 'KE123456789' }))).toEqual([]);
    expect(refused).toEqual([['/a'], ['/a'], ['/a'], ['/a']]);
  });

  test.each([
    ['opened', ['2028-02-29'], ['2027-02-29', '2026-9-1', '2026-09-01T00:00:00Z', 20260901]],
    ['opens_at', ['06:30', '23:59:59', '06:30:00.5'], ['24:00', '6:30', '06:30Z', '06:30:00.1234', 630]],
    ['visited', ['2026-09-01T06:00:00+03:00'], ['2026-09-01', '2026-09-01T06:00:00']],
    ['region', ['north', 'south'], ['North', 'west', ['north']]],
    ['uses', [['garden'], [], ['garden', 'drinking']], ['garden', ['sand'], ['garden', 'garden'], [1], [null]]],
    [
      'place',
      [
        { latitude: -1.29, longitude: 36.82 },
        { latitude: 90, longitude: -180, altitude: null, accuracy: 4.5 },
      ],
      [
        { latitude: 91, longitude: 0 },
        { latitude: 0 },
        { latitude: '0', longitude: 0 },
        { latitude: 0, longitude: 0, accuracy: -1 },
        { latitude: 0, longitude: 0, speed: 1 },
        [0, 0],
        '0 0',
      ],
    ],
    ['photo', ['a.jpg', 'é photo.jpg'], ['', ' ', '.', '..', 'a/b.jpg', 'a\\b.jpg', 'a\nb', 'a'.repeat(256), 5]],
    ['thanks', [null], ['', true, 'yes']],
  ])('%s accepts %j and refuses %j', (key, accepted, refused) => {
    expect(accepted.filter((value) => pointers({ [key]: value }).length > 0)).toEqual([]);
    expect(refused.filter((value) => pointers({ [key]: value }).join() !== `/${key}`)).toEqual([]);
  });

  test('are options that the answer to an earlier question allows', () => {
    const faultOf = (changes: Record<string, unknown>) => {
      const result = water.readSubmission({ ...base, ...answers, ...changes });
      return result.ok ? undefined : result.errors.map(({ detail }) => detail).join();
    };
    const refusal = 'Send another option; cattle is only for the answer north to "region".';

    expect(faultOf({ region: 'north', uses: ['cattle'] })).toBeUndefined();
    expect([faultOf({ region: 'south', uses: ['cattle'] }), faultOf({ uses: ['cattle'] })]).toEqual([refusal, refusal]);
  });

  test('are not faulty only because the answer that they depend on is', () => {
    const faults = (changes: Record<string, unknown>) => pointers({ uses: ['cattle'], ...changes });

    expect([faults({ region: 'west' }), faults({ region: 5 })]).toEqual([['/region'], ['/region']]);
    expect(faults({ region: 'west', uses: ['fish'] })).toEqual(['/region', '/uses']);
    expect(faults({ region: 'south' })).toEqual(['/uses']);
  });

  test('are not faulty only because a required answer that they depend on is missing', () => {
    const questions = [
      { name: 'region', type: 'select_one', options: ['north', 'south'] },
      { name: 'town', type: 'select_one', options: [{ name: 'abc', if: { question: 'region', is: ['north'] } }] },
    ];
    const form = compileForm(readDefinition({ form_id: 'a', title: 'A', questions }), 1);

    expect(pointersOf(form.readSubmission({ ...base, town: 'abc' }))).toEqual(['/region']);
    expect(pointersOf(form.readSubmission({ ...base, region: null, town: 'abc' }))).toEqual(['/region']);
  });

  test('are amounts within the bounds and places of their question', () => {
    const questions = [
      { name: 'a', type: 'decimal', min: '-0.5', max: 1e3, places: 10, required: false },
      { name: 'b', type: 'decimal', places: 0, required: false },
    ];
    const form = compileForm(readDefinition({ form_id: 'a', title: 'A', questions }), 1);
    const faults = (response: object) => pointersOf(form.readSubmission({ ...base, ...response }));
    const tiny = form.readSubmission({ ...base, a: new JsonNumber('0.0000001') });

    for (const a of ['-0.50', 1000, '0.0000000001']) expect(faults({ a })).toEqual([]);
    for (const a of ['-0.5000000001', 1000.01, '0.00000000001']) expect(faults({ a })).toEqual(['/a']);
    expect([faults({ b: '5' }), faults({ b: '5.0' }), faults({ b: 0.5 })]).toEqual([[], ['/b'], ['/b']]);
    expect(tiny.ok && tiny.submission.response['a']).toBe('0.0000001');
  });

  test('are compared with tiny bounds, which advice writes without an exponent', () => {
    const questions = [{ name: 'a', type: 'decimal', min: 1e-7, max: '0.50', default: 1e-7, places: 10 }];
    const form = compileForm(readDefinition({ form_id: 'a', title: 'A', questions }), 1);
    const result = form.readSubmission({ ...base, a: 0 });

    expect(pointersOf(form.readSubmission({ ...base, a: 1e-7 }))).toEqual([]);
    expect(result.ok || result.errors).toEqual([
      { pointer: '/a', detail: 'Send an amount from 0.0000001 up to 0.50 with at most 10 decimals.' },
    ]);
  });

  test('have one content hash for all orders of the chosen options and of the members of a place', () => {
    const hashOf = (changes: Record<string, unknown>) => {
      const result = water.readSubmission({ ...base, ...answers, ...changes });
      return result.ok && result.submission.content_hash;
    };
    const first = hashOf({ uses: ['garden', 'drinking'], place: { latitude: 1, longitude: 2 } });

    expect(first).toBe(hashOf({ uses: ['drinking', 'garden'], place: { longitude: 2, latitude: 1, altitude: null } }));
    expect(first).not.toBe(hashOf({ uses: ['garden'], place: { latitude: 1, longitude: 2 } }));
  });
});
