/** Publishes the outbox to the topic "responses": each event at least once, a response's events in order. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { OUTBOX_LEASE } from '../../db-proxy-lambda/contract.ts';
import { traceOf } from '../shared/logger.ts';
import { publishMetrics } from '../shared/metrics.ts';
import type { Dependencies } from './dependencies.ts';
import { publishPage, type PublishedPage } from './publish-page.ts';

const EVENTS_A_PAGE = 200;
/** The function's timeout. The lease of a run that died expires by then, before SQS delivers the trigger again. */
const RUN_MS = 60_000;
/** A run starts no page after this time. */
const LAST_PAGE_MS = 45_000;
const RELEASE_MS = 2_000;
/** During a long run, the workers of webhooks are started once in this number of pages. */
const PAGES_A_TRIGGER = 5;
/** A long run triggers the worker of live sheets this often. */
const TRIGGER_MS = 10_000;
/** A run with this many waiting events stops, because the topic is probably unavailable. */
const MAX_WAITING = 200;

/**
 * Publishes until the outbox is empty. All triggers are equal, so one run serves a whole batch. If events remain, the
 * run's trigger stays in the queue and is retried with backoff.
 *
 * If another run holds the outbox, the next trigger of the batch is tried: the holder may be an earlier run of that
 * trigger, which died. If no trigger of the batch is the holder, the batch is done, because the holder checks for new
 * events before it releases the outbox (`claimResponseEvents`).
 */
export function createHandler(dependencies: Dependencies) {
  return async ({ Records: triggers }: SQSEvent): Promise<SQSBatchResponse> => {
    for (const trigger of triggers) {
      const outcome = await publishOutbox(dependencies, trigger.messageId);
      if (outcome === 'empty') break;
      if (outcome === 'held') continue;
      await dependencies.backOff([trigger]);
      return { batchItemFailures: [{ itemIdentifier: trigger.messageId }] };
    }
    return { batchItemFailures: [] };
  };
}

/**
 * @param holder of the outbox's lease: the trigger's id, so that the trigger's next run can continue if this run dies
 * @returns `left` if events remain and the trigger must be retried, `held` if another run holds the outbox
 */
async function publishOutbox(dependencies: Dependencies, holder: string): Promise<'empty' | 'left' | 'held'> {
  const { dbProxy, logger, now } = dependencies;
  const began = now();
  const counts = { accepted: 0, flagged: 0, corrected: 0, reviewed: 0, erased: 0, refused: 0 };
  const waiting: number[] = [];
  const blocked = new Set<string>();
  let published: number[] = [];
  let pages = 0;
  let triggeredAt = began;
  let isPublishing = false;
  /** The oldest event's age when the run began, in seconds. */
  let age: number | undefined;
  try {
    for (;;) {
      const { claimed, events } = await dbProxy.call('claimResponseEvents', {
        holder,
        lease_seconds: Math.max(1, Math.ceil((began + RUN_MS - now()) / 1_000)),
        limit: EVENTS_A_PAGE,
        published,
        waiting,
      });
      const [oldest] = events;
      if (!claimed) return 'held';
      if (pages % PAGES_A_TRIGGER === 1) await triggerDeliveries(dependencies);
      pages += 1;
      if (isPublishing && (oldest === undefined || now() > triggeredAt + TRIGGER_MS)) {
        await dependencies.triggerLiveSheets();
        triggeredAt = now();
      }
      if (oldest === undefined) break;
      age ??= Math.max(0, now() - Date.parse(oldest.occurred_at)) / 1_000;
      if (waiting.length >= MAX_WAITING || now() > began + LAST_PAGE_MS) {
        await dbProxy.call('releaseLease', { name: OUTBOX_LEASE, holder });
        logger.error('outbox left', { waiting: waiting.length });
        return 'left';
      }
      const page = await publishPage(dependencies, events, blocked);
      published = page.published.map(({ event_id: id }) => id);
      isPublishing ||= published.length > 0;
      waiting.push(...page.waiting.map(({ event_id: id }) => id));
      // A re-judged revision is not a new response.
      for (const { type, rejudged } of page.published) if (!rejudged) counts[type] += 1;
      counts.refused += page.refused.length;
      if (published.length > 0) await dependencies.requestRepair();
      await refuse(dependencies, page.refused);
    }
    await triggerDeliveries(dependencies);
    if (waiting.length === 0) return 'empty';
    logger.error('events not published', { waiting: waiting.length });
    return 'left';
  } catch (error) {
    logger.error('outbox not published', traceOf(error));
    await release(dependencies, holder);
    return 'left';
  } finally {
    publishMetrics({
      ResponsesAccepted: counts.accepted,
      ResponsesFlagged: counts.flagged,
      ResponsesCorrected: counts.corrected,
      EventsRefused: counts.refused,
      OutboxAge: age ?? 0,
    });
  }
}

/** Starts the workers of webhooks. Each run does so, because an earlier run may have queued deliveries and died then. */
async function triggerDeliveries({ dbProxy, triggerDelivery, now }: Dependencies): Promise<void> {
  const { webhook_ids: ids } = await dbProxy.call('listDueWebhooks', { now: new Date(now()).toISOString() });
  for (const id of ids) await triggerDelivery(id);
}

/** Lets the next trigger continue immediately. If releasing fails, the lease expires. */
async function release({ dbProxy, logger }: Dependencies, holder: string): Promise<void> {
  try {
    await dbProxy.call('releaseLease', { name: OUTBOX_LEASE, holder }, AbortSignal.timeout(RELEASE_MS));
  } catch (error) {
    logger.error('outbox not released', traceOf(error));
  }
}

/** Moves events that the topic will never accept out of the outbox. */
async function refuse({ dbProxy, logger }: Dependencies, refused: PublishedPage['refused']): Promise<void> {
  if (refused.length === 0) return;
  const events = refused.map(({ event: { event_id }, reason }) => ({ event_id, reason }));
  await dbProxy.call('refuseResponseEvents', { events });
  for (const { event, reason } of refused) {
    const { event_id, response_id, revision } = event;
    logger.error('event refused', { event_id, response_id, revision, reason });
  }
}
