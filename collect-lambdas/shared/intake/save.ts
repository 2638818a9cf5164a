/** Saves checked responses, or puts them into the write queue while the db-proxy cannot save. */
import type { IncomingResponse, Input, SaveOutcome } from '../../../db-proxy-lambda/contract.ts';
import { isTransient, type DbProxy, type DbProxyError } from '../db-proxy-client.ts';
import { traceOf, type Logger } from '../logger.ts';
import type { SendMessage } from '../message-queue.ts';
import type { TriggerPublish } from '../publish-trigger.ts';
import { toMessages } from '../write-message.ts';

export interface SaveDependencies {
  dbProxy: DbProxy;
  /** Puts a message into the write queue. */
  enqueue: SendMessage;
  triggerPublish: TriggerPublish;
  logger: Logger;
}

/** Options of `saveResponses`. Queued responses are always saved as late responses. */
type SaveTerms = Pick<Input<'saveResponses'>, 'keep'>;

/** The outcome of one response. `queued`: it is in SQS, and the write function will save it. */
export type Outcome = SaveOutcome | { outcome: 'queued' };

/**
 * Saves responses, with one call of the proxy for each list. If a call fails transiently or its result is unknown, its
 * responses and all later ones are queued. Saving a response twice is harmless.
 *
 * @returns one outcome for each response, in order
 * @throws {DbProxyError} if a call fails permanently, or the queue fails too; the caller must then acknowledge nothing
 */
export async function saveOrQueue(
  dependencies: SaveDependencies,
  calls: readonly IncomingResponse[][],
  signal: AbortSignal,
  terms: SaveTerms = {},
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  try {
    for (const [index, responses] of calls.entries()) {
      try {
        const { results } = await dependencies.dbProxy.call('saveResponses', { responses, ...terms }, signal);
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
    // Trigger for unchanged responses too: the request that stored them may have died before it sent its trigger.
    if (outcomes.length > 0) await dependencies.triggerPublish();
  }
}

async function queue(
  { enqueue, logger }: Pick<SaveDependencies, 'enqueue' | 'logger'>,
  responses: readonly IncomingResponse[],
  reason: DbProxyError,
): Promise<void> {
  try {
    // If one message fails, the others are still saved, and the client's retry finds them unchanged.
    await Promise.all(toMessages(responses).map((message) => enqueue(message)));
  } catch (error) {
    logger.error('responses not queued', { responses: responses.length, ...traceOf(error) });
    throw reason;
  }
  logger.warn('responses queued', { responses: responses.length, code: reason.code });
}
