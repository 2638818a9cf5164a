/** Where the questions of a form are: in groups and repeats. */
import type { Condition } from '../language/condition.ts';
import { isSection, type Item, nameOf, type Question } from '../question-types/index.ts';
import { ROOT, type Scope, scopeIn } from '../language/scope.ts';

/** A question and its place. */
export type Placed = {
  readonly question: Question;
  /** The keys of the groups and repeats around it and its own, joined by `/`. Facts, rules and flags use this path. */
  readonly path: string;
  /** The names of the groups and repeats around it and its own, joined by `/`. */
  readonly name: string;
  readonly scope: Scope;
  /** The keys from an entry of the scope to the answer. */
  readonly keys: readonly string[];
  /** The conditions under which it is asked: its own, and those of the groups and repeats around it. */
  readonly relevant: readonly Condition[];
};

/** The path of an item in the section with this path. */
export function joinPath(path: string, key: string): string {
  return path === '' ? key : `${path}/${key}`;
}

/**
 * All questions of a form with their places, in its order, and all scopes: the form first, a repeat after its parent.
 */
export function placesOf(items: readonly Item[]): { questions: Placed[]; scopes: Scope[] } {
  const questions: Placed[] = [];
  const scopes = [ROOT];
  const visit = (inside: readonly Item[], at: Omit<Placed, 'question' | 'name'> & { names: readonly string[] }) => {
    for (const item of inside) {
      const path = joinPath(at.path, item.key);
      const names = [...at.names, nameOf(item)];
      const keys = [...at.keys, item.key];
      const relevant = item.relevant === undefined ? at.relevant : [...at.relevant, item.relevant];
      if (!isSection(item)) {
        questions.push({ question: item, path, name: names.join('/'), scope: at.scope, keys, relevant });
      } else if (item.type === 'group') {
        visit(item.questions, { ...at, path, names, keys, relevant });
      } else {
        const scope = scopeIn(at.scope, path, keys, item.max);
        scopes.push(scope);
        visit(item.questions, { path, names, scope, keys: [], relevant });
      }
    }
  };
  visit(items, { path: '', names: [], scope: ROOT, keys: [], relevant: [] });
  return { questions, scopes };
}

/** The paths of the questions on whose answers the options of other questions depend. */
export function neededByOptions(items: readonly Item[]): string[] {
  return placesOf(items).questions.flatMap(({ question }) =>
    'options' in question
      ? question.options.flatMap((option) => (typeof option === 'object' && option.if ? [option.if.question] : []))
      : [],
  );
}

/** The paths of all questions and repeats of a form. */
export function pathsOf(items: readonly Item[]): string[] {
  const { questions, scopes } = placesOf(items);
  return [...scopes.filter(({ parent }) => parent !== undefined), ...questions].map(({ path }) => path);
}
