import * as fc from 'fast-check';
import { parseFormDefinition } from './read-form.ts';
import { JsonNumber } from '../values/json.ts';
import { formWithRule, pointersOf, sampleDefinition } from '../../tests/support/form-samples.ts';
import { runs } from '../../tests/support/thorough.ts';

/** The pointers of the faults in a rule's conditions, relative to the conditions. */
function pointers(conditions: unknown): string[] {
  const rules = [{ name: 'R', message: 'Look.', conditions }];
  return pointersOf(parseFormDefinition(sampleDefinition({ rules }))).map((pointer) =>
    pointer.replace('/rules/0/conditions', ''),
  );
}
const compare = (fact: unknown, operator: unknown, value: unknown) => ({ fact, operator, value });

describe('conditions that are accepted', () => {
  test.each([
    [compare('price', 'lessThan', 5)],
    [compare('price', 'greaterThanInclusive', '-12.50')],
    [compare('price', 'equal', { fact: 'cost' })],
    [compare('people', 'in', [0, 500, '7'])],
    [compare('people', 'lessThan', 0.5)],
    [compare('people', 'greaterThan', 0)],
    [compare('people', 'lessThanInclusive', 499)],
    [compare('source', 'notIn', ['well', 'tap'])],
    [compare('notes', 'notEqual', '')],
    [compare('notes', 'equal', { fact: 'source' })],
    [compare('built', 'lessThanInclusive', { fact: 'repaired' })],
    [compare('built', 'greaterThan', '2000-01-01T00:00:00+01:00')],
    [compare('works', 'equal', true)],
    [compare('submitted_time', 'greaterThan', { fact: 'built' })],
    [compare('username', 'in', ['amina', 'otieno'])],
    [compare('notes', 'matches', '[A-Z]{2}[0-9]+')],
    [{ all: [compare('notes', 'matches', 'a+'), compare('notes', 'notIn', ['aa', 'b'])] }],
    [compare('source', 'selected', 'well')],
    [{ any: [compare('uses', 'selected', 'garden'), compare('uses', 'selected', 'cattle')] }],
    [{ any: [{ fact: 'uses', operator: 'notAnswered' }, compare('uses', 'selected', 'garden')] }],
    [compare('opened', 'between', ['2020-01-01', '2026-12-31'])],
    [compare('opens_at', 'lessThan', '12:00')],
    [compare('opens_at', 'greaterThan', '00:00')],
    [compare('opens_at', 'lessThan', '00:00:00.001')],
    [{ all: [compare('opens_at', 'greaterThan', '10:00'), compare('opens_at', 'lessThan', '10:00:00.002')] }],
    [{ all: [compare('opened', 'greaterThan', '2028-02-28'), compare('opened', 'lessThan', '2028-03-01')] }],
    [compare('photo', 'notEqual', 'a.jpg')],
    [{ fact: 'place', operator: 'answered' }],
    [compare('people', 'between', [-5, 499])],
    [compare('cost', 'between', ['1.5', 1.5])],
    [compare('built', 'between', ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z'])],
    [{ fact: 'fee', operator: 'answered' }],
    [{ any: [{ fact: 'notes', operator: 'notAnswered' }, compare('works', 'equal', true)] }],
    [{ any: [{ not: { all: [compare('works', 'equal', false)] } }, compare('price', 'lessThan', 1)] }],
  ])('%j', (conditions) => {
    expect(pointers(conditions)).toEqual([]);
  });

  test('are returned as sent, with unusual numbers as plain numbers', () => {
    const form = formWithRule({
      all: [compare('price', 'lessThan', new JsonNumber('12.10')), compare('fee', 'in', [new JsonNumber('-0'), '1.0'])],
    });
    expect(JSON.stringify(form.rules[0]?.conditions)).toBe(
      '{"all":[{"fact":"price","operator":"lessThan","value":12.1},{"fact":"fee","operator":"in","value":[0,"1.0"]}]}',
    );
  });
});

describe('conditions that are refused', () => {
  test.each([
    ['nothing', undefined, ['']],
    ['null', null, ['']],
    ['a list', [], ['']],
    ['an empty object', {}, ['/fact', '/operator', '/value']],
    ['no conditions in a group', { all: [] }, ['/all']],
    ['no conditions in a nested group', { all: [{ any: [] }] }, ['/all/0/any']],
    ['a group that is not a list', { any: compare('price', 'lessThan', 1) }, ['/any']],
    ['a list to negate', { not: [compare('price', 'lessThan', 1)] }, ['/not']],
    ['two groups in one', { all: [compare('price', 'lessThan', 1)], any: [] }, ['/any']],
    ['an unknown fact', compare('rice', 'lessThan', 1), ['/fact']],
    ['metadata in an order that it does not have', compare('user_id', 'lessThan', 'a'), ['/operator']],
    ['whether metadata is answered', { fact: 'user_id', operator: 'answered' }, ['/fact']],
    ['a prototype key as a fact', compare('constructor', 'equal', 1), ['/fact']],
    ['an unknown operator', compare('price', 'contains', 1), ['/operator']],
    ['a decorated operator', compare('price', 'not:lessThan', 1), ['/operator']],
    ['no value', { fact: 'price', operator: 'lessThan' }, ['/value']],
    ['a path', { ...compare('price', 'lessThan', 1), path: '$.x' }, ['/path']],
    [
      'params, priority and a name',
      { ...compare('price', 'lessThan', 1), params: {}, priority: 1, name: 'x' },
      ['/name', '/params', '/priority'],
    ],
    ['a named condition', { condition: 'other' }, ['/condition', '/fact', '/operator', '/value']],
    ['a fact with a path as a value', compare('price', 'lessThan', { fact: 'cost', path: '$' }), ['/value']],
    ['an unknown fact as a value', compare('price', 'lessThan', { fact: 'x' }), ['/value/fact']],
    ['a fact compared to itself', compare('price', 'lessThanInclusive', { fact: 'price' }), ['/value/fact']],
    ['a number compared to a text', compare('price', 'equal', { fact: 'notes' }), ['/value/fact']],
    ['a number compared to text', compare('price', 'equal', 'cheap'), ['/value']],
    ['a number compared to true', compare('price', 'equal', true), ['/value']],
    ['a number compared to null', compare('price', 'equal', null), ['/value']],
    ['an amount that is not plain', compare('price', 'lessThan', new JsonNumber('1e2')), ['/value']],
    ['a number beyond doubles', compare('price', 'lessThan', Infinity), ['/value']],
    ['a text compared to a number', compare('notes', 'equal', 5), ['/value']],
    ['texts put in order', compare('notes', 'lessThan', 'b'), ['/operator']],
    ['options put in order', compare('source', 'greaterThan', 'tap'), ['/operator']],
    ['a boolean put in order', compare('works', 'lessThan', true), ['/operator']],
    ['a boolean in a list', compare('works', 'in', [true]), ['/operator']],
    ['a boolean compared to text', compare('works', 'equal', 'true'), ['/value']],
    ['an invalid time', compare('built', 'lessThan', '2027-02-29T00:00:00Z'), ['/value']],
    ['a time compared to a number', compare('built', 'lessThan', 5), ['/value']],
    ['a list for one value', compare('price', 'equal', [1]), ['/value']],
    ['one value for a list', compare('price', 'in', 1), ['/value']],
    ['a fact for a list', compare('price', 'in', { fact: 'cost' }), ['/value/fact']],
    ['an empty list', compare('price', 'in', []), ['/value']],
    ['a list of different kinds', compare('price', 'in', [1, 'a', {}]), ['/value/1', '/value/2']],
    ['one bound', compare('price', 'between', [1]), ['/value']],
    ['three bounds', compare('price', 'between', [1, 2, 3]), ['/value']],
    ['bounds in the wrong order', compare('price', 'between', [10, 9]), ['/value']],
    ['bounds of another kind', compare('price', 'between', [1, true]), ['/value/1']],
    ['bounds of a text', compare('notes', 'between', ['a', 'b']), ['/operator']],
    ['a fact as a bound', compare('price', 'between', [{ fact: 'cost' }, 2]), ['/value/0']],
    ['a pattern of a number', compare('price', 'matches', '1'), ['/operator']],
    ['a pattern of options', compare('source', 'matches', 'well|tap'), ['/operator']],
    ['a pattern of metadata', compare('username', 'matches', 'a+'), ['/fact']],
    ['a pattern that is a number', compare('notes', 'matches', 1), ['/value']],
    ['a pattern that is a fact', compare('notes', 'matches', { fact: 'source' }), ['/value/fact']],
    ['a pattern that is not linear', compare('notes', 'matches', '(a)\\1'), ['/value']],
    ['an option that a list does not have', compare('uses', 'selected', 'washing'), ['/value']],
    ['a list of options that is equal', compare('uses', 'equal', 'garden'), ['/operator']],
    ['an option of a text', compare('notes', 'selected', 'a'), ['/operator']],
    ['a selected fact', compare('source', 'selected', { fact: 'notes' }), ['/value/fact']],
    ['an option that is not known', compare('source', 'selected', 'sea'), ['/value']],
    ['a value for answered', compare('fee', 'answered', true), ['/value']],
    ['whether a derived fact is answered', { fact: 'cost', operator: 'answered' }, ['/fact']],
    ['whether a required question is answered', { fact: 'price', operator: 'answered' }, ['']],
    ['an unknown option', compare('source', 'equal', 'sea'), ['/value']],
    ['unknown options', compare('source', 'in', ['well', 'sea']), ['/value/1']],
    ['a text that is too long to be an answer', compare('notes', 'equal', 'x'.repeat(21)), ['/value']],
    ['metadata that is blank', compare('username', 'equal', ' '), ['/value']],
    ['an id with blanks around it', compare('user_id', 'in', ['a', 'a ']), ['/value/1']],
    ['the name of a file with a path', compare('photo', 'equal', 'a/b'), ['/value']],
    ['the name of a file that is blank', compare('photo', 'notEqual', ''), ['/value']],
    ['a time of day before midnight', compare('opens_at', 'lessThan', '00:00'), ['']],
    ['every time of day', compare('opens_at', 'greaterThanInclusive', '00:00'), ['']],
    ['a time of day after the last millisecond', compare('opens_at', 'greaterThan', '23:59:59.999'), ['']],
    ['a date after the last', compare('opened', 'greaterThan', '9999-12-31'), ['']],
    ['a date before the first', compare('opened', 'lessThan', '0000-01-01'), ['']],
  ])('for example: %s', (_what, conditions, expected) => {
    expect(pointers(conditions)).toEqual(expected);
  });

  test.each([
    ['lessThan', 0],
    ['lessThan', 501],
    ['lessThanInclusive', -1],
    ['lessThanInclusive', 500],
    ['greaterThan', 500],
    ['greaterThan', '-0.5'],
    ['greaterThanInclusive', 501],
    ['greaterThanInclusive', 0],
    ['equal', 501],
    ['equal', 2.5],
    ['notEqual', -1],
  ])('for example: %s %p, which whole numbers from 0 to 500 always or never meet', (operator, value) => {
    expect(pointers(compare('people', operator, value))).toEqual(['/value']);
  });

  const a = (operator: string, value: unknown) => compare('people', operator, value);
  const fee = (operator: string, value?: unknown) => ({ fact: 'fee', operator, ...(value !== undefined && { value }) });
  const price = compare('price', 'lessThan', 1);
  test.each([
    ['no number is below 5 and above 10', { all: [a('lessThan', 5), a('greaterThan', 10)] }, ['']],
    ['every number is below 5 or not', { any: [a('lessThan', 5), a('greaterThanInclusive', 5)] }, ['']],
    ['no whole number is between 4 and 5', { all: [price, a('greaterThan', 4), a('lessThan', 5)] }, ['']],
    ['a nested group decides nothing', { any: [price, { all: [a('equal', 3), a('equal', 4), price] }] }, ['/any/1']],
    [
      'a negated group decides nothing',
      { all: [price, { not: { any: [a('lessThan', 9), a('greaterThan', 8)] } }] },
      ['/all/1/not'],
    ],
    ['a range holds every answer', a('between', [-1, 500]), ['']],
    ['ranges do not meet', { all: [a('between', [1, 5]), a('between', [6, 9])] }, ['']],
    [
      'the only text allowed does not match',
      { all: [compare('notes', 'matches', 'a'), compare('notes', 'equal', 'b')] },
      [''],
    ],
    [
      'an option is chosen and not chosen',
      { all: [compare('uses', 'selected', 'garden'), { not: compare('uses', 'selected', 'garden') }] },
      [''],
    ],
    [
      'an option is chosen without an answer',
      { all: [{ fact: 'uses', operator: 'notAnswered' }, compare('uses', 'selected', 'garden')] },
      [''],
    ],
    ['it is answered or not', { any: [fee('answered'), fee('notAnswered')] }, ['']],
    ['it is both absent and 5', { all: [fee('notAnswered'), fee('equal', 5)] }, ['']],
    [
      'an answer below 5 is above 6',
      { any: [fee('notAnswered'), { all: [fee('answered'), fee('lessThan', 5), fee('greaterThan', 6)] }] },
      ['/any/1'],
    ],
    ['a value is required and excluded', { all: [a('in', [1, 2]), a('notIn', [2, 1, 0])] }, ['']],
    [
      'a sum cannot be below 5 and equal to 5',
      { all: [compare('cost', 'lessThan', 5), compare('cost', 'equal', '5.00')] },
      [''],
    ],
    [
      'a time cannot be before and after the same instant',
      {
        all: [
          compare('built', 'lessThan', '2026-01-01T00:00:00Z'),
          compare('built', 'greaterThan', '2026-01-01T01:00:00+01:00'),
        ],
      },
      [''],
    ],
    [
      'no date is between adjacent days',
      { all: [compare('opened', 'greaterThan', '2028-02-28'), compare('opened', 'lessThan', '2028-02-29')] },
      [''],
    ],
    [
      'no time of day is between adjacent milliseconds',
      { all: [compare('opens_at', 'greaterThan', '09:59:59.999'), compare('opens_at', 'lessThan', '10:00')] },
      [''],
    ],
    ['all options are listed', compare('source', 'in', ['tap', 'well', 'river']), ['']],
    ['no text equals two texts', { all: [compare('notes', 'equal', 'a'), compare('notes', 'equal', 'b')] }, ['']],
    [
      'a boolean is one or the other',
      { any: [compare('works', 'equal', true), compare('works', 'equal', false)] },
      [''],
    ],
  ])('because they decide nothing: %s', (_what, conditions, expected) => {
    expect(pointers(conditions)).toEqual(expected);
  });

  const impossible = compare('people', 'lessThan', 0);

  test('get a fault for an impossible bound together with the other faults of the rule', () => {
    const conditions = { any: [impossible, compare('rice', 'lessThan', 1), { not: { all: [impossible] } }] };
    expect(pointers(conditions)).toEqual(['/any/0/value', '/any/1/fact', '/any/2/not/all/0/value']);
  });

  test('for example: an impossible bound in a rule that is too large for the check of its groups', () => {
    const even = Array.from({ length: 500 }, (_, index) => 2 * index);
    const lists = Array.from({ length: 99 }, () => compare('n', 'in', even));
    const conditions = { any: [...lists, compare('n', 'lessThan', -10)] };
    const questions = [{ key: 'n', column: 'n', type: 'integer', min: -10 }];
    const rules = [{ name: 'R', message: 'Look.', conditions }];
    const faults = pointersOf(parseFormDefinition({ form_id: 'a', title: 'A', questions, rules }));
    expect(faults).toEqual(['/rules/0/conditions/any/99/value']);
  });

  test.each([
    ['notes', 'x'.repeat(21), 'no answer can be this text. Use at most 20 characters; this has 21.'],
    ['notes', 'a\u0007', 'no answer can be this text. Remove the control characters other than tabs and line feeds.'],
    [
      'notes',
      '\ud800',
      'no answer can be this text. Send whole Unicode characters; this has half of a surrogate pair.',
    ],
    ['people', 501, 'the answers are whole numbers from 0 up to 500.'],
  ])('get a fault that says which limit of %s the constant breaks (%#)', (fact, constant, reason) => {
    const rules = [{ name: 'R', message: 'Look.', conditions: compare(fact, 'equal', constant) }];
    const result = parseFormDefinition(sampleDefinition({ rules }));
    expect(result).toMatchObject({ errors: [{ detail: `Choose another constant; ${reason}` }] });
  });

  const range = (fact: string, low: unknown, high: unknown) => ({
    all: [compare(fact, 'greaterThan', low), compare(fact, 'lessThan', high)],
  });
  const COUNTED = {
    form_id: 'a',
    title: 'A',
    questions: [
      { name: 'level', type: 'decimal', places: 0 },
      { name: 'price', type: 'decimal', places: 1, min: '-0.5', max: 3 },
      { name: 'notes', type: 'text', required: false },
      { name: 'size', type: 'calculate', value: { length: 'notes' } },
      { name: 'people', type: 'repeat', questions: [{ name: 'age', type: 'integer' }] },
    ],
    facts: [
      { name: 'members', value: { count: 'people/age' } },
      { name: 'characters', value: { length: 'notes' } },
    ],
  };
  test.each([
    [range('level', 1, 2), ['']],
    [range('level', '-2.00', '-1.00'), ['']],
    [range('level', 1, '2.1'), []],
    [{ all: [compare('level', 'greaterThanInclusive', '1.00'), compare('level', 'lessThan', 2)] }, []],
    [range('price', '1.1', '1.2'), ['']],
    [range('price', '1.15', '1.2'), ['']],
    [range('price', '1.15', '1.25'), []],
    [range('price', '1.1', '1.3'), []],
    [compare('price', 'lessThan', '-0.45'), []],
    [compare('price', 'lessThan', '-0.5'), ['/value']],
    [compare('price', 'lessThanInclusive', '3.0'), ['/value']],
    [compare('size', 'lessThan', 0), ['/value']],
    [compare('size', 'lessThan', 1), []],
    [compare('members', 'greaterThanInclusive', 0), ['/value']],
    [compare('members', 'equal', 0), []],
    [compare('characters', 'equal', 1.5), ['/value']],
    [range('characters', 0, 2), []],
    [compare('people', 'lessThan', 1), ['/value']],
    [compare('people', 'greaterThan', 1), []],
  ])('if the decimal places, or the whole numbers of a count, leave only one outcome: %j', (conditions, expected) => {
    const rules = [{ name: 'R', message: 'Look.', conditions }];
    const faults = pointersOf(parseFormDefinition({ ...COUNTED, rules }));
    expect(faults.map((pointer) => pointer.replace('/rules/0/conditions', ''))).toEqual(expected);
  });

  const has = (option: string) => compare('uses', 'selected', option);
  test.each([
    [{ options: ['a', 'b', 'c'], max: 1 }, { all: [has('a'), has('b')] }, ['']],
    [{ options: ['a', 'b', 'c'], max: 2 }, { all: [has('a'), has('b')] }, []],
    [{ options: ['a', 'b', 'c'], max: 1 }, { any: [has('a'), has('b')] }, []],
    [{ options: ['a', 'b'] }, { any: [has('a'), has('b')] }, ['']],
    [{ options: ['a', 'b'], required: false }, { any: [has('a'), has('b')] }, []],
    [{ options: ['a', 'b', 'c'], min: 2 }, { any: [has('a'), has('b')] }, ['']],
    [{ options: ['a', 'b', 'c'], min: 2 }, has('a'), []],
    [{ options: ['a', 'b'], min: 2 }, has('a'), ['/value']],
    [{ options: ['a'] }, has('a'), ['/value']],
    [{ options: ['a'], required: false }, has('a'), []],
    [{ type: 'select_one', options: ['a'] }, has('a'), ['/value']],
  ])('because of the number of options that an answer to %j has: %j', (changes, conditions, expected) => {
    const questions = [{ name: 'uses', type: 'select_multiple', ...changes }];
    const rules = [{ name: 'R', message: 'Look.', conditions }];
    const faults = pointersOf(parseFormDefinition({ form_id: 'a', title: 'A', questions, rules }));
    expect(faults.map((pointer) => pointer.replace('/rules/0/conditions', ''))).toEqual(expected);
  });

  test.each(['equal', 'notEqual'])('for example: %s a blank text, which a required question never has', (operator) => {
    const faults = (changes: Record<string, unknown>) => {
      const questions = [
        { name: 'works', type: 'boolean' },
        { name: 'a', type: 'text', ...changes },
      ];
      const rules = [{ name: 'R', message: 'Look.', conditions: compare('a', operator, '') }];
      return pointersOf(parseFormDefinition({ form_id: 'a', title: 'A', questions, rules }));
    };
    expect(faults({})).toEqual(['/rules/0/conditions/value']);
    expect(faults({ required: false })).toEqual([]);
    expect(faults({ relevant: compare('works', 'equal', true) })).toEqual([]);
  });

  test.each([
    [{}, 'whole numbers'],
    [{ min: 0 }, 'whole numbers from 0'],
    [{ max: 9 }, 'whole numbers up to 9'],
  ])('get a fault that names only the bounds that the question has, %j', (bounds, answers) => {
    const questions = [{ key: 'people', column: 'people', type: 'integer', ...bounds }];
    const rules = [{ name: 'R', message: 'Look.', conditions: compare('people', 'equal', 2.5) }];
    const result = parseFormDefinition({ form_id: 'a', title: 'A', questions, rules });
    expect(result).toMatchObject({ errors: [{ detail: `Choose another constant; the answers are ${answers}.` }] });
  });

  test('because they decide nothing are never true or never false', () => {
    const leaf = fc.oneof(
      fc.record({
        fact: fc.constant('people'),
        operator: fc.constantFrom(
          'equal',
          'notEqual',
          'lessThan',
          'lessThanInclusive',
          'greaterThan',
          'greaterThanInclusive',
        ),
        value: fc.integer({ min: 1, max: 4 }),
      }),
      fc.record({
        fact: fc.constant('people'),
        operator: fc.constantFrom('in', 'notIn'),
        value: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 }),
      }),
      fc.record({
        fact: fc.constant('source'),
        operator: fc.constantFrom('in', 'notIn'),
        value: fc.subarray(SOURCES, { minLength: 1 }),
      }),
      fc.record({ fact: fc.constant('works'), operator: fc.constantFrom('equal', 'notEqual'), value: fc.boolean() }),
      fc.record({
        fact: fc.constant('people'),
        operator: fc.constant('between'),
        value: fc.tuple(fc.integer({ min: -1, max: 6 }), fc.nat(3)).map(([low, width]) => [low, low + width]),
      }),
      fc.record({ fact: fc.constant('people'), operator: fc.constantFrom('answered', 'notAnswered') }),
      fc.record({
        fact: fc.constant('day'),
        operator: fc.constantFrom('equal', 'lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'),
        value: fc.constantFrom(...LAST_DAYS),
      }),
      fc.record({
        fact: fc.constant('level'),
        operator: fc.constantFrom('lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'),
        value: fc.constantFrom(0.1, 0.15, 0.18, 0.2),
      }),
    );
    const { condition } = fc.letrec<{ condition: Sent }>((tie) => ({
      condition: fc.oneof(
        { depthSize: 'small', maxDepth: 3 },
        leaf,
        fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ not: tie('condition') }),
      ),
    }));
    fc.assert(
      fc.property(condition, (conditions) => {
        const rules = [{ name: 'R', message: 'Look.', conditions }];
        const questions = [
          { key: 'people', column: 'a', type: 'integer', min: 0, max: 5, required: false },
          { key: 'source', column: 'b', type: 'choice', options: SOURCES },
          { key: 'works', column: 'c', type: 'boolean' },
          { key: 'day', column: 'd', type: 'date' },
          { key: 'level', column: 'e', type: 'decimal', places: 1, min: 0, max: 0.2 },
        ];
        const faults = pointersOf(parseFormDefinition({ form_id: 'a', title: 'A', questions, rules }));
        for (const pointer of faults) {
          const at = pointer.replace('/rules/0/conditions', '').replace(/\/value$/, '');
          expect(outcomesAt(conditions, at)).toBeLessThan(2);
        }
        // If a condition on one fact decides nothing, it always has a fault.
        const isOpen = faults.length > 0 || new Set(factsIn(conditions)).size > 1;
        expect(isOpen || outcomesAt(conditions, '') === 2).toBe(true);
      }),
      runs(1_000),
    );
  });

  test('for example: nesting deeper than five levels', () => {
    const nested = (levels: number): unknown =>
      levels === 1 ? compare('price', 'lessThan', 1) : { not: nested(levels - 1) };
    expect(pointers(nested(5))).toEqual([]);
    expect(pointers(nested(6))).toEqual(['/not/not/not/not/not']);
  });

  test.each(['in', 'notIn'])('for example: more than 500 constants of %s', (operator) => {
    const constants = Array.from({ length: 501 }, (_, n) => `name ${n}`);
    expect(pointers(compare('notes', operator, constants))).toEqual(['/value']);
    expect(pointers(compare('notes', operator, constants.slice(1)))).toEqual([]);
  });

  test('for example: more than a hundred comparisons', () => {
    const all = Array.from({ length: 101 }, () => compare('price', 'lessThan', 1));
    expect(pointers({ all })).toEqual(['']);
    expect(pointers({ all: all.slice(1) })).toEqual([]);
  });

  test('for example: a pattern of a text that may be long, or patterns that are long together', () => {
    const faults = (max_length: number, count: number) => {
      const questions = [{ key: 'a', column: 'a', type: 'text', max_length }];
      const all = Array.from({ length: count }, (_, n) => compare('a', 'matches', `${n}|[0-9]{480}`));
      const rules = [{ name: 'R', message: 'Look.', conditions: { all } }];
      return pointersOf(parseFormDefinition({ form_id: 'a', title: 'A', questions, rules }));
    };
    expect(faults(501, 1)).toEqual(['/rules/0/conditions/all/0/fact']);
    expect(faults(500, 6)).toEqual([]);
    expect(faults(500, 10)).toEqual(['/rules']);
  });

  test('get only their own faults if a question that they name is faulty', () => {
    const input = sampleDefinition({
      questions: [{ key: 'price', column: 'price', type: 'money' }],
      facts: [{ name: 'cost', add: ['price'] }],
      rules: [
        {
          name: 'R',
          message: '{price}',
          conditions: { all: [compare('price', 'lessThan', 1), compare('price', 'lessThan', {})] },
        },
      ],
    });
    expect(pointersOf(parseFormDefinition(input))).toEqual(['/questions/0/type', '/rules/0/conditions/all/1/value']);
  });
});

