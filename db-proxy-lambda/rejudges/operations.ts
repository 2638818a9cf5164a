import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Transaction } from 'kysely';
import { OWN_FLAGS } from '../../forms/definition/metadata.ts';
import type { Flag } from '../../forms/compiled/flags.ts';
import { isOfMissingFiles, missingIn, NO_FILES } from '../attachments/missing-files.ts';
import { lockFiles } from '../attachments/queries.ts';
import { recordEvent, versionText } from '../audit/queries.ts';
import type { Input } from '../contract.ts';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';
import { inTransaction } from '../database/transactions.ts';
import { findForm, findLastVersion } from '../forms/queries.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import { insertResponseEvents, type NewEvent } from '../outbox/queries.ts';
import { lockCurrentStates, writeNextRevision } from '../responses/queries.ts';
import { isOpen, isReviewed } from '../responses/revision-order.ts';
import { withFlags } from '../responses/save-responses.ts';
import { claimUniqueKeys, lockUniqueKeys } from '../responses/unique-key-queries.ts';
import type { rejudgeOperations } from './contract.ts';
import {
  countResponses,
  findRejudge,
  findStalledRejudges,
  insertRejudge,
  lockRejudge,
  toStored,
  updateRejudge,
} from './queries.ts';
import type { RejudgesTable } from './rows.ts';

/** A re-judge fails after this many claims that finished no page. */
const MAX_CLAIMS = 5;

export const rejudgeHandlers: OperationHandlers<typeof rejudgeOperations> = {
  requestRejudge: (database, { rejudge_id: rejudgeId, form_id: formId, since = null, by }) =>
    inTransaction(database, async (trx) => {
      // This call may be a retry, and its re-judge may have ended since.
      const own = await findRejudge(trx, 'rejudge_id', rejudgeId);
      if (own !== undefined) return { rejudge: own };
      const newest = await findLastVersion(trx, formId, undefined);
      if (newest === undefined) return { rejudge: null };
      const rulesVersion = newest.version;
      const activeKey = hash('sha256', JSON.stringify([formId, rulesVersion, since]), 'hex');
      const active = await findRejudge(trx, 'active_key', activeKey);
      if (active !== undefined) return { rejudge: active };
      const at = new Date().toISOString();
      const row = {
        rejudge_id: rejudgeId,
        form_id: formId,
        rules_version: rulesVersion,
        since,
        status: 'queued' as const,
        responses_total: null,
        checked: 0,
        changed: 0,
        error: null,
        created_at: at,
        started_at: null,
        finished_at: null,
        active_key: activeKey,
        position: null,
        holder: null,
        claims: 0,
        progress_at: at,
      };
      // If a concurrent duplicate inserts first, this insert fails (duplicate key), and its retry finds that re-judge.
      await insertRejudge(trx, row);
      const detail = since === null ? versionText(rulesVersion) : `${versionText(rulesVersion)}, since ${since}`;
      await recordEvent(trx, by, { at, action: 'rejudge_requested', subject_id: formId, detail });
      return { rejudge: toStored(row) };
    }),

  getRejudge: async ({ db }, { rejudge_id: rejudgeId }) => ({
    rejudge: (await findRejudge(db, 'rejudge_id', rejudgeId)) ?? null,
  }),

  claimRejudge: (database, { rejudge_id: rejudgeId, holder }) =>
    inTransaction(database, async (trx) => {
      const found = await lockRejudge(trx, rejudgeId);
      if (found === undefined) return { claim: 'unknown' };
      if (found.status === 'succeeded' || found.status === 'failed') return { claim: 'finished' };
      const now = new Date().toISOString();
      const form = await findForm(trx, found.form_id, found.rules_version);
      // This claim may be a retry of the holder's own.
      const claims = found.holder === holder ? found.claims : found.claims + 1;
      if (form === undefined || claims > MAX_CLAIMS) {
        const error = form === undefined ? 'The form no longer exists.' : 'The re-judge was interrupted too often.';
        await updateRejudge(trx, rejudgeId, { status: 'failed', error, active_key: null, finished_at: now });
        return { claim: 'finished' };
      }
      const changes = {
        status: 'running' as const,
        started_at: found.started_at ?? now,
        responses_total: found.responses_total ?? (await countResponses(trx, found.form_id, found.since)),
      };
      await updateRejudge(trx, rejudgeId, { ...changes, holder, claims, progress_at: now });
      return {
        claim: 'granted',
        rejudge: { ...toStored(found), ...changes },
        form,
        after: found.position === null ? null : JSON.parse(found.position),
      };
    }),

  /** A retry changes nothing, because the judged revisions have been replaced. */
  saveJudgements: (database, { rejudge_id: rejudgeId, holder, judgements, page }) =>
    inTransaction(database, async (trx) => {
      const found = await lockRejudge(trx, rejudgeId);
      if (found?.status !== 'running' || found.holder !== holder) return { held: false };
      const changed = await writeJudgements(database, trx, judgements, found);
      const now = new Date().toISOString();
      const isLast = page?.next === null;
      await updateRejudge(trx, rejudgeId, {
        changed: found.changed + changed,
        progress_at: now,
        ...(page && { checked: page.checked, claims: 0, position: isLast ? null : JSON.stringify(page.next) }),
        ...(isLast && { status: 'succeeded', active_key: null, finished_at: now }),
      });
      return { held: true };
    }),

  listStalledRejudges: async ({ db }, { idle_since: idleSince }) => ({
    rejudge_ids: await findStalledRejudges(db, idleSince),
  }),
};

