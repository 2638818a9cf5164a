/** Where the questions of a form are in its instances. */
import { joinPath } from '../definition/question-tree.ts';
import type { Flag } from '../compiled/flags.ts';
import type { InstanceMap, InstanceNode } from './instance-nodes.ts';

type Step = { readonly node: string; readonly isRepeat: boolean };

/** The elements around each question and its own, by the question's path. */
type References = { readonly root: string; readonly steps: ReadonlyMap<string, readonly Step[]> };

export function questionReferences({ root, nodes }: InstanceMap): References {
  const steps = new Map<string, readonly Step[]>();
  const visit = (inside: readonly InstanceNode[], around: readonly Step[], path: string): void => {
    for (const each of inside) {
      const isRepeat = each.kind === 'section' && each.section.type === 'repeat';
      const own = [...around, { node: each.node, isRepeat }];
      if (each.kind === 'question') steps.set(joinPath(path, each.question.key), own);
      if (each.kind === 'section') visit(each.nodes, own, joinPath(path, each.section.key));
      if (each.kind === 'folder') visit(each.nodes, own, path);
    }
  };
  visit(nodes, [], '');
  return { root, steps };
}

/**
 * The references of a flag's questions, such as `/data/people[2]/age`. A question in entries that the flag does not name
 * has no number in its reference.
 */
export function flaggedReferences(
  { entry = '', questions }: Pick<Flag, 'entry' | 'questions'>,
  { root, steps }: References,
): string[] {
  const numbers = entry.split('/').filter((token) => /^\d+$/.test(token));
  return questions.flatMap((path) => {
    const own = steps.get(path);
    if (own === undefined) return [];
    let repeats = 0;
    const written = own.map(({ node, isRepeat }) => {
      const index = isRepeat ? numbers[repeats++] : undefined;
      return index === undefined ? node : `${node}[${Number(index) + 1}]`;
    });
    return [`/${[root, ...written].join('/')}`];
  });
}
