/** Where the questions of a form are in an instance, and how an expression at one element refers to another. */
import { joinPath } from '../../definition/question-tree.ts';
import { ROOT, type Scope, scopeIn } from '../../language/scope.ts';
import type { Question, Repeat } from '../../question-types/index.ts';
import type { InstanceMap, InstanceMetadata, InstanceNode } from '../instance-nodes.ts';

/** The names of the elements from the root of the instance, without the root. */
export type Steps = readonly string[];

/** An element that stands for a question or a repeat. */
export type PlacedElement = {
  readonly steps: Steps;
  /** The repeat around it; for a repeat, the repeat itself. */
  readonly scope: Scope;
  readonly question?: Question;
  /** Its number in the form's order. */
  readonly order: number;
};

/** The element whose expression is written. */
export type Context = { readonly steps: Steps; readonly scope: Scope };

export type Places = {
  readonly root: string;
  /** The questions and repeats by their paths. */
  readonly elements: ReadonlyMap<string, PlacedElement>;
  /** The element of each repeat, by the repeat's path. */
  readonly repeats: ReadonlyMap<string, Steps>;
  readonly metadata: ReadonlyMap<InstanceMetadata, Steps>;
  /** The elements that hold what the phone computes in an entry, by the JSON of the expression. */
  readonly parts: ReadonlyMap<string, Context>;
};

export function placesIn({ root, nodes }: Pick<InstanceMap, 'root' | 'nodes'>): Places {
  const elements = new Map<string, PlacedElement>();
  const repeats = new Map<string, Steps>();
  const metadata = new Map<InstanceMetadata, Steps>();
  const parts = new Map<string, Context>();
  const visit = (inside: readonly InstanceNode[], around: Steps, path: string, keys: Steps, scope: Scope) => {
    for (const each of inside) {
      const steps = [...around, each.node];
      if (each.kind === 'metadata') metadata.set(each.is, steps);
      else if (each.kind === 'hidden') {
        if (each.computes !== undefined) parts.set(JSON.stringify(each.computes), { steps, scope });
      } else if (each.kind === 'question') {
        elements.set(joinPath(path, each.question.key), {
          steps,
          scope,
          question: each.question,
          order: elements.size,
        });
      } else if (each.kind === 'folder') visit(each.nodes, steps, path, keys, scope);
      else if (each.kind === 'section') {
        const own = joinPath(path, each.section.key);
        const ownKeys = [...keys, each.section.key];
        const inner = each.section.type === 'repeat' ? scopeOfRepeat(scope, own, ownKeys, each.section) : undefined;
        if (inner !== undefined) {
          repeats.set(own, steps);
          elements.set(own, { steps, scope: inner, order: elements.size });
        }
        visit(each.nodes, steps, own, inner === undefined ? ownKeys : [], inner ?? scope);
      }
    }
  };
  visit(nodes, [], '', [], ROOT);
  return { root, elements, repeats, metadata, parts };
}

function scopeOfRepeat(parent: Scope, path: string, keys: Steps, { max }: Repeat): Scope {
  return scopeIn(parent, path, keys, max);
}

/** The innermost repeat around an element; the form, if there is none. */
export function scopeAround({ repeats, elements }: Places, steps: Steps): Scope {
  const around = [...repeats].filter(
    ([, repeat]) => repeat.length < steps.length && repeat.every((step, index) => steps[index] === step),
  );
  const path = around.toSorted(([, left], [, right]) => right.length - left.length)[0]?.[0];
  return (path === undefined ? undefined : elements.get(path)?.scope) ?? ROOT;
}

/** The absolute path of an element, without the number of an entry. */
export function absolutePath({ root }: Pick<Places, 'root'>, steps: Steps): string {
  return `/${[root, ...steps].join('/')}`;
}

/**
 * The path from one element to another. Inside a repeat it is relative, so that it means the same entry in every
 * engine.
 *
 * @param scope of the other element: that of the context or one around it
 */
export function pathFrom(places: Places, context: Context, steps: Steps, scope: Scope): string {
  if (scope.parent === undefined) return absolutePath(places, steps);
  const around = places.repeats.get(scope.path)?.length ?? 0;
  const up = context.steps.slice(around).map(() => '..');
  return [...up, ...steps.slice(around)].join('/');
}
