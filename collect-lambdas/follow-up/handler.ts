/** Flags are followed up as tasks: events of the topic "responses", by way of a queue. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { backOff } from '../shared/backoff.ts';
import { DbProxyError } from '../shared/db-proxy-client.ts';
import { traceOf } from '../shared/logger.ts';
import { responseEvent } from '../shared/response-event.ts';
import type { Dependencies } from './dependencies.ts';
import { toFollowUp } from './follow-up.ts';

/**
 * Follows up each event. What can never be followed up goes to the dead letters with the reason. After the first transient
 * failure nothing more is tried in this run: the rest of the batch stays in the queue and comes again after a pause that
 * grows with its age.
 */
export function createHandler(dependencies: Dependencies) {
  return async ({ Records: records }: SQSEvent): Promise<SQSBatchResponse> => {
    const left: SQSRecord[] = [];
    for (const [index, record] of records.entries()) {
      const outcome = await followUp(dependencies, record);
      if (outcome === 'transient') {
        left.push(...records.slice(index));
        break;
      }
      if (outcome === 'stays') left.push(record);
    }
    await backOff(dependencies, left);
    return { batchItemFailures: left.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

/** @returns `stays`, when the message is bad and the dead-letter queue did not take it */
async function followUp(
  { dbProxy, deadLetter, logger }: Dependencies,
  { messageId, body }: SQSRecord,
): Promise<'done' | 'stays' | 'transient'> {
  let responseId: string | undefined;
  try {
    const told = responseEvent.parse(JSON.parse(body));
    responseId = told.response_id;
    const call = toFollowUp(told);
    if (call !== undefined) await dbProxy.call('followUpResponse', call);
    return 'done';
  } catch (error) {
    const code = error instanceof DbProxyError ? error.code : undefined;
    const about = { messageId, response_id: responseId };
    logger.error('event not followed up', { ...about, code, ...traceOf(error) });
    if (error instanceof DbProxyError && error.retryable) return 'transient';
    try {
      await deadLetter(body, { reason: code === undefined ? 'It is no event.' : `The db-proxy refuses it: ${code}.` });
      return 'done';
    } catch (refusal) {
      logger.error('event not among the dead letters', { ...about, ...traceOf(refusal) });
      return 'stays';
    }
  }
}
