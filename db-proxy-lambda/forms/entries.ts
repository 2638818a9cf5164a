/** The entries of a repeat in a stored response, and their cells. */
import { type Answers, isPoint } from '../../forms/values/answer.ts';
import { isJsonObject } from '../../forms/values/json.ts';
import type { AnswerColumn } from '../../forms/question-types/index.ts';
import type { Cell } from '../contract.ts';
import type { Lists } from '../database/json-lists.ts';

/**
 * Columns whose answers are in the same group: the keys that lead from the entry to the group, and the readers of the
 * cells.
 */
export interface Block {
  readonly keys: readonly string[];
  readonly cells: readonly AnswerColumn['cell'][];
}

export interface Entry {
  answers: Answers;
  /** The entry's position in its list, after the positions of the entries around it. The first entry has position 1. */
  positions: readonly number[];
}

const NO_ANSWERS: Answers = {};

/** All entries, in order. An element that is not an object is an entry without answers. */
export function* entriesOf(
  answers: Answers,
  lists: Lists,
  around: readonly number[] = [],
): Generator<Entry, void, void> {
  const [keys, ...inner] = lists;
  if (keys === undefined) {
    yield { answers, positions: around };
    return;
  }
  const last = keys.at(-1) ?? '';
  const list = groupAt(answers, keys.slice(0, -1))[last];
  if (!Array.isArray(list)) return;
  for (const [index, entry] of list.entries()) {
    yield* entriesOf(isJsonObject(entry) ? entry : NO_ANSWERS, inner, [...around, index + 1]);
  }
}

/** Adds the cells of an entry to a row. */
export function addCells(row: Cell[], answers: Answers, blocks: readonly Block[]): void {
  for (const { keys, cells } of blocks) {
    const group = groupAt(answers, keys);
    for (const cell of cells) row.push(cell(group));
  }
}

/** The answers in a group; none if the group is unanswered. */
function groupAt(answers: Answers, keys: readonly string[]): Answers {
  let group = answers;
  for (const key of keys) {
    const value = group[key];
    if (!isJsonObject(value)) return NO_ANSWERS;
    group = value;
  }
  return group;
}

/** Whether a value contains the answers of a group or a repeat, and is not the answer to one question. */
export function isNested(value: unknown): boolean {
  return (isJsonObject(value) && !isPoint(value)) || (Array.isArray(value) && value.some(isJsonObject));
}
