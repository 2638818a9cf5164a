/** Finds what to leave to the phone, so that a translated form becomes one that Collect accepts. */
import { comparisonsOf, type Condition, factsOf } from '../../language/condition.ts';
import { countTerms, type Expression } from '../../language/expression.ts';
import { LIMITS } from '../../values/limits.ts';
import type { Fault } from '../../values/fault.ts';
import { type Entry, type Translation, type What, withAround } from './draft.ts';
import type { Dropped, Part } from './state.ts';

/** The part of an item, by the member that has a fault. */
const PARTS: Readonly<Record<string, Part>> = {
  relevant: 'relevant',
  required: 'required',
  constraint: 'constraint',
  value: 'calculate',
  options: 'options',
  default: 'default',
};

/** The item at a pointer, and the rest of the pointer. */
export function entryAt(pointer: string, { entries }: Translation): { entry: Entry; rest: string } | undefined {
  const [at = ''] = /^(?:\/questions\/\d+)+/.exec(pointer) ?? [];
  const entry = entries.find((each) => each.pointer === at);
  return entry && { entry, rest: pointer.slice(at.length + 1) };
}

/**
 * Drops the part that a fault is about.
 *
 * @param factNames the names of the derived facts that the conditions use, by their place in the definition
 * @returns whether anything was dropped
 */
export function dropFaulty(
  { pointer, detail }: Fault,
  translation: Translation,
  dropped: Dropped,
  factNames: readonly (string | undefined)[],
): boolean {
  const found = entryAt(pointer, translation);
  if (found !== undefined) {
    const { entry, rest } = found;
    const isFilter = /^options\/\d+\/if/.test(rest);
    const part = PARTS[rest.split('/')[0] ?? ''];
    if (part !== undefined) return dropped.add(entry, isFilter ? 'filter' : part, detail);
  }
  const name = factNames[Number(/^\/facts\/(\d+)/.exec(pointer)?.[1] ?? Number.NaN)];
  if (name !== undefined) return dropUsersOf(name, translation, dropped, detail);
  const isOfRules = pointer === '/rules';
  if (!isOfRules && pointer !== '/questions' && pointer !== '/facts') return false;
  const kinds: readonly What[] = isOfRules ? ['constraint'] : ['relevant', 'required', 'calculate'];
  // Of these faults, only the one about the work of patterns mentions them.
  return dropCostly(translation, dropped, kinds, /\bpatterns?\b/.test(detail) ? stepsOfPatterns : workOf);
}

function dropUsersOf(name: string, { entries }: Translation, dropped: Dropped, detail: string): boolean {
  const users = entries.flatMap((entry) =>
    parts(entry)
      .filter(({ condition }) => comparisonsOf(condition).flatMap(factsOf).includes(name))
      .map(({ what }) => dropped.add(entry, what, detail)),
  );
  return users.includes(true);
}

/** The conditions of an item, each with the part that it belongs to. */
function parts({ draft }: Entry): { what: What; condition: Condition }[] {
  const { relevant, required, constraint } = draft;
  const conditions: [What, Condition | boolean | undefined][] = [
    ['relevant', relevant],
    ['required', required],
    ['constraint', constraint?.conditions],
  ];
  return conditions.flatMap(([what, condition]) => (typeof condition === 'object' ? [{ what, condition }] : []));
}

/** A part of an item that costs work for each response: a condition, or a calculation. */
type Work = { readonly what: What; readonly condition?: Condition; readonly value?: Expression };

function workOf({ condition, value }: Work): number {
  return (
    (condition === undefined ? 0 : comparisonsOf(condition).length) + (value === undefined ? 0 : countTerms(value))
  );
}

function stepsOfPatterns({ condition }: Work): number {
  const comparisons = condition === undefined ? [] : comparisonsOf(condition);
  return comparisons.reduce(
    (sum, { operator, value }) => sum + (operator === 'matches' ? JSON.stringify(value).length : 0),
    0,
  );
}

/** The share of the work that is dropped in one pass: the form is parsed again after each time. */
const DROPPED_SHARE = 0.1;

/** Drops the parts that take the most work for the largest response. @returns whether anything was dropped */
function dropCostly(
  { entries }: Translation,
  dropped: Dropped,
  kinds: readonly What[],
  of: (work: Work) => number,
): boolean {
  const costs = entries.flatMap((entry) => {
    const { value } = entry.draft;
    const own: Work[] = [...parts(entry), ...(value === undefined ? [] : [{ what: 'calculate' as const, value }])];
    return own
      .filter(({ what }) => kinds.includes(what))
      .map((part) => ({ entry, what: part.what, cost: of(part) * entriesAround(entry) }))
      .filter(({ cost }) => cost > 0);
  });
  let left = costs.reduce((sum, { cost }) => sum + cost, 0) * DROPPED_SHARE;
  let isChanged = false;
  for (const { entry, what, cost } of costs.toSorted((a, b) => b.cost - a.cost)) {
    if (left <= 0) break;
    const entries = entriesAround(entry);
    const where = entries > 1 ? `in a repeat of up to ${entries} entries` : 'in one form';
    if (dropped.add(entry, what, `The server cannot check so much ${where}.`)) isChanged = true;
    left -= cost;
  }
  return isChanged;
}

/** Max entries of the repeats around an item. */
function entriesAround(entry: Entry): number {
  const counts = withAround(entry).flatMap(({ draft }) =>
    draft.type === 'repeat' ? [Number(draft.max ?? LIMITS.entries)] : [],
  );
  return Math.min(
    LIMITS.entries,
    counts.reduce((product, count) => product * count, 1),
  );
}

/**
 * Makes the definition of a form smaller: first all options lose their labels, then the longest lists are left out.
 *
 * @param bytes the excess
 * @returns whether anything was left out
 */
export function makeSmaller({ entries }: Translation, dropped: Dropped, bytes: number): boolean {
  const lists = entries.flatMap((entry) => {
    const { options } = entry.choices === undefined ? {} : entry.draft;
    return options === undefined ? [] : [{ entry, size: Buffer.byteLength(JSON.stringify(options)) }];
  });
  if (lists.length > 0 && dropped.hasOptionLabels) {
    dropped.hasOptionLabels = false;
    return true;
  }
  let left = bytes;
  for (const { entry, size } of lists.toSorted((a, b) => b.size - a.size)) {
    if (left <= 0) break;
    dropped.add(entry, 'options', 'The form is too large with all its options.');
    left -= size;
  }
  return lists.length > 0;
}
