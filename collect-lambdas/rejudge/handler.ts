/** Judges the stored responses of a form again, by the rules of the version that was the newest at the request. */
import { isDeepStrictEqual } from 'node:util';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Input, StoredRevision } from '../../db-proxy-lambda/contract.ts';
import { compileForm } from '../../forms/compiled/compiled-form.ts';
import { readStoredForm } from '../../forms/definition/read-form.ts';
import { REJUDGE, runJobs } from '../shared/background-job.ts';
import { jsonLoad, pack } from '../shared/pack.ts';
import { createStoredCheck, readStored } from '../shared/stored-responses.ts';
import type { Dependencies } from './dependencies.ts';

type Judgement = Input<'saveJudgements'>['judgements'][number];

/** Responses on a page: if all of them change, writing them takes the proxy a few of its 25 seconds. */
const PAGE = 500;
/** Max bytes of judgements in one call: a response may have 64 KB of flags, and Lambda's limit of a request is 6 MB. */
const CALL_BYTES = 2_000_000;
/** No page is started after 10 of the function's 15 minutes. Another run continues. */
const LAST_PAGE_MS = 600_000;

export function createHandler(dependencies: Dependencies) {
  return (event: SQSEvent): Promise<SQSBatchResponse> =>
    runJobs(dependencies.logger, REJUDGE, event, (rejudgeId) => rejudge(dependencies, rejudgeId));
}

/**
 * Runs a re-judge from the page where the last run stopped. Each page is saved together with the position of the next
 * one, so a run that dies repeats at most one page. A run ends when another run has taken over its re-judge.
 */
async function rejudge(dependencies: Dependencies, rejudgeId: string): Promise<void> {
  const { dbProxy, logger, enqueue, triggerPublish, now } = dependencies;
  const about = { rejudge_id: rejudgeId };
  const began = now();
  // The last run may have died after it saved a page and before it triggered the publisher.
  await triggerPublish();
  const holder = dependencies.newHolder();
  const claimed = await dbProxy.call('claimRejudge', { ...about, holder });
  if (claimed.claim !== 'granted') return logger.info('re-judge not claimed', { ...about, claim: claimed.claim });

  const { rejudge: job, form, after } = claimed;
  const { form_id: formId, since, started_at: startedAt } = job;
  const { rules, uniqueKeys, version } = compileForm(readStoredForm(form), form.version);
  const check = createStoredCheck(dbProxy, formId, rules);
  const isJudged = ({ rules_version: judgedBy, saved_at: savedAt }: StoredRevision): boolean =>
    judgedBy > version || (judgedBy === version && savedAt >= startedAt);
  const selection = { form_id: formId, since: since ?? undefined, after: after ?? undefined, limit: PAGE };
  let { checked } = job;
  for await (const { items, next } of readStored(dbProxy, selection)) {
    // With `since`, the list is in order of change, so a response that this re-judge has changed comes again.
    const stored = items.filter((each) => !isJudged(each));
    const judgements: Judgement[] = [];
    for (const each of stored) {
      const { flags } = await check(each, now());
      const unique = uniqueKeys(each.response);
      // Only the proxy knows whether another response has the same answers.
      if (unique.length === 0 && isDeepStrictEqual(flags, each.flags)) continue;
      const { response_id: id, revision } = each;
      judgements.push({ response_id: id, revision, flags: [...flags], ...(unique.length > 0 && { unique }) });
    }
    checked += stored.length;
    if (!(await save(dependencies, { ...about, holder }, judgements, { checked, next }))) {
      return logger.warn('re-judge taken over by another run', about);
    }
    if (next !== null && now() > began + LAST_PAGE_MS) {
      logger.info('re-judge continues in another run', about);
      return enqueue(rejudgeId);
    }
  }
  logger.info('re-judge ended', about);
}

/**
 * Saves the judgements of a page; the last call finishes the page. Returns whether this run still holds the re-judge.
 */
async function save(
  { dbProxy, triggerPublish }: Dependencies,
  held: Pick<Input<'saveJudgements'>, 'rejudge_id' | 'holder'>,
  judgements: readonly Judgement[],
  page: NonNullable<Input<'saveJudgements'>['page']>,
): Promise<boolean> {
  const calls = pack(judgements, { bytes: CALL_BYTES }, jsonLoad);
  const last = calls.pop() ?? [];
  const inputs = [...calls.map((part) => ({ ...held, judgements: part })), { ...held, judgements: last, page }];
  for (const input of inputs) {
    const { held: isHeld } = await dbProxy.call('saveJudgements', input);
    if (input.judgements.length > 0) await triggerPublish();
    if (!isHeld) return false;
  }
  return true;
}
