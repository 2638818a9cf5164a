/** Finds calculations and conditions that depend on themselves: phones refuse to open such a form. */
import type { Translation } from './draft.ts';
import { parseXPath, type XPath, XPathError } from './xpath.ts';

/**
 * The path of a node in each cycle. As in JavaRosa, a node depends on what its calculation and its relevance name, and
 * its relevance includes that of the nodes around it.
 */
export function cyclesIn({ xform, byNode }: Translation): string[] {
  const needs = new Map<string, string[]>();
  for (const [path] of byNode) {
    const bind = xform.binds.get(path);
    const parent = path.slice(0, path.lastIndexOf('/'));
    const inherited = needs.get(`${parent}#`) ?? [];
    // The relevance alone has a key of its own, because the nodes inside inherit it. No element's name has a #.
    const relevance = [...inherited, ...pathsIn(bind?.relevant, path)];
    needs.set(`${path}#`, relevance);
    needs.set(path, [...relevance, ...pathsIn(bind?.calculate, path)]);
  }
  const found: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (path: string) => {
    state.set(path, 'open');
    for (const next of needs.get(path) ?? []) {
      if (state.get(next) === 'open') found.push(next);
      else if (!state.has(next)) visit(next);
    }
    state.set(path, 'done');
  };
  for (const [path] of byNode) if (!state.has(path)) visit(path);
  return [...new Set(found)];
}

/** The paths of the nodes that an expression names. */
function pathsIn(expression: string | undefined, here: string): string[] {
  if (expression === undefined) return [];
  try {
    return namesIn(parseXPath(expression), here);
  } catch (error) {
    if (error instanceof XPathError) return [];
    throw error;
  }
}

function namesIn(xpath: XPath, here: string): string[] {
  switch (xpath.kind) {
    case 'number':
    case 'text':
      return [];
    case 'all':
    case 'any':
      return xpath.parts.flatMap((part) => namesIn(part, here));
    case 'negative':
      return namesIn(xpath.operand, here);
    case 'operation':
      return [...namesIn(xpath.left, here), ...namesIn(xpath.right, here)];
    case 'call':
      // The position of an entry does not depend on what is in it.
      return xpath.name === 'position' ? [] : xpath.args.flatMap((arg) => namesIn(arg, here));
    case 'path': {
      const isCurrent = typeof xpath.from === 'object' && xpath.from.kind === 'call' && xpath.from.name === 'current';
      const inside = xpath.steps.flatMap(({ predicates }) => predicates.flatMap((each) => namesIn(each, here)));
      if (typeof xpath.from === 'object' && !isCurrent) return [...namesIn(xpath.from, here), ...inside];
      const names = xpath.from === 'root' ? [] : here.split('/').slice(1);
      for (const { axis, name } of xpath.steps) {
        if (axis === 'parent') names.pop();
        if (axis === 'child') names.push(name);
      }
      return [names.map((name) => `/${name}`).join(''), ...inside];
    }
  }
}
