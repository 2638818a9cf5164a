/** The flag for files that the answers of a response name but that are not stored. Pure. */
import { cutText, MAX_MESSAGE_BYTES, type Flag } from '../../forms/compiled/flags.ts';
import { OWN_FLAGS } from '../../forms/definition/metadata.ts';
import { isJsonObject } from '../../forms/values/json.ts';
import type { AttachmentsTable } from './rows.ts';

/** The files of a response. */
export interface ResponseFiles {
  /** The names in its answers. */
  expected: readonly string[];
  stored: readonly StoredFile[];
}

export type StoredFile = Pick<AttachmentsTable, 'name' | 'only_of'>;

export const NO_FILES: ResponseFiles = { expected: [], stored: [] };

/** The names in the answers for which no file is stored, each once. @param userId the collector of the response */
export function missingIn({ expected, stored }: ResponseFiles, userId: string): string[] {
  const names = new Set(stored.filter((file) => countsFor(file, userId)).map(({ name }) => name));
  return [...new Set(expected)].filter((name) => !names.has(name));
}

/** Whether a file belongs to the response of this collector. */
export function countsFor({ only_of: onlyOf }: Pick<StoredFile, 'only_of'>, userId: string): boolean {
  return onlyOf === null || onlyOf === userId;
}

/** The flag for missing files; none if nothing is missing. @param response the answers, or only those that name files */
export function missingFlags(missing: readonly string[], response: unknown): Flag[] {
  if (missing.length === 0) return [];
  const names = missing.join(', ');
  const message =
    missing.length === 1
      ? `The file ${names} has not arrived yet. Send it, or take the photo or recording again.`
      : `${missing.length} files have not arrived yet: ${names}. Send them, or take the photos or recordings again.`;
  return [
    {
      rule: OWN_FLAGS.missingAttachment,
      message: cutText(message, MAX_MESSAGE_BYTES),
      questions: [...new Set(questionsWith(new Set(missing), response, ''))],
      values: {},
    },
  ];
}

/** Whether a flag is one of `missingFlags`. */
export function isOfMissingFiles({ rule }: Pick<Flag, 'rule'>): boolean {
  return rule === OWN_FLAGS.missingAttachment;
}

/** The paths of the questions whose answer is one of these names. Entries of a repeat share a path. */
function questionsWith(names: ReadonlySet<string>, value: unknown, path: string): string[] {
  if (typeof value === 'string') return names.has(value) ? [path] : [];
  if (Array.isArray(value))
    return value.flatMap((entry) => (isJsonObject(entry) ? questionsWith(names, entry, path) : []));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    questionsWith(names, member, path === '' ? key : `${path}/${key}`),
  );
}
