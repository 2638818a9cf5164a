import * as fc from 'fast-check';
import type { Check, Group, Item, Test } from './flag-when.ts';
import type { Fact, Rule } from './language.ts';
import {
  draftOf,
  emptyDraft,
  newFactName,
  ruleOf,
  rulesWith,
  usedFacts,
  withRule,
  type RuleDraft,
} from './rule-draft.ts';

const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean());
const fact = fc.constantFrom('depth', 'people/age', 'what is the income?', 'total_1');
const compared: Test[] = ['equal', 'notEqual', 'lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'];
const right = fc.oneof(scalar, fc.record({ fact }));
const check: fc.Arbitrary<Check> = fc.oneof(
  fc.record({ fact, test: fc.constantFrom(...compared), value: right }),
  fc.record({ fact, test: fc.constantFrom<Test>('in', 'notIn'), value: fc.array(scalar, { minLength: 1 }) }),
  fc.record({ fact, test: fc.constantFrom<Test>('between', 'notBetween'), value: fc.tuple(scalar, scalar) }),
  fc.record({
    fact,
    test: fc.constantFrom<Test>('selected', 'notSelected', 'matches', 'notMatches'),
    value: fc.string(),
  }),
  fc.record({ fact, test: fc.constantFrom<Test>('answered', 'notAnswered') }),
);
const { group } = fc.letrec<{ group: Group; item: Item }>((tie) => ({
  group: fc.record({
    join: fc.constantFrom('all' as const, 'any' as const),
    items: fc.array(tie('item'), { minLength: 1, maxLength: 4 }),
  }),
  item: fc.oneof({ maxDepth: 4 }, check, tie('group')),
}));
const facts: Fact[] = [{ name: 'total_1', add: ['depth'], subtract: [] }];

test('a rule of the builder, written as JSON and read again, is the same', () => {
  const draft: fc.Arbitrary<RuleDraft> = fc.record({
    name: fc.string(),
    message: fc.string(),
    flagWhen: group,
    facts: fc.constant(facts),
  });
  fc.assert(
    fc.property(draft, (each) => {
      const stored: unknown = JSON.parse(JSON.stringify(ruleOf(each)));
      expect(draftOf(stored as Rule, facts)).toEqual(JSON.parse(JSON.stringify(each)));
    }),
  );
});

test('a condition that flags is stored as its opposite, which must hold', () => {
  const draft = { ...emptyDraft([]), name: 'Deep', message: 'Check.' };
  const deep: Check = { fact: 'depth', test: 'greaterThan', value: 100 };
  expect(ruleOf({ ...draft, flagWhen: { join: 'any', items: [deep] } }).conditions).toEqual({
    fact: 'depth',
    operator: 'lessThanInclusive',
    value: 100,
  });
  expect(
    ruleOf({ ...draft, flagWhen: { join: 'all', items: [deep, { fact: 'age', test: 'between', value: [1, 2] }] } })
      .conditions,
  ).toEqual({
    any: [
      { fact: 'depth', operator: 'lessThanInclusive', value: 100 },
      { not: { fact: 'age', operator: 'between', value: [1, 2] } },
    ],
  });
});

test('a condition of an unknown shape cannot be edited in the builder', () => {
  const conditions = { xor: [] } as unknown as Rule['conditions'];
  expect(draftOf({ name: 'Odd', message: 'Odd.', conditions }, [])).toBeUndefined();
});

test('new derived facts get a free name, and are left out while nothing uses them', () => {
  expect(newFactName(facts)).toBe('total_2');
  const draft = { ...emptyDraft(facts), facts: [...facts, { name: 'total_2', add: ['depth'], subtract: [] }] };
  expect(usedFacts(draft, facts)).toEqual(facts);
  expect(usedFacts({ ...draft, message: '{total_2}' }, facts)).toEqual(draft.facts);
});

const ruleNamed = (name: string, message = 'Check.'): Rule => ({
  name,
  message,
  conditions: { fact: 'total_1', operator: 'lessThan', value: 1 },
});

test('a rule takes its place in the newest version, and changes only the facts that the person changed', () => {
  const changed: Fact = { name: 'total_1', add: ['depth', 'height'], subtract: [] };
  const others: Fact = { name: 'of_others', add: ['x'], subtract: [] };
  const last = { rules: [ruleNamed('A'), ruleNamed('B')], facts: [...facts, others] };
  const edited = ruleNamed('A2', 'New.');
  expect(withRule(last, { rule: edited, facts: [changed], before: 'A', based: facts })).toEqual({
    rules: [edited, ruleNamed('B')],
    facts: [changed, others],
  });
  expect(withRule(last, { rule: edited, facts, before: 'gone', based: facts })).toEqual({
    rules: [...last.rules, edited],
    facts: last.facts,
  });
  expect(withRule(last, { rule: edited, facts: [], before: 'A', based: facts }).facts).toEqual([others]);
});

test('the other rules that use a derived fact are found', () => {
  const plain: Rule = { name: 'C', message: '{total_1}', conditions: { fact: 'x', operator: 'answered' } };
  expect(rulesWith('total_1', [ruleNamed('A'), ruleNamed('B'), plain], 'A')).toEqual(['B', 'C']);
  expect(rulesWith('other', [ruleNamed('A'), plain], undefined)).toEqual([]);
});
