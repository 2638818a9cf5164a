/** The answers of a response in the order of its form, each with the flags that name it. */
import { answerText, isRecord, keyOf, labelOf, type Item } from './definition.ts';

/** A flag, as far as its place matters. */
export interface PlacedFlag {
  rule: string;
  message: string;
  /** The JSON pointer to the entry of a repeat, such as `/people/1`. */
  entry?: string;
  /** Paths of questions: keys joined by `/`, without the positions of entries. */
  questions: string[];
}

export interface AnswerNode<Flag> {
  kind: 'answer';
  item: Item;
  label: string;
  /** Labels of the groups and entries around it. */
  around: readonly string[];
  /** The JSON pointer to the answer in the response. */
  pointer: string;
  value: unknown;
  flags: Flag[];
}

export interface SectionNode<Flag> {
  kind: 'section';
  label: string;
  pointer: string;
  flags: Flag[];
  children: TreeNode<Flag>[];
}

export type TreeNode<Flag> = AnswerNode<Flag> | SectionNode<Flag>;

/** Where a question is. */
interface Spot {
  path: string;
  pointer: string;
  /** The pointer to the innermost entry around it; empty outside of repeats. */
  entry: string;
  around: readonly string[];
}

/** A member of a JSON pointer (RFC 6901). */
export const pointerPart = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** Whether a pointer is to a place, or to something inside of it. */
const isWithin = (pointer: string, place: string): boolean =>
  place === '' || pointer === place || pointer.startsWith(`${place}/`);

/**
 * @returns the answers as a tree, and the flags that name no shown question
 */
export function answerTree<Flag extends PlacedFlag>(
  items: readonly Item[],
  response: Record<string, unknown>,
  flags: readonly Flag[],
): { nodes: TreeNode<Flag>[]; general: Flag[] } {
  const placed = new Set<Flag>();
  const place = (test: (flag: Flag, entry: string) => boolean): Flag[] => {
    const found = flags.filter((flag) => test(flag, flag.entry ?? ''));
    for (const flag of found) placed.add(flag);
    return found;
  };

  const visit = (inside: readonly Item[], answers: unknown, at: Spot): TreeNode<Flag>[] =>
    inside.flatMap((item): TreeNode<Flag>[] => {
      if (item.type === 'note') return [];
      const key = keyOf(item);
      const label = labelOf(item);
      const path = at.path === '' ? key : `${at.path}/${key}`;
      const pointer = `${at.pointer}/${pointerPart(key)}`;
      const value = isRecord(answers) ? answers[key] : undefined;
      const spot = { path, pointer, entry: at.entry, around: [...at.around, label] };
      if (item.type === 'group') {
        const children = visit(item.questions ?? [], value, spot);
        return [{ kind: 'section', label, pointer, flags: [], children }];
      }
      if (item.type === 'repeat') {
        const entries: unknown[] = Array.isArray(value) ? value : [];
        const children = entries.map((answersOfEntry, index): TreeNode<Flag> => {
          const own = `${pointer}/${index}`;
          const name = `${label} ${index + 1}`;
          const around = [...at.around, name];
          return {
            kind: 'section',
            label: name,
            pointer: own,
            flags: place((flag, entry) => entry === own && flag.questions.includes(path)),
            children: visit(item.questions ?? [], answersOfEntry, { path, pointer: own, entry: own, around }),
          };
        });
        const about = place(
          ({ questions }, entry) =>
            questions.some((each) => isWithin(each, path)) && isWithin(entry, at.entry) && !isWithin(entry, pointer),
        );
        return [{ kind: 'section', label, pointer, flags: about, children }];
      }
      const named = place(({ questions }, entry) => questions.includes(path) && isWithin(entry, at.entry));
      return [{ kind: 'answer', item, label, around: at.around, pointer, value, flags: named }];
    });

  const nodes = visit(items, response, { path: '', pointer: '', entry: '', around: [] });
  return { nodes, general: flags.filter((flag) => !placed.has(flag)) };
}

/** All answers of a tree, in its order. */
export const leavesOf = <Flag>(nodes: readonly TreeNode<Flag>[]): AnswerNode<Flag>[] =>
  nodes.flatMap((node) => (node.kind === 'answer' ? [node] : leavesOf(node.children)));

/** The first answer or section that each flag names. */
export function firstsOf<Flag>(
  nodes: readonly TreeNode<Flag>[],
  firsts = new Map<Flag, { pointer: string; label: string }>(),
): Map<Flag, { pointer: string; label: string }> {
  for (const node of nodes) {
    for (const flag of node.flags)
      if (!firsts.has(flag)) firsts.set(flag, { pointer: node.pointer, label: node.label });
    if (node.kind === 'section') firstsOf(node.children, firsts);
  }
  return firsts;
}

/** A tree without questions that have neither an answer nor a flag. */
export function answered<Flag>(nodes: readonly TreeNode<Flag>[]): TreeNode<Flag>[] {
  return nodes.flatMap((node): TreeNode<Flag>[] => {
    if (node.kind === 'answer') return hasAnswer(node.value) || node.flags.length > 0 ? [node] : [];
    const children = answered(node.children);
    return children.length > 0 || node.flags.length > 0 ? [{ ...node, children }] : [];
  });
}

export const hasAnswer = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/** An answer that differs between two revisions. A missing answer is an empty text. */
export interface Change {
  pointer: string;
  label: string;
  before: string;
  after: string;
}

/** The metadata of a revision that is about the visit. */
const VISIT: readonly Item[] = [
  { type: 'text', key: 'user_id', label: 'Collector' },
  { type: 'text', key: 'username', label: 'Collector’s name' },
  { type: 'text', key: 'location', label: 'Place' },
];

/** The answers that differ, in the order of the form; entries of repeats are compared by position. */
export function changesBetween(
  items: readonly Item[],
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Change[] {
  const leaves = (response: Record<string, unknown>) =>
    new Map(
      leavesOf(answerTree([...VISIT, ...items], response, []).nodes).map((node) => [
        node.pointer,
        { label: [...node.around, node.label].join(' › '), text: answerText(node.item, node.value) },
      ]),
    );
  const [old, now] = [leaves(before), leaves(after)];
  return [...new Map([...old, ...now])]
    .map(([pointer, { label }]) => ({
      pointer,
      label,
      before: old.get(pointer)?.text ?? '',
      after: now.get(pointer)?.text ?? '',
    }))
    .filter((change) => change.before !== change.after);
}
