/** An event source mapping: passes a queue's messages to a function in batches. */
import { setTimeout as wait } from 'node:timers/promises';
import { DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { REQUEST_LIMIT } from '../functions/invocation.ts';
import type { InvokeResult } from '../functions/invocation.ts';
import type { QueueSourceModel } from '../template/model.ts';
import { isRecord, list, text } from '../template/values.ts';
import { bySize, toRecord } from './records.ts';

/** SQS's own limits. */
const RECEIVE_LIMIT = 10;
const LONG_POLL_SECONDS = 20;
const RETRY_MILLISECONDS = 1000;

export interface QueuePollerOptions {
  source: QueueSourceModel;
  client: SQSClient;
  queueUrl: string;
  /** Invokes the function with a batch. */
  deliver: (records: SQSRecord[]) => Promise<InvokeResult>;
}

/** The event that SQS sends to a function. */
export function queueEvent(records: SQSRecord[]): Buffer {
  return Buffer.from(JSON.stringify({ Records: records }));
}

/**
 * The ids of the failed messages. As in AWS, an invalid reply, or an unknown id in a reply, fails the whole batch.
 */
function failedMessages(records: SQSRecord[], result: InvokeResult, reportsFailures: boolean): Set<string> {
  const all = new Set(records.map(({ messageId }) => messageId));
  if (result.isFunctionError) return all;
  if (!reportsFailures) return new Set();
  const reply: unknown = JSON.parse(result.payload.toString());
  if (reply === null) return new Set();
  if (!isRecord(reply)) return all;
  const failed = list(reply['batchItemFailures']).map((item) => text(isRecord(item) ? item['itemIdentifier'] : ''));
  return failed.every((id) => all.has(id)) ? new Set(failed) : all;
}

export class QueuePoller {
  readonly #options: QueuePollerOptions;
  readonly #stopping = new AbortController();
  readonly #inProgress = new Set<Promise<void>>();
  readonly #loop: Promise<void>;

  /** Begins to poll. */
  constructor(options: QueuePollerOptions) {
    this.#options = options;
    this.#loop = this.#run();
  }

  /** Stops polling. Resolves when the batches in progress are done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await Promise.all(this.#inProgress);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        if (this.#inProgress.size >= this.#options.source.maximumConcurrency) await Promise.race(this.#inProgress);
        const messages = await this.#receiveBatch();
        for (const batch of bySize(
          messages.map((message) => this.#record(message)),
          REQUEST_LIMIT,
        ))
          this.#start(batch);
      } catch {
        await wait(RETRY_MILLISECONDS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #record(message: Message): SQSRecord {
    return toRecord(message, this.#options.source.queueArn);
  }

  /** The next messages, and those that arrive within the batching window. */
  async #receiveBatch(): Promise<Message[]> {
    const { batchSize, batchingWindowSeconds } = this.#options.source;
    const messages = await this.#receive(batchSize, LONG_POLL_SECONDS);
    const deadline = Date.now() + batchingWindowSeconds * 1000;
    while (messages.length > 0 && messages.length < batchSize && Date.now() < deadline) {
      const seconds = Math.ceil((deadline - Date.now()) / 1000);
      messages.push(...(await this.#receive(batchSize - messages.length, Math.min(seconds, LONG_POLL_SECONDS))));
    }
    return messages;
  }

  async #receive(count: number, seconds: number): Promise<Message[]> {
    const { client, queueUrl } = this.#options;
    const command = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: Math.min(count, RECEIVE_LIMIT),
      WaitTimeSeconds: seconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    const { Messages: messages = [] } = await client.send(command, { abortSignal: this.#stopping.signal });
    return messages;
  }

  #start(records: SQSRecord[]): void {
    const batch = this.#handle(records)
      // Messages that could not be deleted are delivered again, as in AWS.
      .catch(() => undefined)
      .finally(() => this.#inProgress.delete(batch));
    this.#inProgress.add(batch);
  }

  /** Deletes the messages that succeeded. The others are delivered again after their visibility timeout. */
  async #handle(records: SQSRecord[]): Promise<void> {
    const { client, queueUrl, source, deliver } = this.#options;
    const result = await deliver(records);
    const failed = failedMessages(records, result, source.reportsBatchItemFailures);
    const done = records.filter(({ messageId }) => !failed.has(messageId));
    for (let start = 0; start < done.length; start += RECEIVE_LIMIT) {
      const entries = done
        .slice(start, start + RECEIVE_LIMIT)
        .map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
      await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
    }
  }
}
