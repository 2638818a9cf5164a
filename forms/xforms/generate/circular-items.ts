/** Conditions in cycles. Collect allows them, but no app opens a form in which an element depends on itself. */
import { comparisonsOf, type Condition, factsOf as namesOf } from '../../language/condition.ts';
import { namesIn } from '../../language/expression.ts';
import { joinPath } from '../../definition/question-tree.ts';
import type { InstanceNode } from '../instance-nodes.ts';
import type { Facts } from '../to-xpath/facts.ts';

/** What an element depends on, by the paths of questions, groups and repeats. */
type Dependencies = Map<string, Set<string>>;

/**
 * The groups, repeats and questions whose `relevant` a form must leave out, by their paths: the last one of each cycle.
 * Calculations alone form no cycle, because they name only earlier questions.
 */
export function circularItems(nodes: readonly InstanceNode[], facts: Facts): ReadonlySet<string> {
  const dependencies: Dependencies = new Map();
  const conditions: (readonly [string, Condition])[] = [];
  const visit = (inside: readonly InstanceNode[], around: string) => {
    for (const each of inside) {
      if (each.kind === 'folder') visit(each.nodes, around);
      if (each.kind !== 'question' && each.kind !== 'section') continue;
      const item = each.kind === 'question' ? each.question : each.section;
      const path = joinPath(around, item.key);
      const needed = new Set(around === '' ? [] : [around]);
      dependencies.set(path, needed);
      if (item.relevant !== undefined) conditions.push([path, item.relevant]);
      if (item.type === 'calculate') {
        for (const name of namesIn(item.value, 'all')) for (const source of facts.dependsOn(name)) needed.add(source);
      }
      if (each.kind === 'section') visit(each.nodes, path);
    }
  };
  visit(nodes, '');

  const circular = new Set<string>();
  for (const [path, condition] of conditions) {
    const named = comparisonsOf(condition).flatMap(namesOf);
    const sources = named.flatMap((name) => [...facts.dependsOn(name)]);
    if (sources.some((source) => reaches(source, path, dependencies))) circular.add(path);
    else for (const source of sources) dependencies.get(path)?.add(source);
  }
  return circular;
}

function reaches(from: string, to: string, dependencies: Dependencies): boolean {
  const found = new Set([from]);
  // The loop also visits elements that it adds.
  for (const each of found) {
    if (each === to) return true;
    for (const next of dependencies.get(each) ?? []) found.add(next);
  }
  return false;
}
