/** Compares conditions over repeats with an evaluator that shares no code with them, on random input. */
import * as fc from 'fast-check';
import { metadata } from '../../tests/support/responses.ts';
import { runs } from '../../tests/support/thorough.ts';
import { compileForm } from './compiled-form.ts';
import { readStoredForm } from '../definition/read-form.ts';
import { compileRules } from './rules.ts';

type Sent = { all: Sent[] } | { any: Sent[] } | { not: Sent } | { fact: string; operator: string; value?: unknown };
type Visit = { cost?: number };
type Person = { age?: number; job?: { hours?: number }; visits?: Visit[] };
type Household = { limit?: number; house?: { rooms?: number; people?: Person[] }; fields?: { size?: number }[] };
/** The entries around a place, as far as there are any. */
type Place = { person?: Person; position?: number; visit?: Visit; field?: { size?: number } };
type Scope = 'form' | 'person' | 'visit' | 'field';

const number = (name: string) => ({ name, type: 'integer', required: false });
const [PERSON, VISIT] = ['house/people', 'house/people/visits'];

/** `more` is added to the questions of one scope. */
function questionsWith(scope: Scope, ...more: object[]): object[] {
  const at = (each: Scope) => (each === scope ? more : []);
  const visits = { name: 'visits', type: 'repeat', questions: [number('cost'), ...at('visit')] };
  const job = { name: 'job', type: 'group', questions: [number('hours')] };
  const people = { name: 'people', type: 'repeat', questions: [number('age'), job, visits, ...at('person')] };
  return [
    number('limit'),
    { name: 'house', type: 'group', questions: [number('rooms'), people] },
    { name: 'fields', type: 'repeat', questions: [number('size'), ...at('field')] },
    ...at('form'),
  ];
}

/** Derived facts: the questions on which they depend, whether each must have a value, and their values. */
type Fact = {
  expression: unknown;
  scope: Scope;
  sources: string[];
  isAggregate: boolean;
  value: (household: Household, place: Place) => number | undefined;
};
const sum = (list: (number | undefined)[]) => list.reduce((total: number, each) => total + (each ?? 0), 0);
const known = (list: (number | undefined)[]) => list.filter((each) => each !== undefined);
const peopleOf = ({ house }: Household) => house?.people ?? [];
const costsOf = ({ visits = [] }: Person) => visits.map(({ cost }) => cost);
const FACTS: Record<string, Fact> = {
  residents: {
    expression: { count: PERSON },
    scope: 'form',
    sources: [PERSON],
    isAggregate: true,
    value: (household) => peopleOf(household).length,
  },
  ages: {
    expression: { sum: `${PERSON}/age` },
    scope: 'form',
    sources: [`${PERSON}/age`],
    isAggregate: true,
    value: (household) => sum(peopleOf(household).map(({ age }) => age)),
  },
  oldest: {
    expression: { max: `${PERSON}/age` },
    scope: 'form',
    sources: [`${PERSON}/age`],
    isAggregate: true,
    value: (household) => known(peopleOf(household).map(({ age }) => age)).toSorted((a, b) => b - a)[0],
  },
  smallest: {
    expression: { min: 'fields/size' },
    scope: 'form',
    sources: ['fields/size'],
    isAggregate: true,
    value: ({ fields = [] }) => known(fields.map(({ size }) => size)).toSorted((a, b) => a - b)[0],
  },
  spent: {
    expression: { sum: `${VISIT}/cost` },
    scope: 'person',
    sources: [`${VISIT}/cost`],
    isAggregate: true,
    value: (_household, { person }) => sum(costsOf(person ?? {})),
  },
  patients: {
    expression: { count: { max: `${VISIT}/cost` } },
    scope: 'form',
    sources: [`${VISIT}/cost`],
    isAggregate: true,
    value: (household) => peopleOf(household).filter((person) => known(costsOf(person)).length > 0).length,
  },
  later: {
    expression: { add: [`${PERSON}/age`, 'limit'] },
    scope: 'person',
    sources: [`${PERSON}/age`, 'limit'],
    isAggregate: false,
    value: ({ limit }, { person }) =>
      person?.age === undefined || limit === undefined ? undefined : person.age + limit,
  },
};

const QUESTIONS: Record<string, { scope: Scope; value: Fact['value'] }> = {
  limit: { scope: 'form', value: ({ limit }) => limit },
  'house/rooms': { scope: 'form', value: ({ house }) => house?.rooms },
  [`${PERSON}/age`]: { scope: 'person', value: (_household, { person }) => person?.age },
  [`${PERSON}/job/hours`]: { scope: 'person', value: (_household, { person }) => person?.job?.hours },
  [`${VISIT}/cost`]: { scope: 'visit', value: (_household, { visit }) => visit?.cost },
  'fields/size': { scope: 'field', value: (_household, { field }) => field?.size },
};
/** The number of an entry, which is not a question. */
const ENTRY: Record<string, { scope: Scope; value: Fact['value'] }> = {
  [PERSON]: { scope: 'person', value: (_household, { position }) => position },
};

