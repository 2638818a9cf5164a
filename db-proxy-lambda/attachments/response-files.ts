/** Saves the files of responses in the transaction that saves the responses. */
import type { Transaction } from 'kysely';
import type { IncomingResponse } from '../contract.ts';
import type { Schema } from '../database/schema.ts';
import type { NewEvent } from '../outbox/queries.ts';
import { isDecided } from '../responses/revision-order.ts';
import { writeNextRevision, type CurrentState } from '../responses/queries.ts';
import type { Flag } from '../../forms/compiled/flags.ts';
import { isOfMissingFiles, missingFlags, missingIn, type ResponseFiles } from './missing-files.ts';
import { insertFiles, writeExpected } from './queries.ts';

/** A state of a response that becomes its current one. */
type Saved = Pick<IncomingResponse, 'response_id' | 'user_id' | 'response' | 'files' | 'expects'>;

/**
 * Saves the files of a state that becomes the current one, and the file names in its answers.
 *
 * @param files locked by `lockFiles` together with this response; updated
 * @returns the flag of missing files
 */
export async function saveFilesOf(
  trx: Transaction<Schema>,
  files: Map<string, ResponseFiles>,
  { response_id: responseId, user_id: userId, response, files: sent = [], expects = [] }: Saved,
  now: string,
): Promise<Flag[]> {
  const known = files.get(responseId);
  if (known === undefined) return [];
  const added = sent.length === 0 ? [] : await insertFiles(trx, responseId, sent, { now });
  if (JSON.stringify(known.expected) !== JSON.stringify(expects)) await writeExpected(trx, responseId, expects);
  const own = { expected: expects, stored: [...known.stored, ...added] };
  files.set(responseId, own);
  return missingFlags(missingIn(own, userId), response);
}

/**
 * Adds files to a stored response, whose answers stay as they are.
 *
 * @param files as for `saveFilesOf`
 * @param now the time of the first write, read when it is needed (settled.ts)
 * @returns the next revision without the flag of missing files, if the last missing file has come
 */
export async function addFilesTo(
  trx: Transaction<Schema>,
  files: Map<string, ResponseFiles>,
  { response_id: responseId, files: sent = [] }: Pick<Saved, 'response_id' | 'files'>,
  stored: CurrentState,
  now: () => string,
): Promise<Cleared | undefined> {
  const known = files.get(responseId);
  if (known === undefined || sent.length === 0) return undefined;
  const added = await insertFiles(trx, responseId, sent, { now: now() });
  const own = { ...known, stored: [...known.stored, ...added] };
  files.set(responseId, own);
  return await clearMissing(trx, responseId, stored, own, now);
}

/** A revision from which the flag of missing files has disappeared. */
export interface Cleared {
  state: CurrentState;
  event: NewEvent;
}

/**
 * Writes the next revision without the flag of missing files, if nothing is missing any more. Answers, times and
 * content hash stay the same, so a phone's retry is still `unchanged`. An approved or rejected response keeps its
 * status; a returned one is judged again, because the collector has acted.
 */
async function clearMissing(
  trx: Transaction<Schema>,
  responseId: string,
  stored: CurrentState,
  files: ResponseFiles,
  now: () => string,
): Promise<Cleared | undefined> {
  if (stored.status === 'erased' || missingIn(files, stored.user_id).length > 0) return undefined;
  const before: Flag[] = JSON.parse(stored.flags);
  const flags = before.filter((flag) => !isOfMissingFiles(flag));
  if (flags.length === before.length) return undefined;
  const judged = flags.length === 0 ? ('accepted' as const) : ('flagged' as const);
  const status = isDecided(stored.status) ? stored.status : judged;
  const changes = { revision: stored.revision + 1, status, flags: JSON.stringify(flags) };
  await writeNextRevision(trx, responseId, changes, now());
  const published = status === 'approved' ? ('accepted' as const) : judged;
  const event = { response_id: responseId, status: published, revision: changes.revision, wasFlagged: true };
  return { state: { ...stored, ...changes }, event };
}
