/** Handles the messages of a batch one after the other. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { BackOff } from './backoff.ts';

/** `stays`: the message is bad but must stay in its queue, because the dead-letter queue did not accept it. */
export type Handled = 'done' | 'stays' | 'transient';

/**
 * Handles each message. After the first transient failure the run ends: the rest of the batch stays in the queue and is
 * retried with backoff.
 */
export async function handleOneByOne(
  { Records: records }: SQSEvent,
  backOff: BackOff,
  handle: (record: SQSRecord) => Promise<Handled>,
): Promise<SQSBatchResponse> {
  const left: SQSRecord[] = [];
  for (const [index, record] of records.entries()) {
    const outcome = await handle(record);
    if (outcome === 'transient') {
      left.push(...records.slice(index));
      break;
    }
    if (outcome === 'stays') left.push(record);
  }
  await backOff(left);
  return { batchItemFailures: left.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}
