import { readDefinition } from '../../../tests/support/form-samples.ts';
import { generateXform } from './generate-xform.ts';
import { plainInstanceOf } from '../instance-nodes.ts';
import { instanceOf, type InstanceNode } from '../instance.ts';
import { softChecksOf, uncheckedRules } from './soft-checks.ts';

const QUESTIONS = [
  { name: 'village', type: 'text', required: false },
  { name: 'income', type: 'decimal', places: 2 },
  {
    name: 'house',
    type: 'group',
    relevant: { fact: 'income', operator: 'greaterThan', value: 0 },
    questions: [
      { name: 'rent', type: 'decimal', required: false },
      { name: 'rooms', type: 'integer', required: false },
    ],
  },
  {
    name: 'people',
    type: 'repeat',
    questions: [
      { name: 'age', type: 'integer' },
      { name: 'pay', type: 'decimal', places: 2 },
    ],
  },
  { name: 'remark', type: 'text', required: false },
];

function formWith(conditions: unknown, facts: readonly unknown[] = [], message = 'Look again.') {
  const rules = [{ name: 'Test', message, conditions }];
  return readDefinition({ form_id: 'survey', title: 'Survey', questions: QUESTIONS, facts, rules });
}

function pathsOf(nodes: readonly InstanceNode[], around = ''): string[] {
  return nodes.flatMap((each) => [
    around + each.node,
    ...('nodes' in each ? pathsOf(each.nodes, `${around}${each.node}/`) : []),
  ]);
}

/** The element before that of the check. */
function placeOf(form: ReturnType<typeof formWith>): string | undefined {
  const paths = pathsOf(instanceOf(form, 1).nodes);
  return paths[paths.findIndex((each) => each.endsWith('check-1')) - 1];
}

const checkOf = (form: ReturnType<typeof formWith>) => softChecksOf(form, plainInstanceOf(form, 1))[0];
const greater = (fact: string, value: unknown) => ({ fact, operator: 'greaterThan', value });

describe('a soft check comes', () => {
  test('right after the last question of its rule, in the group of that question', () => {
    const form = formWith(greater('income', { fact: 'house/rent' }));
    expect(placeOf(form)).toBe('house/rent');
    expect(checkOf(form)?.steps).toEqual(['house', 'check-1']);
  });

  test('after a group that is not always asked, if the rule asks whether something in it is answered', () => {
    const form = formWith({ any: [greater('income', 5), { fact: 'house/rent', operator: 'answered' }] });
    expect(checkOf(form)?.steps).toEqual(['check-1']);
    expect(placeOf(form)).toBe('house/rooms');
  });

  test('inside the repeat, if the rule is judged for each entry', () => {
    const form = formWith({ any: [greater('people/age', 9), { fact: 'village', operator: 'equal', value: 'x' }] });
    expect(placeOf(form)).toBe('people/age');
    expect(checkOf(form)?.steps).toEqual(['people', 'check-1']);
  });

  test('after the repeat, if the rule aggregates its entries', () => {
    const form = formWith(greater('total', { fact: 'income' }), [{ name: 'total', value: { sum: 'people/pay' } }]);
    expect(placeOf(form)).toBe('people/pay');
    expect(checkOf(form)?.steps).toEqual(['check-1']);
  });

  test('after a repeat whose number of entries is limited, under the name of the repeat', () => {
    const people = { name: 'people', type: 'repeat', min: 2, questions: [{ name: 'age', type: 'integer' }] };
    const form = readDefinition({ form_id: 'survey', title: 'Survey', questions: [people] });
    const [check] = softChecksOf(form, plainInstanceOf(form, 1));
    expect(check).toMatchObject({ rule: 'people', broken: '(count(/data/people) < 2 or count(/data/people) > 1000)' });
  });
});

describe('a soft check is asked', () => {
  test('if all answers are there and the amounts, in whole units, break the rule', () => {
    expect(checkOf(formWith(greater('income', { fact: 'house/rent' })))?.broken).toBe(
      "(/data/income != '' and /data/house/rent != '' and (round(/data/income * 100) * 100) <= round(/data/house/rent * 10000))",
    );
  });

  test('without an answer that the rule compares by `answered`', () => {
    const form = formWith({ any: [greater('income', 5), { fact: 'village', operator: 'answered' }] });
    expect(checkOf(form)?.broken).toBe(
      "(/data/income != '' and (round(/data/income * 100) <= 500 and not(normalize-space(/data/village) != '')))",
    );
  });

  test('for an entry by its own answers, with paths from the check', () => {
    const form = formWith(greater('people/pay', { fact: 'income' }));
    expect(checkOf(form)?.broken).toBe(
      "(../pay != '' and /data/income != '' and round(../pay * 100) <= round(/data/income * 100))",
    );
  });

  test('for the sum of products, which the phone computes in each entry', () => {
    const total = { name: 'total', value: { sum: { multiply: ['people/pay', 'people/age'] } } };
    const form = formWith(greater('total', 5), [total]);
    expect(checkOf(form)?.broken).toBe("sum(/data/people[part-1 != '']/part-1) <= 500");
    expect(generateXform(form, 1)).toContain(
      `<bind nodeset="/data/people/part-1" type="string" calculate="if((../pay != '' and ../age != ''), (round(../pay * 100) * ../age), '')"/>`,
    );
  });

  test('only if a quotient is surely beyond the bound', () => {
    const form = formWith(greater('share', 2), [{ name: 'share', value: { divide: ['income', 'house/rooms'] } }]);
    expect(checkOf(form)?.broken).toMatch(/house\/rooms != 0 and .* \+ 0\.000000001 \* .* <= \(2 - 0\.000000001/);
  });
});

test('the message of a check has expressions in place of its figures', () => {
  const form = formWith(greater('income', 5), [], 'In {village} they have {house/rooms} rooms.');

  expect(checkOf(form)?.message).toEqual([
    'In ',
    { output: "if(/data/village != '', /data/village, 'no answer')" },
    ' they have ',
    { output: "if(/data/house/rooms != '', /data/house/rooms, 'no answer')" },
    ' rooms.',
  ]);
});

describe('a rule is left to the server', () => {
  test.each([
    ['a pattern that engines read differently', { fact: 'remark', operator: 'matches', value: String.raw`a\bb` }, []],
    ['the id of a collector', { fact: 'user_id', operator: 'equal', value: 'c-1' }, []],
    [
      'the sum of quotients, whose errors add up',
      greater('total', 5),
      [{ name: 'total', value: { sum: { divide: ['people/pay', 'people/age'] } } }],
    ],
    [
      'an entry compared with all entries, because phones do not notice that another entry changed',
      { fact: 'people/age', operator: 'lessThan', value: { fact: 'oldest' } },
      [{ name: 'oldest', value: { max: 'people/age' } }],
    ],
  ])('if it has %s', (_what, conditions, facts) => {
    const form = formWith(conditions, facts);
    expect(checkOf(form)).toBeUndefined();
    expect(uncheckedRules(form)).toEqual(['Test']);
  });
});
