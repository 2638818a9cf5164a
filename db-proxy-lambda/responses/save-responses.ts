import { fitFlags, type Flag, MAX_FLAGS_BYTES } from '../../forms/compiled/flags.ts';
import type { IncomingResponse, SaveOutcome } from '../contract.ts';
import type { Database } from '../database/database.ts';
import { deleteLateRevision, keepLateRevision } from './late-revision-queries.ts';
import { insertResponseEvents, type NewEvent } from '../outbox/queries.ts';
import { lockFiles } from '../attachments/queries.ts';
import { addFilesTo, saveFilesOf } from '../attachments/response-files.ts';
import {
  insertResponses,
  lockCurrentStates,
  replaceRevision,
  type AuthoredResponse,
  type CurrentState,
  type NewRevision,
} from './queries.ts';
import { nameTokens } from '../tokens/queries.ts';
import { inTransaction } from '../database/transactions.ts';
import { decideOutcome, isOpen, type SaveTerms } from './revision-order.ts';
import { findForm, stateOf } from '../forms/queries.ts';
import { formOf, isDraft } from '../values.ts';
import type { OperationHandler } from '../operation-handler.ts';
import { claimUniqueKeys, insertFirstKeys, lockUniqueKeys } from './unique-key-queries.ts';

/**
 * Saves responses, with the same outcome as if each were sent alone, in order.
 *
 * Most responses are new, so all are first inserted without reads or locks, except those of files. If a response is
 * stored already, or another response has its unique answers, nothing is written, and `saveEach` decides for each
 * response. The same transaction adds an event to the outbox for each revision.
 *
 * The timestamp is read right before the first write, so that lists in the order of change soon see the uncommitted row
 * (settled.ts).
 */
export const saveResponses: OperationHandler<'saveResponses'> = async (database, { responses, ...terms }) => {
  const filed = await underOpenForms(database, responses);
  const results = (await saveAllAsNew(database, filed)) ?? (await saveEach(database, filed, terms));
  return { results: withinReply(results) };
};

/**
 * The responses, with each response to a draft moved to the form if the form has opened meanwhile. The caller may have
 * seen the draft half a minute ago, or before an outage.
 */
async function underOpenForms(
  { db }: Database,
  responses: readonly IncomingResponse[],
): Promise<readonly IncomingResponse[]> {
  const drafts = new Set(responses.map((each) => each.form_id).filter(isDraft));
  const opened = new Set<string>();
  for (const draft of drafts) {
    const form = await findForm(db, formOf(draft), undefined);
    if (form !== undefined && stateOf(form) !== 'draft') opened.add(draft);
  }
  if (opened.size === 0) return responses;
  return responses.map((each) => (opened.has(each.form_id) ? { ...each, form_id: formOf(each.form_id) } : each));
}

/**
 * Max bytes of flags in a reply. With the other members of 1,000 results, the reply stays below Lambda's limit of 6 MB.
 */
const MAX_FLAGS_IN_REPLY = 4_000_000;

/** Shortens the flags of results if those of the whole batch are too large for one reply. */
function withinReply(results: readonly SaveOutcome[]): SaveOutcome[] {
  const sizes = results.flatMap((result) =>
    'flags' in result && result.flags !== undefined && result.flags.length > 0 ? [bytesOf(result.flags)] : [],
  );
  if (sizes.reduce((sum, size) => sum + size, 0) <= MAX_FLAGS_IN_REPLY) return [...results];
  const share = Math.floor(MAX_FLAGS_IN_REPLY / sizes.length);
  return results.map((result) => {
    if (!('flags' in result) || result.flags === undefined || bytesOf(result.flags) <= share) return result;
    return { ...result, flags: [...fitFlags(result.flags, share)], flags_cut: true };
  });
}

function bytesOf(flags: unknown): number {
  return Buffer.byteLength(JSON.stringify(flags));
}

async function saveAllAsNew(
  database: Database,
  responses: readonly IncomingResponse[],
): Promise<SaveOutcome[] | undefined> {
  const mayBeNew = responses.every((each) => each.only_correction === undefined);
  if (!mayBeNew || new Set(responses.map((each) => each.response_id)).size < responses.length) return undefined;
  try {
    return await database.db.transaction().execute(async (trx) => {
      const withFiles = responses.filter(({ files = [], expects = [] }) => files.length + expects.length > 0);
      const files = await lockFiles(trx, database.upsert, withFiles);
      const now = new Date().toISOString();
      const missing = new Map<string, Flag[]>();
      for (const each of withFiles) missing.set(each.response_id, await saveFilesOf(trx, files, each, now));
      const flagsOf = (each: IncomingResponse) => missing.get(each.response_id) ?? [];
      const revisions = responses.map((each) => ({ incoming: withFlags(each, flagsOf(each)), revision: 1 }));
      await insertResponses(trx, revisions, now);
      await insertFirstKeys(trx, responses);
      const events = revisions.filter(causesEvents).map((each) => toEvent(each, false));
      await insertResponseEvents(trx, events, now);
      return revisions.map(({ incoming, revision }) => ({
        outcome: 'created' as const,
        revision,
        ...(flagsOf(incoming).length > 0 && { flags: incoming.flags }),
      }));
    });
  } catch (error) {
    // saveEach reads the stored states, and retries transient errors.
    if (database.errorKind(error) === 'INTERNAL') throw error;
    return undefined;
  }
}

