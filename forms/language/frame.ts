/** The entries of a response, and the values of facts for each. */
import type { Answers } from '../values/answer.ts';
import { pointerTo } from '../values/fault.ts';
import { isJsonObject } from '../values/json.ts';
import type { FactValue } from './kinds.ts';
import { ROOT, type Scope } from './scope.ts';

/**
 * The entries of one scope in a response, of all parents together. The response itself is the one entry of the form.
 */
type Entries = {
  readonly answers: readonly Answers[];
  /** The number of each entry within its parent, from 0. */
  readonly positions: readonly number[];
  readonly places: readonly At[];
  /** The index of the first entry of each parent; then the number of all entries. */
  readonly starts: readonly number[];
};

/** A place in a response: the index of the entry in each scope, from the form (always 0) to the innermost repeat. */
export type At = readonly number[];

/** A response while its facts are computed: one value per fact and entry of its scope. */
export type Frame = {
  readonly entries: ReadonlyMap<string, Entries>;
  readonly columns: (FactValue | undefined)[][];
  /** Milliseconds since 1970. */
  readonly now: number;
};

export const AT_ROOT: At = [0];

/** @param scopes a parent before its children */
export function createFrame(response: Answers, scopes: readonly Scope[], now: number): Frame {
  const entries = new Map<string, Entries>([
    [ROOT.path, { answers: [response], positions: [0], places: [AT_ROOT], starts: [0, 1] }],
  ]);
  for (const scope of scopes) {
    if (scope.parent === undefined) continue;
    const answers: Answers[] = [];
    const positions: number[] = [];
    const places: At[] = [];
    const starts = [0];
    for (const outer of entries.get(scope.parent.path)?.places ?? []) {
      const list = answerAt(entryAt({ entries }, scope.parent, outer), scope.keys);
      for (const [position, entry] of (Array.isArray(list) ? list : []).entries()) {
        // In an earlier version, the key may have been that of a question with several options.
        if (!isJsonObject(entry)) continue;
        places.push([...outer, answers.length]);
        answers.push(entry);
        positions.push(position);
      }
      starts.push(answers.length);
    }
    entries.set(scope.path, { answers, positions, places, starts });
  }
  return { entries, columns: [], now };
}

/** The answer below an entry; undefined if it or a group around it is absent. */
export function answerAt(entry: Answers, keys: readonly string[]): unknown {
  let value: unknown = entry;
  for (const key of keys) {
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** The places of all entries of a scope. */
export function entriesOf({ entries }: Frame, scope: Scope): readonly At[] {
  return entries.get(scope.path)?.places ?? [];
}

/** The places of those entries of a scope that are inside one entry of the parent scope. @param at its place */
export function entriesIn({ entries }: Frame, scope: Scope, at: At): readonly At[] {
  const own = entries.get(scope.path);
  const parent = at[scope.depth - 1] ?? 0;
  return own?.places.slice(own.starts[parent], own.starts[parent + 1]) ?? [];
}

/** The answers of the entry at a place. */
export function entryAt({ entries }: Pick<Frame, 'entries'>, scope: Scope, at: At): Answers {
  return entries.get(scope.path)?.answers[at[scope.depth] ?? 0] ?? {};
}

/** The number of the entry at a place within its parent, from 0. */
export function positionAt({ entries }: Pick<Frame, 'entries'>, scope: Scope, at: At): number {
  return entries.get(scope.path)?.positions[at[scope.depth] ?? 0] ?? 0;
}

/** The JSON pointer to the entry at a place; `''` for the form. */
export function entryPointer(frame: Pick<Frame, 'entries'>, scope: Scope, at: At): string {
  if (scope.parent === undefined) return '';
  return entryPointer(frame, scope.parent, at) + pointerTo(...scope.keys, positionAt(frame, scope, at));
}