const AROUND: Record<Scope, Scope[]> = {
  form: ['form'],
  person: ['form', 'person'],
  visit: ['form', 'person', 'visit'],
  field: ['form', 'field'],
};

const count = fc.integer({ min: 0, max: 3 });
const answers = { requiredKeys: [] };
const household: fc.Arbitrary<Household> = fc.record(
  {
    limit: count,
    house: fc.record(
      {
        rooms: count,
        people: fc.array(
          fc.record(
            {
              age: count,
              job: fc.record({ hours: count }, answers),
              visits: fc.array(fc.record({ cost: count }, answers), { maxLength: 2 }),
            },
            answers,
          ),
          { maxLength: 3 },
        ),
      },
      answers,
    ),
    fields: fc.array(fc.record({ size: count }, answers), { maxLength: 2 }),
  },
  answers,
);

const condition = (scope: Scope) => {
  const named = (facts: Record<string, { scope: Scope }>) =>
    Object.keys(facts).filter((fact) => AROUND[scope].includes(facts[fact]?.scope ?? 'form'));
  const fact = fc.constantFrom(...named(QUESTIONS), ...named(ENTRY), ...named(FACTS));
  const operator = fc.constantFrom('equal', 'notEqual', 'lessThan', 'lessThanInclusive', 'greaterThan');
  const one = fc.record({ fact, operator, value: fc.oneof(count, fc.record({ fact })) });
  const list = fc.record({
    fact,
    operator: fc.constantFrom('in', 'notIn'),
    value: fc.array(count, { minLength: 1, maxLength: 2 }),
  });
  const presence = fc.record({
    fact: fc.constantFrom(...named(QUESTIONS)),
    operator: fc.constantFrom('answered', 'notAnswered'),
  });
  const leaf: fc.Arbitrary<Sent> = fc
    .oneof({ weight: 3, arbitrary: one }, list, presence)
    .filter((each) => !('value' in each && isOther(each.value) && each.value.fact === each.fact));
  return fc.letrec<{ condition: Sent }>((tie) => ({
    condition: fc.oneof(
      { depthSize: 'small', maxDepth: 3 },
      leaf,
      fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ not: tie('condition') }),
    ),
  })).condition;
};
const cases = fc.constantFrom<Scope>('form', 'person', 'visit', 'field').chain((scope) =>
  fc.record({
    scope: fc.constant(scope),
    conditions: condition(scope),
    households: fc.array(household, { minLength: 6, maxLength: 6 }),
  }),
);

test('rules flag the entries that an independent evaluator flags', async () => {
  const times = runs(400);
  let flagged = 0;
  await fc.assert(
    fc.asyncProperty(cases, async ({ scope, conditions, households }) => {
      const rules = [{ name: 'R', message: 'Look.', conditions }];
      const checker = compileRules(formWith(questionsWith(scope), rules));
      const judgedIn = innermostOf(conditions);
      for (const each of households) {
        const expected = placesIn(each, judgedIn)
          .filter(({ place }) => isBroken(conditions, each, place))
          .map(({ pointer }) => pointer);
        flagged += expected.length;
        const flags = await checker.check(each);
        expect(flags.map(({ entry = '' }) => entry)).toEqual(expected);
      }
    }),
    times,
  );
  expect(flagged).toBeGreaterThan(times.numRuns);
});

test('an answer is required in the entries where an independent evaluator says so', () => {
  const times = runs(400);
  let missing = 0;
  fc.assert(
    fc.property(cases, ({ scope, conditions, households }) => {
      const probe = { name: 'probe', type: 'text', required: conditions };
      const form = compileForm(formWith(questionsWith(scope, probe), []), 1);
      for (const each of households) {
        const expected = placesIn(each, scope)
          .filter(({ place }) => holds(conditions, each, place))
          .map(({ pointer }) => `${pointer}/probe`);
        missing += expected.length;
        const result = form.readSubmission({ ...metadata(), ...each });
        expect(result.ok ? [] : result.errors.map(({ pointer }) => pointer)).toEqual(expected);
      }
    }),
    times,
  );
  expect(missing).toBeGreaterThan(times.numRuns);
});

test('an answer is relevant in the entries where an independent evaluator says so', () => {
  fc.assert(
    fc.property(cases, ({ scope, conditions, households }) => {
      const probe = { name: 'probe', type: 'calculate', relevant: conditions, value: 7 };
      const form = compileForm(formWith(questionsWith(scope, probe), []), 1);
      for (const each of households) {
        const expected = placesIn(each, scope)
          .filter(({ place }) => holds(conditions, each, place))
          .map(({ pointer }) => `${pointer}/probe`);
        const result = form.readSubmission({ ...metadata(), ...each });
        expect(result.ok && pointersTo(result.submission.response, 'probe')).toEqual(expected);
      }
    }),
    runs(400),
  );
});

