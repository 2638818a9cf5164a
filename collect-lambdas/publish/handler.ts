/** The outbox is told to the topic "responses": each event at least once, a response's events in their order. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { OUTBOX_LEASE, type PendingEvent } from '../../db-proxy-lambda/contract.ts';
import { backOff } from '../shared/backoff.ts';
import { DbProxyError } from '../shared/db-proxy-client.ts';
import { traceOf } from '../shared/logger.ts';
import { publishMetrics } from '../shared/metrics.ts';
import type { Dependencies } from './dependencies.ts';
import { tellPage, type Told } from './tell.ts';

const EVENTS_A_PAGE = 200;
/** The function's timeout. A lease that it cannot give back runs out then, before its trigger comes again. */
const RUN_MS = 60_000;
/** No page is begun later. */
const LAST_PAGE_MS = 45_000;
const RELEASE_MS = 2_000;
/** A topic that does not take so many takes nothing at the moment. */
const MOST_WAITING = 200;

/**
 * Tells the outbox until it is empty. All triggers ask for the same, so that one of a batch stays in the queue until that
 * is done, and comes again after a pause that grows with its age. Where the outbox is held, the others of the batch are
 * tried, of which one may hold it since a run that failed. A holder that is not among them looks again before giving it
 * back (`claimResponseEvents`), so that the batch is done with.
 */
export function createHandler(dependencies: Dependencies) {
  return async ({ Records: triggers }: SQSEvent): Promise<SQSBatchResponse> => {
    for (const trigger of triggers) {
      const outcome = await tellOutbox(dependencies, trigger.messageId);
      if (outcome === 'told') break;
      if (outcome === 'held') continue;
      await backOff(dependencies, [trigger]);
      return { batchItemFailures: [{ itemIdentifier: trigger.messageId }] };
    }
    return { batchItemFailures: [] };
  };
}

/**
 * @param holder of the outbox: the trigger that stays, so that its next run may go on where this one dies
 * @returns `left` where the trigger has to come again, `held` where another holds the outbox
 */
async function tellOutbox(dependencies: Dependencies, holder: string): Promise<'told' | 'left' | 'held'> {
  const { dbProxy, logger, now } = dependencies;
  const began = now();
  const run = new Run();
  try {
    for (;;) {
      const { claimed, events } = await dbProxy.call('claimResponseEvents', {
        holder,
        lease_seconds: Math.max(1, Math.ceil((began + RUN_MS - now()) / 1_000)),
        limit: EVENTS_A_PAGE,
        told: run.takeTold(),
        waiting: run.waiting,
      });
      const [oldest] = events;
      if (!claimed) return 'held';
      if (oldest === undefined) break;
      run.age ??= Math.max(0, now() - Date.parse(oldest.occurred_at)) / 1_000;
      if (run.waiting.length >= MOST_WAITING || now() > began + LAST_PAGE_MS) {
        await dbProxy.call('releaseLease', { name: OUTBOX_LEASE, holder });
        logger.error('outbox left', { waiting: run.waiting.length });
        return 'left';
      }
      const page = await tellPage(dependencies, events, run.blocked);
      run.add(page);
      if (page.told.length > 0) await dependencies.askForRepair();
      await refuse(dependencies, page.refused);
    }
    if (run.waiting.length > 0) logger.error('events not told', { waiting: run.waiting.length });
    return run.waiting.length === 0 ? 'told' : 'left';
  } catch (error) {
    const code = error instanceof DbProxyError ? error.code : undefined;
    logger.error('outbox not told', { code, ...traceOf(error) });
    await release(dependencies, holder);
    return 'left';
  } finally {
    run.publishMetrics();
  }
}

/** Lets the next trigger go on at once. A lease that cannot be given back runs out. */
async function release({ dbProxy, logger }: Dependencies, holder: string): Promise<void> {
  try {
    await dbProxy.call('releaseLease', { name: OUTBOX_LEASE, holder }, AbortSignal.timeout(RELEASE_MS));
  } catch (error) {
    logger.error('outbox not released', { ...traceOf(error) });
  }
}

/** Takes out of the way what the topic will never take. */
async function refuse({ dbProxy, logger }: Dependencies, refused: Told['refused']): Promise<void> {
  if (refused.length === 0) return;
  const events = refused.map(({ event: { event_id }, reason }) => ({ event_id, reason }));
  await dbProxy.call('refuseResponseEvents', { events });
  for (const { event, reason } of refused) {
    const { event_id, response_id, revision } = event;
    logger.error('event refused', { event_id, response_id, revision, reason });
  }
}

/** What one run has come to. */
class Run {
  readonly waiting: number[] = [];
  readonly blocked = new Set<string>();
  /** Of the oldest event when the run began, in seconds. */
  age: number | undefined;
  readonly #counts: Record<PendingEvent['type'] | 'refused', number> = {
    accepted: 0,
    flagged: 0,
    corrected: 0,
    refused: 0,
  };
  #told: number[] = [];

  add({ told, refused, waiting }: Told): void {
    this.#told = told.map(({ event_id: id }) => id);
    for (const { type } of told) this.#counts[type] += 1;
    this.#counts.refused += refused.length;
    this.waiting.push(...waiting.map(({ event_id: id }) => id));
  }

  /** What the topic was told since this was last asked. */
  takeTold(): number[] {
    const told = this.#told;
    this.#told = [];
    return told;
  }

  publishMetrics(): void {
    const { accepted, flagged, corrected, refused } = this.#counts;
    publishMetrics({
      ResponsesAccepted: accepted,
      ResponsesFlagged: flagged,
      ResponsesCorrected: corrected,
      EventsRefused: refused,
      OutboxAge: this.age ?? 0,
    });
  }
}