/** Responses to drafts are tests, so they add no events to the outbox. */
function causesEvents({ incoming }: Pick<NewRevision, 'incoming'>): boolean {
  return !isDraft(incoming.form_id);
}

function toEvent({ incoming, revision }: NewRevision, wasFlagged: boolean): NewEvent {
  return { response_id: incoming.response_id, status: incoming.status, revision, wasFlagged };
}

function saveEach(
  database: Database,
  responses: readonly IncomingResponse[],
  terms: SaveTerms,
): Promise<SaveOutcome[]> {
  return inTransaction(database, async (trx) => {
    let writtenAt: string | undefined;
    const now = () => (writtenAt ??= new Date().toISOString());
    const ids = responses.map((each) => each.response_id);
    const states = await lockCurrentStates(trx, ids);
    const keys = await lockUniqueKeys(trx, responses);
    const files = await lockFiles(trx, database.upsert, responses);
    const authors = await nameTokens(
      trx,
      responses.flatMap(({ author_token: token }) => token ?? []),
    );
    const results: SaveOutcome[] = [];
    const events: NewEvent[] = [];
    for (const sent of responses) {
      const stored = states.get(sent.response_id);
      const checked = stored === undefined ? sent : withAuthor(sent, authors);
      const result = decideOutcome(stored, checked, terms);
      if (result.outcome === 'kept' && causesEvents({ incoming: checked })) {
        await keepLateRevision(trx, checked, new Date().toISOString());
      }
      if (result.outcome !== 'created' && result.outcome !== 'updated') {
        const takesFiles = result.outcome === 'kept' || result.outcome === 'unchanged';
        const cleared =
          takesFiles && stored !== undefined ? await addFilesTo(trx, files, checked, stored, now) : undefined;
        if (cleared === undefined) results.push(result);
        else {
          if (causesEvents({ incoming: checked })) events.push(cleared.event);
          states.set(checked.response_id, cleared.state);
          results.push(afterClearing(result, cleared.state));
        }
      } else {
        const assignee = stored?.assignee ?? null;
        const added = [
          ...(await claimUniqueKeys(trx, keys, checked)),
          ...(await saveFilesOf(trx, files, { ...checked, user_id: assignee ?? checked.user_id }, now())),
        ];
        const incoming = withFlags(checked, added);
        results.push({ ...result, ...(added.length > 0 && { flags: incoming.flags }) });
        const next = { incoming, revision: result.revision, assignee };
        await (stored === undefined ? insertResponses(trx, [next], now()) : replaceRevision(trx, next, now()));
        if (assignee !== null) await deleteLateRevision(trx, checked);
        if (causesEvents(next)) events.push(toEvent(next, stored !== undefined && isOpen(stored)));
        states.set(incoming.response_id, {
          ...incoming,
          user_id: assignee ?? incoming.user_id,
          assignee,
          revision: result.revision,
          flags: JSON.stringify(incoming.flags),
          first_declared: stored === undefined ? firstDeclared(incoming) : stored.first_declared,
        });
      }
    }
    await insertResponseEvents(trx, events, now());
    return results;
  });
}

/** The outcome of a state that changed nothing but brought the last missing file. */
function afterClearing(result: SaveOutcome, { revision, status, flags }: CurrentState): SaveOutcome {
  if (result.outcome !== 'unchanged' || status === 'erased') return result;
  return { outcome: 'unchanged', revision, status, flags: JSON.parse(flags) };
}

/** Adds the author of a manager's correction: the label of the token, or its id. */
function withAuthor(sent: IncomingResponse, labels: ReadonlyMap<string, string>): AuthoredResponse {
  const { author_token: token } = sent;
  return token === undefined ? sent : { ...sent, author: labels.get(token) ?? token };
}

/** Adds the flags that only the database can determine: those for duplicate answers and for missing files. */
export function withFlags<Checked extends Pick<IncomingResponse, 'status' | 'flags'>>(
  checked: Checked,
  flags: readonly Flag[],
): Checked {
  if (flags.length === 0) return checked;
  return { ...checked, status: 'flagged', flags: [...fitFlags([...checked.flags, ...flags], MAX_FLAGS_BYTES)] };
}

function firstDeclared({ version_declared: isDeclared, form_version: version }: IncomingResponse): number | null {
  return isDeclared ? version : null;
}
