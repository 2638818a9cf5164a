/** Scopes: the form as a whole, and its repeats. */
import { LIMITS } from '../values/limits.ts';

/** The form or a repeat. A question in it has one answer for each of its entries. */
export type Scope = {
  /** The path of the repeat; `''` for the form. */
  readonly path: string;
  /** 0 for the form. */
  readonly depth: number;
  readonly parent: Scope | undefined;
  /** The keys from the parent's entry to the list of entries. */
  readonly keys: readonly string[];
  /** Max entries in a response. */
  readonly max: number;
};

/** The form: a response is its one entry. */
export const ROOT: Scope = { path: '', depth: 0, parent: undefined, keys: [], max: 1 };

/** The scope of a repeat. @param max the repeat's own */
export function scopeIn(parent: Scope, path: string, keys: readonly string[], max: number = LIMITS.entries): Scope {
  return { path, depth: parent.depth + 1, parent, keys, max: Math.min(LIMITS.entries, parent.max * max) };
}

/** Whether an entry of the inner scope is inside an entry of the outer one, or the scopes are the same. */
export function isWithin(inner: Scope, outer: Scope): boolean {
  for (let scope: Scope | undefined = inner; scope !== undefined; scope = scope.parent) {
    if (scope.path === outer.path) return true;
  }
  return false;
}

/** The innermost of scopes; undefined if two of them are repeats and neither is inside the other. */
export function innermost(scopes: Iterable<Scope>): Scope | undefined {
  let found = ROOT;
  for (const scope of scopes) {
    if (isWithin(scope, found)) found = scope;
    else if (!isWithin(found, scope)) return undefined;
  }
  return found;
}