/**
 * Writes a new revision of each response whose flags differ, if the judged revision is still its last one. Answers,
 * times and content hash stay the same, so a phone's retry is still `unchanged` and its later correction is still
 * newer. The timestamp is read right before the first write (settled.ts).
 *
 * @returns the number of written revisions
 */
async function writeJudgements(
  { upsert }: Database,
  trx: Transaction<Schema>,
  judgements: Input<'saveJudgements'>['judgements'],
  { form_id: formId, rules_version: rulesVersion }: RejudgesTable,
): Promise<number> {
  const ids = judgements.map((each) => each.response_id);
  const states = await lockCurrentStates(trx, ids);
  const current = judgements.flatMap((each) => {
    const stored = states.get(each.response_id);
    const isCurrent = stored?.revision === each.revision && stored.status !== 'erased';
    return isCurrent ? [{ ...each, form_id: formId, stored }] : [];
  });
  const keys = await lockUniqueKeys(trx, current);
  const files = await lockFiles(trx, upsert, current);
  let writtenAt: string | undefined;
  const now = () => (writtenAt ??= new Date().toISOString());
  const events: NewEvent[] = [];
  for (const judgement of current) {
    const { response_id: responseId, stored } = judgement;
    const before: Flag[] = JSON.parse(stored.flags);
    const judged = [...before.filter(isOfSubmission), ...judgement.flags.map((flag) => asAcknowledged(flag, before))];
    const checked = { status: judged.length === 0 ? ('accepted' as const) : ('flagged' as const), flags: judged };
    const isComplete = missingIn(files.get(responseId) ?? NO_FILES, stored.user_id).length === 0;
    const { status, flags } = withFlags(checked, [
      ...(await claimUniqueKeys(trx, keys, judgement)),
      ...(isComplete ? [] : before.filter(isOfMissingFiles)),
    ]);
    if (isDeepStrictEqual(inOrder(before), inOrder(flags))) continue;
    const revision = stored.revision + 1;
    // Only a new revision, or the arrival of the last missing file, can end a manager's decision.
    const kept = isReviewed(stored.status) ? stored.status : status;
    const changes = { revision, status: kept, flags: JSON.stringify(flags), rules_version: rulesVersion };
    await writeNextRevision(trx, responseId, changes, now());
    const published = stored.status === 'approved' ? ('accepted' as const) : status;
    events.push({ response_id: responseId, revision, status: published, wasFlagged: isOpen(stored), isRejudged: true });
  }
  await insertResponseEvents(trx, events, now());
  return events.length;
}

/** Whether a flag is about how the response was submitted, which rules do not judge. */
function isOfSubmission({ rule }: Flag): boolean {
  return rule === OWN_FLAGS.doesNotFit || rule === OWN_FLAGS.formClosed;
}

/** A flag that the response had before stays acknowledged: the answers are the same. */
function asAcknowledged(flag: Flag, before: readonly Flag[]): Flag {
  const same = before.find(({ rule, entry }) => rule === flag.rule && entry === flag.entry);
  return same?.acknowledged ? { ...flag, acknowledged: true } : flag;
}

/** Flags of one state may be stored in any order. */
function inOrder(flags: readonly Flag[]): Flag[] {
  return flags.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}
