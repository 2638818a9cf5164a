/** Responses that waited in the write queue are saved. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { DbProxyError } from '../shared/db-proxy-client.ts';
import { traceOf } from '../shared/logger.ts';
import { toMessages } from '../shared/write-message.ts';
import type { Dependencies } from './dependencies.ts';
import { mergeMessages, readMessage, type WriteMessage } from './message.ts';
import { save, saveAllGood } from './save.ts';

/** What all calls of one run may take: the function has ten seconds more. */
const RUN_MS = 50_000;

/**
 * Saves a batch in as few calls as take it. While the proxy cannot save, what is not saved stays in the queue. What can
 * never be saved goes to the dead letters with the reason and counts as handled, so that it holds nothing else up.
 */
export function createHandler(dependencies: Dependencies) {
  return async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const signal = AbortSignal.timeout(RUN_MS);
    const { messages, failed } = await readAll(dependencies, event.Records);
    const calls = mergeMessages(messages);
    for (const [index, call] of calls.entries()) {
      try {
        failed.push(...(await saveCall(dependencies, call, signal)));
      } catch (error) {
        const left = calls.slice(index).flat();
        logFailure(dependencies, error, left);
        failed.push(...left.map(({ messageId }) => messageId));
        break;
      }
    }
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

/** Reads every message and buries those that cannot be read, all at once. */
async function readAll(dependencies: Dependencies, records: readonly SQSRecord[]) {
  const messages: WriteMessage[] = [];
  const failed = await Promise.all(
    records.map(async (record) => {
      const read = readMessage(record);
      if (read.ok) messages.push(read.message);
      else if (!(await bury(dependencies, record.messageId, [record.body], read.reason))) return [record.messageId];
      return [];
    }),
  );
  return { messages, failed: failed.flat() };
}

/**
 * Saves the messages of one call together; when the proxy refuses that for good, each by itself.
 *
 * @returns the ids of those that stay in the queue
 */
async function saveCall(
  dependencies: Dependencies,
  messages: readonly WriteMessage[],
  signal: AbortSignal,
): Promise<string[]> {
  try {
    await save(
      dependencies,
      messages.flatMap(({ responses }) => responses),
      signal,
    );
    return [];
  } catch (error) {
    if (!(error instanceof DbProxyError) || error.retryable) throw error;
  }
  const failed: string[] = [];
  for (const [index, message] of messages.entries()) {
    try {
      if (!(await saveAlone(dependencies, message, signal))) failed.push(message.messageId);
    } catch (error) {
      const left = messages.slice(index);
      logFailure(dependencies, error, left);
      return [...failed, ...left.map(({ messageId }) => messageId)];
    }
  }
  return failed;
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

function logFailure({ logger }: Dependencies, error: unknown, messages: readonly WriteMessage[]): void {
  const code = error instanceof DbProxyError ? error.code : undefined;
  const messageIds = messages.map(({ messageId }) => messageId);
  logger.error('messages not saved', { messageIds, code, ...traceOf(error) });
}
