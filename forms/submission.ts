import { hash } from 'node:crypto';
import { type Answer, textOf } from './answer.ts';
import { type Fault, pointerTo } from './fault.ts';
import type { FormDefinition } from './form-definition.ts';
import { isJsonObject } from './json.ts';
import { fieldsOf, VERSION_KEY } from './metadata.ts';
import { nearestKey } from './nearest-key.ts';
import { parserOf } from './question-types/index.ts';

/** Maximum number of unknown keys with a fault of their own; one more fault counts the rest. */
export const MAX_UNKNOWN_KEYS = 50;

const MAX_HINTS = 10;

/** More versions than a form ever has. */
const MAX_VERSION = 999_999_999;

/**
 * A response as submitted: metadata first, then answers, each under its key, in the form's order. Absent answers are
 * left out.
 */
export type SubmittedResponse = { readonly [key: string]: Answer };

/** A response that can be checked and saved. */
export type Submission = {
  readonly response_id: string;
  readonly form_id: string;
  readonly form_version: number;
  /** Set if the response itself names this version; otherwise it is the newest version that the response fits. */
  readonly version_declared?: true;
  readonly user_id: string;
  /** `last_modified_time` as an instant of `toInstant`: the order of these texts is the order of the instants. */
  readonly last_modified: string;
  readonly response: SubmittedResponse;
  /**
   * SHA-256, in hex, of the response's content: answers in their canonical form, keys in any order. `5`, `"5"` and
   * `"5.00"` have the same hash; so have all spellings of an instant. `synced_time` is left out, because a phone stamps a
   * new one at each retry. The form's version is left out too, so that a retry keeps its hash after a new version.
   */
  readonly content_hash: string;
  /** The keys of the version with which it was read: metadata and questions, answered or not. */
  readonly keys: ReadonlySet<string>;
};

/** A response that was read, or all its faults. */
export type SubmissionResult =
  { readonly ok: true; readonly submission: Submission } | { readonly ok: false; readonly errors: Fault[] };

/**
 * Prepares the reader of responses to one version of a form. A response is an object with every required key and
 * without unknown keys; each value has its question's type. An optional question may be absent or null.
 *
 * `form_version` is neither required nor stored with the answers; the caller uses it to choose the reader.
 *
 * The reader takes parsed JSON. It never throws, and it reports all faults together. If the JSON comes from `parseJson`,
 * amounts are checked as they were written.
 *
 * @param version becomes the responses' `form_version`
 */
export function compileReader(definition: FormDefinition, version: number): (input: unknown) => SubmissionResult {
  const fields = fieldsOf(definition);
  const keys = new Set(fields.map((field) => field.key));
  // Hashed by key and not by position: moving a question does not turn a retry into a conflict.
  const hashed = [...keys].filter((key) => key !== 'synced_time').toSorted();
  const positions = new Map(hashed.map((key, position) => [key, position]));
  const readers = fields.map((field) => ({
    key: field.key,
    required: field.required,
    read: parserOf(field),
    hashedAt: positions.get(field.key) ?? -1,
    hashedKey: `,${JSON.stringify(field.key)}:`,
  }));
  const { form_id } = definition;

  return (input) => {
    if (!isJsonObject(input))
      return { ok: false, errors: [{ pointer: '', detail: 'Send a response as a JSON object.' }] };
    const errors: Fault[] = [];
    const missing: string[] = [];
    const faulty = new Set<string>();
    const response: Record<string, Answer> = {};
    const content: string[] = hashed.map(() => '');
    let lastModified = '';
    let known = Object.hasOwn(input, VERSION_KEY) ? 1 : 0;
    for (const { key, required, read, hashedAt, hashedKey } of readers) {
      const value = Object.hasOwn(input, key) ? input[key] : undefined;
      if (value !== undefined) known += 1;
      if (value === undefined || value === null) {
        if (!required) continue;
        if (value === undefined) missing.push(key);
        faulty.add(key);
        errors.push({ pointer: pointerTo(key), detail: value === null ? NULL_ADVICE : MISSING_ADVICE });
        continue;
      }
      const answer = read(value, response, faulty);
      if (!answer.ok) {
        faulty.add(key);
        errors.push({ pointer: pointerTo(key), detail: answer.detail });
        continue;
      }
      response[key] = answer.value;
      if (hashedAt >= 0) content[hashedAt] = hashedKey + JSON.stringify(answer.canonical);
      if (key === 'last_modified_time') lastModified = textOf(answer.canonical);
    }
    if (Object.keys(input).length > known) {
      errors.push(
        ...unknownKeyFaults(
          Object.keys(input).filter((key) => !keys.has(key) && key !== VERSION_KEY),
          missing,
        ),
      );
    }
    if (errors.length > 0) return { ok: false, errors };

    const submission = {
      response_id: textOf(response['response_id'] ?? ''),
      form_id,
      form_version: version,
      ...((input[VERSION_KEY] ?? undefined) !== undefined && { version_declared: true as const }),
      user_id: textOf(response['user_id'] ?? ''),
      last_modified: lastModified,
      response,
      content_hash: hash('sha256', JSON.stringify(form_id) + content.join('')),
      keys,
    };
    return { ok: true, submission };
  };
}

/**
 * The form version with which a response was filled in, as its member `form_version` says; undefined without that member.
 *
 * @returns a fault if the member is not a version number
 */
export function declaredVersion(input: unknown): number | Fault | undefined {
  const version = isJsonObject(input) ? (input[VERSION_KEY] ?? undefined) : undefined;
  if (version === undefined) return undefined;
  if (typeof version === 'number' && Number.isInteger(version) && version >= 1 && version <= MAX_VERSION)
    return version;
  return { pointer: pointerTo(VERSION_KEY), detail: 'Send the number of a version of the form, or leave it out.' };
}

const MISSING_ADVICE = 'This key is missing; an answer is required.';
const NULL_ADVICE = 'Send an answer instead of null; this question is required.';

function unknownKeyFaults(unknown: readonly string[], missing: readonly string[]): Fault[] {
  const faults = unknown.slice(0, MAX_UNKNOWN_KEYS).map((key, index) => {
    const near = index < MAX_HINTS ? nearestKey(key, missing) : undefined;
    const hint = near === undefined ? '' : ` Did you mean ${JSON.stringify(near)}?`;
    return { pointer: pointerTo(key), detail: `Remove this key; the form does not have it.${hint}` };
  });
  const more = unknown.length - faults.length;
  return more > 0
    ? [...faults, { pointer: '', detail: `Remove ${more} more keys that the form does not have.` }]
    : faults;
}
