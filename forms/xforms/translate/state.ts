/** What a translation collects: the parts that it leaves to the phone, and the derived facts of conditions. */
import { createHash } from 'node:crypto';
import { comparisonsOf, factsOf } from '../../language/condition.ts';
import type { Expression } from '../../language/expression.ts';
import { LIMITS } from '../../values/limits.ts';
import { type Entry, Untranslatable, type What } from './draft.ts';
import { XPathError } from './xpath.ts';

/** The parts of an item that may be left to the phone. */
export type Part = What | 'filter' | 'default';

/** The parts that are not translated, with the reason as a sentence, by item and part. */
export class Dropped {
  /** Whether options keep their labels. */
  hasOptionLabels = true;
  readonly #why = new Map<Entry, Map<Part, string>>();

  why(entry: Entry, what: Part): string | undefined {
    return this.#why.get(entry)?.get(what);
  }

  /** @returns false if it was dropped already */
  add(entry: Entry, what: Part, why: string): boolean {
    const own = this.#why.get(entry) ?? new Map<Part, string>();
    this.#why.set(entry, own);
    if (own.has(what)) return false;
    own.set(what, why);
    return true;
  }
}

/** The prefix of the names of derived facts. A hash of the fact follows, so the next version has the same name. */
export const FACT_PREFIX = 'xform_';

/** The derived facts of the conditions, each once. */
export class Facts {
  readonly #byName = new Map<string, Expression>();
  readonly #most: number;

  /** @param taken the number of other facts of the form */
  constructor(taken: number) {
    this.#most = LIMITS.facts - taken;
  }

  nameOf(expression: Expression): string {
    const hash = createHash('sha256').update(JSON.stringify(expression)).digest('hex');
    const name = FACT_PREFIX + hash.slice(0, 10);
    if (!this.#byName.has(name) && this.#byName.size >= this.#most) {
      throw new Untranslatable(`The form has more than ${LIMITS.facts} calculations in conditions.`);
    }
    this.#byName.set(name, expression);
    return name;
  }

  /** The facts that conditions use: a condition may have been dropped after it named some. */
  usedBy(entries: readonly Entry[]): { name: string; value: Expression }[] {
    const used = new Set(entries.flatMap(namesOfConditions));
    return [...this.#byName].filter(([name]) => used.has(name)).map(([name, value]) => ({ name, value }));
  }
}

/** The facts that the conditions of an item name. */
function namesOfConditions({ draft: { relevant, required, constraint } }: Entry): string[] {
  return [relevant, required, constraint?.conditions].flatMap((condition) =>
    typeof condition === 'object' ? comparisonsOf(condition).flatMap(factsOf) : [],
  );
}

/** Translates a part, and notes where it is checked. @returns undefined if only the phone checks it */
export function attempt<T>(entry: Entry, what: What, dropped: Dropped, translate: () => T): T | undefined {
  const onPhone = (why: string) => void entry.checks.push({ what, where: 'phone', why });
  const known = dropped.why(entry, what);
  if (known !== undefined) return onPhone(known);
  try {
    const result = translate();
    entry.checks.push({ what, where: 'server' });
    return result;
  } catch (error) {
    if (error instanceof Untranslatable || error instanceof XPathError) return onPhone(error.message);
    throw error;
  }
}
