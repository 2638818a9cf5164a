import { metadata } from '../../tests/support/responses.ts';
import { pointersOf, readDefinition } from '../../tests/support/form-samples.ts';
import { parseFormDefinition } from '../definition/read-form.ts';
import { compileUnique, flagNaming, type UniqueKey } from './unique.ts';

const questions = [
  { name: 'id_card', type: 'text', required: false },
  { name: 'born', type: 'date', required: false },
  { name: 'dose', type: 'decimal', required: false },
  { name: 'count', type: 'integer', required: false },
  { name: 'seen', type: 'datetime', required: false },
  { name: 'opens', type: 'time_of_day', required: false },
  { name: 'sure', type: 'boolean', required: false },
  { name: 'sex', type: 'select_one', options: ['f', 'F'], required: false },
  { name: 'signs', type: 'select_multiple', options: ['cough', 'fever'], required: false },
  { name: 'place', type: 'geopoint', required: false },
  { name: 'thanks', type: 'note' },
  { name: 'twice', type: 'calculate', value: { multiply: ['count', 2] } },
  {
    name: 'house',
    type: 'group',
    questions: [
      { name: 'roof', type: 'text', required: false },
      { name: 'rooms', type: 'repeat', questions: [{ name: 'floor', type: 'text', required: false }] },
    ],
  },
];
const list = (changes: object = {}) => ({ name: 'Duplicate', questions: ['id_card'], ...changes });
const form = (...unique: object[]) => ({ form_id: 'people', title: 'People', questions, unique });

function keysOf(answers: object, ...unique: object[]): UniqueKey[] {
  return compileUnique(readDefinition(form(...unique)))({ ...metadata(), ...answers });
}
const hashOf = (answers: object, ...names: string[]) => keysOf(answers, list({ questions: names }))[0]?.hash;

describe('answers that must be unique', () => {
  test.each([
    ['dose', 5, '5.00'],
    ['dose', '-0', '0.0'],
    ['count', 7, 7],
    ['seen', '2026-09-01T09:00:00+03:00', '2026-09-01T06:00:00.000Z'],
    ['opens', '06:30', '06:30:00.0'],
    ['born', '2001-02-03', '2001-02-03'],
    ['sure', false, false],
    ['signs', ['cough', 'fever'], ['fever', 'cough']],
    ['id_card', ' KE  12\t3', 'ke 12 3 '],
    ['id_card', 'Jose\u0301', 'JOS\u00C9'],
  ])('have the same key however they are written: %s %j and %j', (name, one, other) => {
    expect(hashOf({ [name]: one }, name)).toMatch(/^[0-9a-f]{64}$/);
    expect(hashOf({ [name]: one }, name)).toBe(hashOf({ [name]: other }, name));
  });

  test.each([
    ['dose', 5, '5.0001'],
    ['sex', 'f', 'F'],
    ['signs', ['cough'], ['cough', 'fever']],
    ['id_card', 'KE 123', 'KE123'],
    ['id_card', 'Jose', 'José'],
    ['sure', true, false],
  ])('have different keys if they differ: %s %j and %j', (name, one, other) => {
    expect(hashOf({ [name]: one }, name)).not.toBe(hashOf({ [name]: other }, name));
  });

  test('have different keys if two answers are swapped, or if one contains the JSON between two answers', () => {
    const two = (id_card: string, sex: string) => hashOf({ id_card, sex }, 'id_card', 'sex');
    expect(new Set([two('f', 'F'), two('F', 'f'), two('f","F', 'f')]).size).toBe(3);
  });

  test.each([{}, { id_card: null }, { id_card: '  ' }, { id_card: 5 }, { signs: [] }])(
    'are compared only if all questions are answered: %j',
    (answers) => {
      expect(keysOf({ born: '2001-02-03', ...answers }, list({ questions: ['id_card', 'born'] }))).toEqual([]);
    },
  );

  test('may belong to a question in a group; the list names the question by its path', () => {
    const flagOf = (house: unknown, message = '{other}: {house/roof}') => {
      const keys = keysOf({ house }, list({ questions: ['house/roof'], message }));
      return keys.map((key) => flagNaming(key, 'response-7'))[0];
    };

    expect(flagOf({ roof: 'Tin' })).toEqual({
      rule: 'Duplicate',
      message: 'response-7: Tin',
      questions: ['house/roof'],
      values: { 'house/roof': 'Tin' },
    });
    expect([flagOf({}), flagOf(undefined), flagOf(5)]).toEqual([undefined, undefined, undefined]);
    const hashOfRoof = (roof: string) => keysOf({ house: { roof } }, list({ questions: ['house/roof'] }))[0]?.hash;
    expect(hashOfRoof('tin ')).toBe(hashOfRoof('TIN'));
  });

  test('keep their key when the list is renamed, or names its questions in another order', () => {
    const answers = { id_card: 'KE1', born: '2001-02-03' };
    const [one] = keysOf(answers, list({ questions: ['id_card', 'born'] }));
    const [other] = keysOf(answers, list({ name: 'Again', questions: ['born', 'id_card'] }));
    expect(one?.hash).toBe(other?.hash);
  });

  test('have different keys if they belong to different questions, even if they are equal', () => {
    const [one, other] = keysOf(
      { born: '2001-02-03', id_card: '2001-02-03' },
      list(),
      list({ name: 'Born', questions: ['born'] }),
    );
    expect(one?.hash).not.toBe(other?.hash);
  });

  test('are compared with answers submitted at most `within` times 24 hours earlier or later', () => {
    const answers = { id_card: 'KE1', submitted_time: '2026-03-01T09:00:00.5+03:00' };
    expect(keysOf(answers, list({ within: 1 }))).toMatchObject([
      {
        at: '2026-03-01T06:00:00.500000000Z',
        within: { from: '2026-02-28T06:00:00.500000000Z', to: '2026-03-02T06:00:00.500000000Z' },
      },
    ]);
    expect(keysOf(answers, list())[0]).not.toHaveProperty('within');
  });

  test.each([
    ['9999-12-31T00:00:00Z', { from: '9999-12-30T00:00:00.000000000Z', to: '9999-12-31T23:59:59.999999999Z' }],
    ['0000-01-01T00:00:00Z', { from: '0000-01-01T00:00:00.000000000Z', to: '0000-01-02T00:00:00.000000000Z' }],
  ])('are compared in a range that is cut off at the years 0000 and 9999: %s', (submitted_time, within) => {
    expect(keysOf({ id_card: 'KE1', submitted_time }, list({ within: 1 }))).toMatchObject([{ within }]);
  });
});

