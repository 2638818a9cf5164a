/** Saves what was judged, or hands it to the write queue while the db-proxy cannot save. */
import type { IncomingResponse, SaveOutcome } from '../../db-proxy-lambda/contract.ts';
import { isTransient, type DbProxyError } from '../shared/db-proxy-client.ts';
import { traceOf } from '../shared/logger.ts';
import { toMessages } from '../shared/write-message.ts';
import type { Dependencies } from './dependencies.ts';

/** What became of one response that was judged. `queued`: SQS has it, and the write function will save it. */
export type Outcome = SaveOutcome | { outcome: 'queued' };

/**
 * Saves responses, in one call of the proxy for each list. From the first call on that the proxy cannot carry out now,
 * or of which it is not known whether it did, all that is left goes into the queue: what is saved twice is unchanged.
 *
 * @returns one outcome for each response, in order
 * @throws {DbProxyError} when the proxy refuses for good, or the queue refuses too; nothing may be acknowledged then
 */
export async function saveOrQueue(
  dependencies: Dependencies,
  calls: readonly IncomingResponse[][],
  signal: AbortSignal,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  try {
    for (const [index, responses] of calls.entries()) {
      try {
        const { results } = await dependencies.dbProxy.call('saveResponses', { responses }, signal);
        outcomes.push(...results);
      } catch (error) {
        if (!isTransient(error)) throw error;
        const left = calls.slice(index).flat();
        await queue(dependencies, left, error);
        return [...outcomes, ...left.map((): Outcome => ({ outcome: 'queued' }))];
      }
    }
    return outcomes;
  } finally {
    // Unchanged ones too: the try that stored them may have died before it came so far.
    if (outcomes.length > 0) await dependencies.triggerPublish();
  }
}

async function queue(
  { enqueue, logger }: Dependencies,
  responses: readonly IncomingResponse[],
  reason: DbProxyError,
): Promise<void> {
  try {
    // When one of several is refused, the others are saved all the same, and unchanged at the retry.
    await Promise.all(toMessages(responses).map((message) => enqueue(message)));
  } catch (error) {
    logger.error('responses not queued', { responses: responses.length, ...traceOf(error) });
    throw reason;
  }
  logger.warn('responses queued', { responses: responses.length, code: reason.code });
}