function formWith(questions: object[], rules: object[]) {
  const facts = Object.entries(FACTS).map(([name, { expression }]) => ({ name, value: expression }));
  const definition = { form_id: 'homes', title: 'Homes', questions, facts, rules };
  return readStoredForm({ form_id: 'homes', version: 1, definition });
}

function placesIn(each: Household, scope: Scope): { place: Place; pointer: string }[] {
  const fields = (each.fields ?? []).map((field, index) => ({ place: { field }, pointer: `/fields/${index}` }));
  const people = peopleOf(each).map((person, index) => ({
    place: { person, position: index + 1 },
    pointer: `/house/people/${index}`,
  }));
  if (scope === 'form') return [{ place: {}, pointer: '' }];
  if (scope === 'field') return fields;
  if (scope === 'person') return people;
  return people.flatMap(({ place, pointer }) =>
    (place.person.visits ?? []).map((visit, index) => ({
      place: { ...place, visit },
      pointer: `${pointer}/visits/${index}`,
    })),
  );
}

function scopeOf(fact: string): Scope {
  return (QUESTIONS[fact] ?? ENTRY[fact] ?? FACTS[fact])?.scope ?? 'form';
}

function innermostOf(root: Sent): Scope {
  const scopes = new Set(leavesIn(root).flatMap(factsIn).map(scopeOf));
  return (['visit', 'person', 'field'] as const).find((scope) => scopes.has(scope)) ?? 'form';
}

function isBroken(root: Sent, each: Household, place: Place): boolean {
  const leaves = leavesIn(root);
  const asked = new Set(leaves.filter(({ value }) => value === undefined).map(({ fact }) => fact));
  const compared = leaves.flatMap(factsIn);
  const isAsked = (fact: string) => [fact, ...(FACTS[fact]?.sources ?? [])].some((source) => asked.has(source));
  const terms = compared.flatMap((fact) => (FACTS[fact]?.isAggregate === false ? FACTS[fact].sources : []));
  const needed = [...compared, ...terms].filter((fact) => !isAsked(fact));
  return needed.every((fact) => valueOf(fact, each, place) !== undefined) && truthOf(root, each, place) === false;
}

function leavesIn(root: Sent): { fact: string; operator: string; value?: unknown }[] {
  if ('all' in root) return root.all.flatMap(leavesIn);
  if ('any' in root) return root.any.flatMap(leavesIn);
  return 'not' in root ? leavesIn(root.not) : [root];
}

function factsIn({ fact, value }: { fact: string; value?: unknown }): string[] {
  return isOther(value) ? [fact, value.fact] : [fact];
}

/** Kleene's logic; undefined if unknown. */
function truthOf(root: Sent, each: Household, place: Place): boolean | undefined {
  if ('all' in root) return every(root.all.map((part) => truthOf(part, each, place)));
  if ('any' in root) return negate(every(root.any.map((part) => negate(truthOf(part, each, place)))));
  if ('not' in root) return negate(truthOf(root.not, each, place));
  return comparisonOf(root, each, place);
}

/** The logic of XLSForm: a comparison of a missing value is false, except `notEqual` and `notIn`. */
function holds(root: Sent, each: Household, place: Place): boolean {
  if ('all' in root) return root.all.every((part) => holds(part, each, place));
  if ('any' in root) return root.any.some((part) => holds(part, each, place));
  if ('not' in root) return !holds(root.not, each, place);
  return comparisonOf(root, each, place) ?? (root.operator === 'notEqual' || root.operator === 'notIn');
}

function comparisonOf(
  { fact, operator, value }: { fact: string; operator: string; value?: unknown },
  each: Household,
  place: Place,
): boolean | undefined {
  const left = valueOf(fact, each, place);
  if (value === undefined) return (left !== undefined) === (operator === 'answered');
  const right = isOther(value) ? valueOf(value.fact, each, place) : value;
  if (left === undefined || right === undefined) return undefined;
  const rights = (Array.isArray(right) ? right : [right]).map(Number);
  const [first = 0] = rights;
  switch (operator) {
    case 'lessThan':
      return left < first;
    case 'lessThanInclusive':
      return left <= first;
    case 'greaterThan':
      return left > first;
    default:
      return rights.includes(left) === (operator === 'equal' || operator === 'in');
  }
}

function every(parts: (boolean | undefined)[]): boolean | undefined {
  if (parts.includes(false)) return false;
  return parts.includes(undefined) ? undefined : true;
}

function negate(truth: boolean | undefined): boolean | undefined {
  return truth === undefined ? undefined : !truth;
}

function valueOf(fact: string, each: Household, place: Place): number | undefined {
  return (QUESTIONS[fact] ?? ENTRY[fact] ?? FACTS[fact])?.value(each, place);
}

/** JSON pointers to the members with this name, at any depth. */
function pointersTo(value: unknown, name: string, at = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) =>
    key === name ? [`${at}/${key}`] : pointersTo(member, name, `${at}/${key}`),
  );
}

function isOther(value: unknown): value is { fact: string } {
  return typeof value === 'object' && value !== null && 'fact' in value;
}
