/** The names of the files that the answers of a response refer to. */
import { isSection, type Item, type Question } from '../question-types/index.ts';
import type { Answers } from '../values/answer.ts';
import { isJsonObject } from '../values/json.ts';

const WITH_FILE: ReadonlySet<Question['type']> = new Set(['image', 'audio', 'video', 'file']);

/** Prepares a function that returns the names in the answers of a response, each once, in the form's order. */
export function compileAttachmentNames(items: readonly Item[]): (answers: Answers) => string[] {
  const kept = withFiles(items);
  return kept.length === 0 ? () => [] : (answers) => [...new Set(namesIn(kept, answers))];
}

/** The questions that take a file, in their groups and repeats. */
function withFiles(items: readonly Item[]): Item[] {
  return items.flatMap((item): Item[] => {
    if (!isSection(item)) return WITH_FILE.has(item.type) ? [item] : [];
    const questions = withFiles(item.questions);
    return questions.length === 0 ? [] : [{ ...item, questions }];
  });
}

function namesIn(items: readonly Item[], answers: unknown): string[] {
  if (!isJsonObject(answers)) return [];
  return items.flatMap((item) => {
    const value = Object.hasOwn(answers, item.key) ? answers[item.key] : undefined;
    if (!isSection(item)) return typeof value === 'string' ? [value] : [];
    const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
    return entries.flatMap((entry) => namesIn(item.questions, entry));
  });
}
