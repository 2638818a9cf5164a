/** Where the questions of a form are in its instances. */
import { joinPath } from '../definition/question-tree.ts';
import type { Flag } from '../compiled/flags.ts';
import { isIndex } from '../compiled/misfits.ts';
import { stepsOf } from '../values/fault.ts';
import type { InstanceMap, InstanceNode } from './instance-nodes.ts';

/** An element. `repeat` is the repeat's path, if the element is an entry. */
type Step = { readonly node: string; readonly repeat?: string };

/** For the path of each question: the elements around it, then its own. */
type References = { readonly root: string; readonly steps: ReadonlyMap<string, readonly Step[]> };

export function questionReferences({ root, nodes }: InstanceMap): References {
  const steps = new Map<string, readonly Step[]>();
  const visit = (inside: readonly InstanceNode[], around: readonly Step[], path: string): void => {
    for (const each of inside) {
      const { node } = each;
      if (each.kind === 'question') steps.set(joinPath(path, each.question.key), [...around, { node }]);
      if (each.kind === 'section') {
        const sectionPath = joinPath(path, each.section.key);
        const own = each.section.type === 'repeat' ? { node, repeat: sectionPath } : { node };
        visit(each.nodes, [...around, own], sectionPath);
      }
      if (each.kind === 'folder') visit(each.nodes, [...around, { node }], path);
    }
  };
  visit(nodes, [], '');
  return { root, steps };
}

/**
 * The references of a flag's questions, such as `/data/people[2]/age`. If the flag does not name the entry of a
 * question, its reference has no number.
 */
export function flaggedReferences(
  { entry = '', questions }: Pick<Flag, 'entry' | 'questions'>,
  { root, steps }: References,
): string[] {
  const place = stepsOf(entry);
  const numbers = place.filter(isIndex);
  const entryPath = place.filter((step) => !isIndex(step)).join('/');
  return questions.flatMap((path) => {
    const own = steps.get(path);
    if (own === undefined) return [];
    let repeats = 0;
    const written = own.map(({ node, repeat }) => {
      const isNamed = repeat !== undefined && `${entryPath}/`.startsWith(`${repeat}/`);
      const index = isNamed ? numbers[repeats++] : undefined;
      return index === undefined ? node : `${node}[${Number(index) + 1}]`;
    });
    return [`/${[root, ...written].join('/')}`];
  });
}
