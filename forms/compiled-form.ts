import type { Answers } from './answer.ts';
import type { FormDefinition, FormState } from './form-definition.ts';
import { compileRules, type RuleChecker } from './rules.ts';
import { compileReader, type SubmissionResult } from './submission.ts';
import { compileUnique, type UniqueKey } from './unique.ts';

/** One version of a form, ready to read responses and to check them. Immutable. */
export type CompiledForm = {
  readonly form_id: string;
  readonly version: number;
  /** Versions with equal shapes read every response alike. Labels, hints and defaults are no part of it. */
  readonly shape: string;
  readonly state: FormState;
  /** Reads one response: see `compileReader`. */
  readonly readSubmission: (input: unknown) => SubmissionResult;
  readonly rules: RuleChecker;
  /** What no other response should share with this one: see `compileUnique`. */
  readonly uniqueKeys: (answers: Answers) => UniqueKey[];
};

/** Prepares a version of a form. Takes about a millisecond, so cache the result. */
export function compileForm(definition: FormDefinition, version: number): CompiledForm {
  return Object.freeze({
    form_id: definition.form_id,
    version,
    state: definition.state ?? 'open',
    shape: shapeOf(definition),
    readSubmission: compileReader(definition, version),
    rules: compileRules(definition),
    uniqueKeys: compileUnique(definition),
  });
}

const SHOWN = new Set(['label', 'hint', 'default']);

function shapeOf({ questions }: FormDefinition): string {
  return JSON.stringify(questions, (member, value: unknown) => (SHOWN.has(member) ? undefined : value));
}