describe('the flag of a duplicate', () => {
  const flagOf = (answers: object, changes: object = {}, other = 'response-7') =>
    keysOf(answers, list(changes)).map((key) => flagNaming(key, other))[0];

  test('names the rule, the questions, the answers as submitted, and the other response', () => {
    expect(flagOf({ id_card: ' ke1', born: '2001-02-03' }, { questions: ['id_card', 'born'] })).toEqual({
      rule: 'Duplicate',
      message: 'Response response-7 has the same answers to: id_card, born.',
      questions: ['id_card', 'born'],
      values: { id_card: ' ke1', born: '2001-02-03' },
    });
  });

  test('has a message with answers and metadata, in which an answer is never read as a placeholder', () => {
    const message = '{username} sent card {id_card}, born {born}, as {other}.';
    expect(flagOf({ id_card: '{other}$&' }, { message }, '$& {born}')?.message).toBe(
      'Amina sent card {other}$&, born no answer, as $& {born}.',
    );
  });

  test('has a message of bounded length', () => {
    const message = `{other} ${'{id_card}'.repeat(100)}`;
    const flag = flagOf({ id_card: 'é'.repeat(500) }, { message });
    expect(Buffer.byteLength(flag?.message ?? '')).toBeLessThanOrEqual(5_000);
    expect(flag?.message).toMatch(/^response-7 é/);
  });
});

describe('a list of unique questions', () => {
  const faultsOf = (...unique: object[]) => pointersOf(parseFormDefinition(form(...unique)));

  test('is stored as it was sent; a form sent without `unique` is stored without `unique`', () => {
    const unique = [list({ message: 'See {other}.', within: 30 })];
    expect(readDefinition(form(...unique)).unique).toEqual(unique);
    expect(readDefinition({ form_id: 'people', title: 'People', questions })).not.toHaveProperty('unique');
  });

  test.each([
    [list({ questions: [] }), '/unique/0/questions'],
    [list({ questions: Array.from({ length: 11 }, () => 'id_card') }), '/unique/0/questions'],
    [list({ questions: ['nothing'] }), '/unique/0/questions/0'],
    [list({ questions: ['born', 'username'] }), '/unique/0/questions/1'],
    [list({ questions: ['born', 'thanks'] }), '/unique/0/questions/1'],
    [list({ questions: ['born', 'born'] }), '/unique/0/questions/1'],
    [list({ questions: ['place'] }), '/unique/0/questions/0'],
    [list({ questions: ['twice'] }), '/unique/0/questions/0'],
    [list({ questions: ['house'] }), '/unique/0/questions/0'],
    [list({ questions: ['roof'] }), '/unique/0/questions/0'],
    [list({ questions: ['house/rooms'] }), '/unique/0/questions/0'],
    [list({ questions: ['house/rooms/floor'] }), '/unique/0/questions/0'],
    [list({ message: '{other} {house/rooms/floor}' }), '/unique/0/message'],
    [list({ name: 'house/roof' }), '/unique/0/name'],
    [list({ name: 'born' }), '/unique/0/name'],
    [list({ name: 'constructor' }), '/unique/0/name'],
    [list({ within: 0 }), '/unique/0/within'],
    [list({ within: 3_651 }), '/unique/0/within'],
    [list({ message: 'The card is known.' }), '/unique/0/message'],
    [list({ message: '{other} and {other}' }), '/unique/0/message'],
    [list({ message: '{other} {nothing}' }), '/unique/0/message'],
    [list({ message: '{other} {' }), '/unique/0/message'],
    [list({ scope: 'form' }), '/unique/0/scope'],
  ])('is refused, with the place of the fault: %j', (unique, pointer) => {
    expect(faultsOf(unique)).toEqual([pointer]);
  });

  test('may have neither the name of another list or rule, nor the same questions as another list, in any order', () => {
    expect(faultsOf(list(), list({ questions: ['born'] }))).toEqual(['/unique/1/name']);
    expect(
      faultsOf(list({ questions: ['id_card', 'born'] }), list({ name: 'B', questions: ['born', 'id_card'] })),
    ).toEqual(['/unique/1/questions']);
    const rules = [{ name: 'Duplicate', message: 'No.', conditions: { fact: 'count', operator: 'equal', value: 1 } }];
    expect(pointersOf(parseFormDefinition({ ...form(list()), rules }))).toEqual(['/rules/0/name']);
  });

  test('is refused if its form has more than ten lists', () => {
    const lists = questions.slice(0, 9).map(({ name }) => list({ name: `No ${name}`, questions: [name] }));
    const pairs = [
      ['id_card', 'born'],
      ['id_card', 'dose'],
    ].map((names) => list({ name: `Pair ${names.join(' ')}`, questions: names }));
    expect(faultsOf(...lists, ...pairs.slice(1))).toEqual([]);
    expect(faultsOf(...lists, ...pairs)).toEqual(['/unique']);
  });
});