const SOURCES = ['well', 'river', 'tap'];

/** The last days that a date can have. */
const LAST_DAYS = ['9999-12-28', '9999-12-29', '9999-12-30', '9999-12-31'];

type Sent = { all: Sent[] } | { any: Sent[] } | { not: Sent } | { fact: string; operator: string; value?: unknown };

const EVERYTHING = [undefined, 0, 1, 2, 3, 4, 5].flatMap((people) =>
  SOURCES.flatMap((source) =>
    [true, false].flatMap((works) =>
      ['2000-01-01', ...LAST_DAYS].flatMap((day) =>
        [0, 0.1, 0.2].map((level) => ({ people, source, works, day, level })),
      ),
    ),
  ),
);

/**
 * The number of different outcomes of the condition at a pointer over all answers: fewer than 2 if it decides nothing.
 * A rule is judged without an answer only if it asks whether the question is answered.
 */
function outcomesAt(root: Sent, pointer: string): number {
  const found = pointer
    .split('/')
    .slice(1)
    .reduce((at: unknown, step) => Reflect.get(Object(at), step), root) as Sent;
  const asksPresence = JSON.stringify(root).includes('nswered');
  const judged = EVERYTHING.filter(({ people }) => asksPresence || people !== undefined);
  return new Set(judged.map((answers) => holds(found, answers)).filter((outcome) => outcome !== undefined)).size;
}

