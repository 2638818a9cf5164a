/** Finds what to leave to the phone, so that a translated form becomes one that Collect accepts. */
import { comparisonsOf, type Condition, factsOf } from '../language/condition.ts';
import { countTerms } from '../language/expression.ts';
import { LIMITS } from '../values/limits.ts';
import type { Fault } from '../values/fault.ts';
import { type Entry, type Translation, type What, withAround } from './translate-draft.ts';
import type { Dropped } from './translate-state.ts';

/** What a fault at a member of an item concerns. */
const PARTS: Readonly<Record<string, What>> = {
  relevant: 'relevant',
  required: 'required',
  constraint: 'constraint',
  value: 'calculate',
  options: 'options',
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
  if (pointer === '/rules') return dropCostly(translation, dropped, ['constraint'], LIMITS.judged_comparisons);
  if (pointer === '/questions' || pointer === '/facts') {
    return dropCostly(translation, dropped, ['relevant', 'required', 'calculate'], LIMITS.computed_terms);
  }
  return false;
}

function dropUsersOf(name: string, { entries }: Translation, dropped: Dropped, detail: string): boolean {
  const users = entries.flatMap((entry) =>
    parts(entry)
      .filter(({ condition }) => comparisonsOf(condition).flatMap(factsOf).includes(name))
      .map(({ what }) => dropped.add(entry, what, detail)),
  );
  return users.includes(true);
}

/** The conditions of an item, each with what it is. */
function parts({ draft }: Entry): { what: What; condition: Condition }[] {
  const { relevant, required, constraint } = draft;
  const conditions: [What, Condition | boolean | undefined][] = [
    ['relevant', relevant],
    ['required', required],
    ['constraint', constraint?.conditions],
  ];
  return conditions.flatMap(([what, condition]) => (typeof condition === 'object' ? [{ what, condition }] : []));
}

/** Drops what takes the most work for the largest response, until the rest is within the limit; at least one part. */
function dropCostly(translation: Translation, dropped: Dropped, kinds: readonly What[], most: number): boolean {
  const costs = translation.entries.flatMap((entry) => {
    const own = [
      ...parts(entry).map(({ what, condition }) => ({ what, work: comparisonsOf(condition).length })),
      ...(entry.draft.value === undefined ? [] : [{ what: 'calculate' as const, work: countTerms(entry.draft.value) }]),
    ];
    return own
      .filter(({ what }) => kinds.includes(what))
      .map(({ what, work }) => ({ entry, what, cost: work * entriesAround(entry) }));
  });
  let total = costs.reduce((sum, { cost }) => sum + cost, 0);
  let count = 0;
  for (const { entry, what, cost } of costs.toSorted((a, b) => b.cost - a.cost)) {
    if (count > 0 && total <= most) break;
    if (
      !dropped.add(entry, what, `The server cannot check so much in a repeat of up to ${entriesAround(entry)} entries.`)
    ) {
      continue;
    }
    total -= cost;
    count += 1;
  }
  return count > 0;
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
