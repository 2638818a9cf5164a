import { hash } from 'node:crypto';
import { type Fault, pointerTo } from '../values/fault.ts';
import type { FormDefinition } from '../definition/form-definition.ts';
import { isJsonObject } from '../values/json.ts';
import { fieldsOf, METADATA, VERSION_KEY } from '../definition/metadata.ts';
import { neededByOptions, pathsOf } from '../definition/question-tree.ts';
import { compileAttachmentNames } from './attachment-names.ts';
import { compileRelevance } from './relevance.ts';
import { compileSection, type Content } from './sections.ts';
import { toInstant } from '../values/time.ts';

/** More versions than a form ever has. */
const MAX_VERSION = 999_999_999;

/**
 * A response as submitted: metadata first, then answers, each under its key, in the form's order. Absent answers are
 * left out. Calculations have the server's values, and the values that were sent beside them.
 */
export type SubmittedResponse = Readonly<Content>;

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
  readonly last_modified_time: string;
  readonly response: SubmittedResponse;
  /**
   * SHA-256, in hex, of the response's content: answers in their canonical form, keys in any order. `5`, `"5"` and
   * `"5.00"` have the same hash, and so do all spellings of an instant. `synced_time` is left out, because a phone
   * stamps a new one at each retry. The form's version is left out, so that a retry keeps its hash after a new version.
   * Calculations are left out, because they follow from the other answers.
   */
  readonly content_hash: string;
  /** The paths of the version with which it was read: of metadata, questions and repeats, answered or not. */
  readonly paths: ReadonlySet<string>;
  /** The names of the files that its answers refer to; absent if there are none. */
  readonly attachments?: readonly string[];
};

/** A response that was read, or all its faults. */
export type SubmissionResult =
  { readonly ok: true; readonly submission: Submission } | { readonly ok: false; readonly errors: Fault[] };

/** What fits the form in a response, and the faults of what does not fit. */
export type LenientResult = { readonly submission: Submission; readonly faults: readonly Fault[] };

/** The readers of responses to one version of a form. */
export type Reader = {
  /** Reads a response that fits the form. */
  readonly read: (input: unknown, now?: number) => SubmissionResult;
  /**
   * Reads a response whose metadata is valid, whatever its answers are. Faulty answers and unknown keys are left out;
   * answers to irrelevant questions are kept.
   *
   * @throws {Error} if the metadata is not valid
   */
  readonly readLeniently: (input: Readonly<Record<string, unknown>>, now?: number) => LenientResult;
};

/**
 * Prepares the readers of responses to one version of a form. A response is an object with every required key and
 * without unknown keys; each value has its question's type. An optional question may be absent or null.
 *
 * `form_version` is neither required nor stored with the answers; the caller uses it to choose the reader.
 *
 * The readers take parsed JSON and report all faults together. If the JSON comes from `parseJson`, amounts are checked
 * as they were written.
 *
 * @param version becomes the responses' `form_version`
 */
export function compileReader(definition: FormDefinition, version: number): Reader {
  const { form_id, questions } = definition;
  const paths = new Set([...METADATA.map(({ key }) => key), ...pathsOf(questions)]);
  const read = compileSection(
    fieldsOf(definition),
    { path: '', isConditional: false, needed: new Set(neededByOptions(questions)) },
    ['synced_time'],
  );
  const complete = compileRelevance(definition);
  const attachmentNames = compileAttachmentNames(questions);

  const readContent = (input: Readonly<Record<string, unknown>>, errors: Fault[]) =>
    read(input, '', { errors, earlier: {}, faulty: new Set(), entries: new Map() });

  const toSubmission = (
    input: Readonly<Record<string, unknown>>,
    { answers, canonical }: ReturnType<typeof readContent>,
  ): Submission => {
    const lastModifiedTime = textAt(answers, 'last_modified_time');
    const attachments = attachmentNames(answers);
    return {
      response_id: textAt(answers, 'response_id'),
      form_id,
      form_version: version,
      ...((input[VERSION_KEY] ?? undefined) !== undefined && { version_declared: true as const }),
      user_id: textAt(answers, 'user_id'),
      last_modified: toInstant(lastModifiedTime) ?? '',
      last_modified_time: lastModifiedTime,
      response: answers,
      content_hash: hash('sha256', JSON.stringify(form_id) + canonical.join('')),
      paths,
      ...(attachments.length > 0 && { attachments }),
    };
  };

  return {
    read(input, now = Date.now()) {
      if (!isJsonObject(input))
        return { ok: false, errors: [{ pointer: '', detail: 'Send a response as a JSON object.' }] };
      const errors: Fault[] = [];
      const content = readContent(input, errors);
      // Whether an answer is relevant can depend on a faulty one.
      if (errors.length === 0 && complete !== undefined) errors.push(...complete(content.answers, now));
      return errors.length > 0 ? { ok: false, errors } : { ok: true, submission: toSubmission(input, content) };
    },
    readLeniently(input, now = Date.now()) {
      const faults: Fault[] = [];
      const content = readContent(input, faults);
      if (METADATA.some(({ key }) => !Object.hasOwn(content.answers, key))) {
        throw new Error('The metadata of the response is not valid.');
      }
      faults.push(...(complete?.(content.answers, now) ?? []));
      return { submission: toSubmission(input, content), faults };
    },
  };
}

function textAt(answers: Content, key: string): string {
  const value = answers[key];
  return typeof value === 'string' ? value : '';
}

/**
 * The form version with which a response was filled in, as its member `form_version` says; undefined without that
 * member.
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
