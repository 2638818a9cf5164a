/** Flags are followed up as tasks: events of the topic "responses", by way of a queue. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { DbProxyError, type DbProxy } from '../../shared/db-proxy-client.ts';
import { traceOf } from '../../shared/logger.ts';
import { responseEvent, type ResponseEvent } from '../../shared/response-event.ts';
import type { Dependencies } from '../dependencies.ts';
import { toFollowUp } from './follow-up.ts';

/**
 * Follows up each event; those that failed stay in the queue, and end among the dead letters. Once the proxy cannot be
 * reached, the rest of the batch is left for later rather than tried.
 */
export function createHandler({ dbProxy, logger }: Dependencies) {
  return async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
    for (const [index, record] of event.Records.entries()) {
      let responseId: string | undefined;
      try {
        const told = responseEvent.parse(JSON.parse(record.body));
        responseId = told.response_id;
        await followUp(dbProxy, told);
      } catch (error) {
        const { messageId } = record;
        const code = error instanceof DbProxyError ? error.code : undefined;
        logger.error('event not followed up', { messageId, response_id: responseId, code, ...traceOf(error) });
        const unreachable = error instanceof DbProxyError && error.retryable;
        const failed = unreachable ? event.Records.slice(index) : [record];
        batchItemFailures.push(...failed.map((each) => ({ itemIdentifier: each.messageId })));
        if (unreachable) break;
      }
    }
    return { batchItemFailures };
  };
}

async function followUp(dbProxy: DbProxy, told: ResponseEvent): Promise<void> {
  const call = toFollowUp(told);
  if (call !== undefined) await dbProxy.call('followUpResponse', call);
}
