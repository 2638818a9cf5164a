import type { Answers } from '../values/answer.ts';
import type { FormDefinition, FormState } from '../definition/form-definition.ts';
import { compileRules, type RuleChecker } from './rules.ts';
import { compileReader, type Reader } from './submission.ts';
import { compileUnique, type UniqueKey } from './unique.ts';

/** One version of a form, ready to read responses and to check them. Immutable. */
export type CompiledForm = {
  readonly form_id: string;
  readonly version: number;
  readonly definition: FormDefinition;
  /**
   * Versions with equal shapes read every response alike. A shape has no labels, hints, defaults and constraints.
   */
  readonly shape: string;
  readonly state: FormState;
  /** Reads one response: see `compileReader`. */
  readonly readSubmission: Reader['read'];
  /** Reads one response whatever its answers are: see `Reader`. */
  readonly readLeniently: Reader['readLeniently'];
  readonly rules: RuleChecker;
  /** The keys that no two responses should share: see `compileUnique`. */
  readonly uniqueKeys: (answers: Answers) => UniqueKey[];
};

/** Prepares a version of a form. Takes about a millisecond, and a second for the largest form, so cache the result. */
export function compileForm(definition: FormDefinition, version: number): CompiledForm {
  const { read, readLeniently } = compileReader(definition, version);
  return Object.freeze({
    form_id: definition.form_id,
    version,
    definition,
    state: definition.state ?? 'open',
    shape: shapeOf(definition),
    readSubmission: read,
    readLeniently,
    rules: compileRules(definition),
    uniqueKeys: compileUnique(definition),
  });
}

const NO_SHAPE = new Set(['label', 'hint', 'default', 'constraint', 'node']);

function shapeOf({ questions, facts }: FormDefinition): string {
  // Whether an answer is required or relevant can depend on facts.
  return JSON.stringify([questions, facts], (member, value: unknown) => (NO_SHAPE.has(member) ? undefined : value));
}
