/** Creates and updates the tasks that follow up flags. A queue delivers the events of the topic "responses". */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { isTransient } from '../shared/db-proxy-client.ts';
import { reasonOf } from '../shared/dead-letter.ts';
import { traceOf } from '../shared/logger.ts';
import { responseEvent } from '../shared/response-event.ts';
import { handleOneByOne, type Handled } from '../shared/one-by-one.ts';
import type { Dependencies } from './dependencies.ts';
import { toFollowUp } from './follow-up.ts';

/**
 * Follows up each event. Poison messages go to the dead-letter queue with the reason.
 */
export function createHandler(dependencies: Dependencies) {
  return (event: SQSEvent): Promise<SQSBatchResponse> =>
    handleOneByOne(event, dependencies.backOff, (record) => followUp(dependencies, record));
}

async function followUp(
  { dbProxy, deadLetter, logger }: Dependencies,
  { messageId, body }: SQSRecord,
): Promise<Handled> {
  let about: { response_id?: string } = {};
  try {
    const event = responseEvent.parse(JSON.parse(body));
    about = { response_id: event.response_id };
    const call = toFollowUp(event);
    if (call !== undefined) await dbProxy.call('followUpResponse', call);
    return 'done';
  } catch (error) {
    logger.error('event not followed up', { messageId, ...about, ...traceOf(error) });
    if (isTransient(error)) return 'transient';
    const reason = reasonOf(error, 'It is not an event of a response.');
    return (await deadLetter(messageId, [body], reason, about)) ? 'done' : 'stays';
  }
}
