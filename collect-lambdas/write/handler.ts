/** Responses that waited in the write queue are saved. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { backOff } from '../shared/backoff.ts';
import { DbProxyError } from '../shared/db-proxy-client.ts';
import { traceOf } from '../shared/logger.ts';
import { toMessages } from '../shared/write-message.ts';
import type { Dependencies } from './dependencies.ts';
import { mergeMessages, readMessage, type WriteMessage } from './message.ts';
import { save, saveAllGood } from './save.ts';

/** What all calls of one run may take: the function has ten seconds more. */
const RUN_MS = 50_000;

/** The messages of a batch that are not handled yet, by id: those that are left at the end stay in the queue. */
type Unhandled = Map<string, SQSRecord>;

/**
 * Saves a batch in as few calls as take it. What can never be saved goes to the dead letters with the reason and counts
 * as handled, so that it holds nothing else up. After the first transient failure nothing more is tried in this run:
 * what is left stays in the queue and comes again after a pause that grows with its age.
 */
export function createHandler(dependencies: Dependencies) {
  return async ({ Records: records }: SQSEvent): Promise<SQSBatchResponse> => {
    const signal = AbortSignal.timeout(RUN_MS);
    const unhandled: Unhandled = new Map(records.map((record) => [record.messageId, record]));
    const messages = await readAll(dependencies, unhandled);
    try {
      for (const call of mergeMessages(messages)) await saveCall(dependencies, call, unhandled, signal);
    } catch (error) {
      logFailure(dependencies, error, unhandled);
    }
    await backOff(dependencies, [...unhandled.values()]);
    return { batchItemFailures: [...unhandled.keys()].map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

/** Reads every message and buries those that cannot be read, all at once. */
async function readAll(dependencies: Dependencies, unhandled: Unhandled): Promise<WriteMessage[]> {
  const messages: WriteMessage[] = [];
  await Promise.all(
    [...unhandled.values()].map(async (record) => {
      const read = readMessage(record);
      if (read.ok) messages.push(read.message);
      else if (await bury(dependencies, record.messageId, [record.body], read.reason)) {
        unhandled.delete(record.messageId);
      }
    }),
  );
  return messages;
}

/**
 * Saves the messages of one call together; when the proxy refuses that for good, each by itself.
 *
 * @throws what a transient failure throws, and an unforeseen one
 */
async function saveCall(
  dependencies: Dependencies,
  messages: readonly WriteMessage[],
  unhandled: Unhandled,
  signal: AbortSignal,
): Promise<void> {
  try {
    await save(
      dependencies,
      messages.flatMap(({ responses }) => responses),
      signal,
    );
    for (const { messageId } of messages) unhandled.delete(messageId);
    return;
  } catch (error) {
    if (!(error instanceof DbProxyError) || error.retryable) throw error;
  }
  for (const message of messages) {
    if (await saveAlone(dependencies, message, signal)) unhandled.delete(message.messageId);
  }
}

/** @returns whether the message is done with: its responses are saved, or among the dead letters */
async function saveAlone(dependencies: Dependencies, message: WriteMessage, signal: AbortSignal): Promise<boolean> {
  const bad = await saveAllGood(dependencies, message.responses, signal);
  if (bad.length === 0) return true;
  const codes = [...new Set(bad.map(({ code }) => code))].join(', ');
  const bodies = toMessages(bad.map(({ response }) => response));
  return await bury(dependencies, message.messageId, bodies, `The db-proxy refuses it: ${codes}.`);
}

/** @returns whether the dead-letter queue took it all */
async function bury(
  { bury: send, logger }: Dependencies,
  messageId: string,
  bodies: readonly string[],
  reason: string,
): Promise<boolean> {
  try {
    await Promise.all(bodies.map((body) => send(body, { reason })));
    logger.error('message buried', { messageId, reason });
    return true;
  } catch (error) {
    logger.error('message not buried', { messageId, reason, ...traceOf(error) });
    return false;
  }
}

function logFailure({ logger }: Dependencies, error: unknown, unhandled: Unhandled): void {
  const code = error instanceof DbProxyError ? error.code : undefined;
  logger.error('messages not saved', { messageIds: [...unhandled.keys()], code, ...traceOf(error) });
}
