import type { FormDefinition, Rule } from './form-definition.ts';
import { placesOf } from './question-tree.ts';

/** A rule of a form, or the constraint of a question. */
export type FormRule = Rule & {
  /** The question of a constraint, by its path. The rule applies only if it is answered. */
  readonly about: readonly string[];
};

/** The rules of a form: first the constraints of its questions, each named by the path of its question's names. */
export function rulesOf({ questions, rules }: Pick<FormDefinition, 'questions' | 'rules'>): FormRule[] {
  const constraints = placesOf(questions).questions.flatMap(({ question, path, name }) =>
    'constraint' in question && question.constraint !== undefined
      ? [{ name, about: [path], ...question.constraint }]
      : [],
  );
  return [...constraints, ...rules.map((rule) => ({ ...rule, about: [] }))];
}
