/** Saves responses and reviews that waited in the write queue. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { isRefusal } from '../shared/db-proxy-client.ts';
import { traceOf } from '../shared/logger.ts';
import { toMessages } from '../shared/write-message.ts';
import type { Dependencies } from './dependencies.ts';
import { mergeMessages, mergeReviews, readMessage, type ResponsesMessage, type ReviewMessage } from './message.ts';
import { save, saveAllGood } from './save.ts';
import { saveReviews } from './save-reviews.ts';

/** Time limit for all calls of a run; the function has ten seconds more. */
const RUN_MS = 50_000;

/** The messages of a batch that are not handled yet, by id. Those left at the end stay in the queue. */
type Unhandled = Map<string, SQSRecord>;

/**
 * Saves a batch in as few calls as possible. Poison messages go to the dead-letter queue with the reason and count as
 * handled, so they do not block others. After the first transient failure the run ends: the rest of the batch stays in
 * the queue and is retried with backoff. Responses come first, because reviews may be about them.
 */
export function createHandler(dependencies: Dependencies) {
  const { logger, backOff } = dependencies;
  return async ({ Records: records }: SQSEvent): Promise<SQSBatchResponse> => {
    const signal = AbortSignal.timeout(RUN_MS);
    const unhandled: Unhandled = new Map(records.map((record) => [record.messageId, record]));
    const { responses, reviews } = await readAll(dependencies, unhandled);
    try {
      for (const call of mergeMessages(responses)) await saveCall(dependencies, call, unhandled, signal);
      for (const call of mergeReviews(reviews)) {
        for (const messageId of await saveReviews(dependencies, call, signal)) unhandled.delete(messageId);
      }
    } catch (error) {
      logger.error('messages not saved', { messageIds: [...unhandled.keys()], ...traceOf(error) });
    }
    await backOff([...unhandled.values()]);
    return { batchItemFailures: [...unhandled.keys()].map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

/** Reads every message and dead-letters those that cannot be read. */
async function readAll(
  { deadLetter }: Dependencies,
  unhandled: Unhandled,
): Promise<{ responses: ResponsesMessage[]; reviews: ReviewMessage[] }> {
  const responses: ResponsesMessage[] = [];
  const reviews: ReviewMessage[] = [];
  await Promise.all(
    [...unhandled.values()].map(async (record) => {
      const read = readMessage(record);
      if (read.ok) {
        if ('review' in read.message) reviews.push(read.message);
        else responses.push(read.message);
      } else if (await deadLetter(record.messageId, [record.body], read.reason)) unhandled.delete(record.messageId);
    }),
  );
  return { responses, reviews };
}

/**
 * Saves the messages of one call together. If the proxy permanently refuses the call, saves each message separately.
 *
 * @throws transient and unexpected errors
 */
async function saveCall(
  dependencies: Dependencies,
  messages: readonly ResponsesMessage[],
  unhandled: Unhandled,
  signal: AbortSignal,
): Promise<void> {
  const responses = messages.flatMap((message) => message.responses);
  try {
    await save(dependencies, responses, signal);
    for (const { messageId } of messages) unhandled.delete(messageId);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    for (const message of messages) {
      if (await saveAlone(dependencies, message, signal)) unhandled.delete(message.messageId);
    }
  }
}

/** @returns whether the message is handled: each response is saved or in the dead-letter queue */
async function saveAlone(dependencies: Dependencies, message: ResponsesMessage, signal: AbortSignal): Promise<boolean> {
  const bad = await saveAllGood(dependencies, message.responses, signal);
  if (bad.length === 0) return true;
  const codes = [...new Set(bad.map(({ code }) => code))].join(', ');
  const bodies = toMessages(bad.map(({ response }) => response));
  return await dependencies.deadLetter(message.messageId, bodies, `The db-proxy refuses it: ${codes}.`);
}