/** Undefined if unknown. */
function holds(condition: Sent, answers: Record<string, unknown>): boolean | undefined {
  if ('all' in condition) return allHold(condition.all.map((part) => holds(part, answers)));
  if ('any' in condition) return opposite(allHold(condition.any.map((part) => opposite(holds(part, answers)))));
  if ('not' in condition) return opposite(holds(condition.not, answers));
  const { fact, operator, value } = condition;
  const left = answers[fact];
  if (value === undefined) return (left === undefined) === (operator === 'notAnswered');
  if (left === undefined) return undefined;
  const number = (side: unknown) => (fact === 'day' ? Date.parse(String(side)) : Number(side));
  const order = number(left) - number(value);
  switch (operator) {
    case 'equal':
      return left === value;
    case 'notEqual':
      return left !== value;
    case 'lessThan':
      return order < 0;
    case 'lessThanInclusive':
      return order <= 0;
    case 'greaterThan':
      return order > 0;
    case 'greaterThanInclusive':
      return order >= 0;
    case 'between':
      return Array.isArray(value) && Number(left) >= value[0] && Number(left) <= value[1];
    default:
      return Array.isArray(value) && value.includes(left) === (operator === 'in');
  }
}

function allHold(parts: (boolean | undefined)[]): boolean | undefined {
  if (parts.includes(false)) return false;
  return parts.includes(undefined) ? undefined : true;
}

function opposite(outcome: boolean | undefined): boolean | undefined {
  return outcome === undefined ? undefined : !outcome;
}

function factsIn(condition: Sent): string[] {
  if ('all' in condition) return condition.all.flatMap(factsIn);
  if ('any' in condition) return condition.any.flatMap(factsIn);
  return 'not' in condition ? factsIn(condition.not) : [condition.fact];
}
