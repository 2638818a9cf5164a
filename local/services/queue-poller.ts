/** An event source mapping: passes a queue's messages to a function in batches. */
import { setTimeout as wait } from 'node:timers/promises';
import { DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSMessageAttribute, SQSRecord, SQSRecordAttributes } from 'aws-lambda';
import type { FunctionHost } from '../functions/function-host.ts';
import { REQUEST_LIMIT } from '../functions/invocation.ts';
import type { InvokeResult } from '../functions/invocation.ts';
import type { QueueSourceModel } from '../template/model.ts';
import { REGION } from '../template/references.ts';
import { isRecord, list, text } from '../template/values.ts';
import type { Services } from './services.ts';

/** SQS's own limits. */
const RECEIVE_LIMIT = 10;
const LONG_POLL_SECONDS = 20;
const RETRY_MILLISECONDS = 1000;

function toAttribute(value: MessageAttributeValue): SQSMessageAttribute {
  const { BinaryValue: binary, StringValue: string, DataType: dataType = 'String' } = value;
  return {
    ...(string !== undefined && { stringValue: string }),
    ...(binary !== undefined && { binaryValue: Buffer.from(binary).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType,
  };
}

/** The SDK's message as a function's record. */
function toRecord(message: Message, queueArn: string): SQSRecord {
  const attributes = Object.entries(message.MessageAttributes ?? {});
  const systemAttributes: SQSRecordAttributes = {
    ApproximateReceiveCount: '1',
    SentTimestamp: '',
    SenderId: '',
    ApproximateFirstReceiveTimestamp: '',
    ...message.Attributes,
  };
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: systemAttributes,
    messageAttributes: Object.fromEntries(attributes.map(([name, value]) => [name, toAttribute(value)])),
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: REGION,
  };
}

/** Divides a batch into parts that fit into payloads of `limit` bytes: ten messages of 1 MB do not fit into one. */
function bySize(records: SQSRecord[], limit: number): SQSRecord[][] {
  const batches: SQSRecord[][] = [];
  let room = 0;
  for (const record of records) {
    const size = Buffer.byteLength(JSON.stringify(record)) + 1;
    const batch = batches.at(-1);
    if (batch !== undefined && size <= room) {
      batch.push(record);
      room -= size;
    } else {
      batches.push([record]);
      room = limit - size - '{"Records":[]}'.length;
    }
  }
  return batches;
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
  readonly #source: QueueSourceModel;
  readonly #services: Services;
  readonly #functions: FunctionHost;
  readonly #queueUrl: string;
  readonly #stopping = new AbortController();
  readonly #inProgress = new Set<Promise<void>>();
  readonly #loop: Promise<void>;

  /** Begins to poll. */
  constructor(source: QueueSourceModel, services: Services, functions: FunctionHost) {
    this.#source = source;
    this.#services = services;
    this.#functions = functions;
    this.#queueUrl = services.queueUrl(source.queueName);
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
        if (this.#inProgress.size >= this.#source.maximumConcurrency) await Promise.race(this.#inProgress);
        const messages = await this.#receiveBatch();
        const records = messages.map((message) => toRecord(message, this.#source.queueArn));
        for (const batch of bySize(records, REQUEST_LIMIT)) this.#start(batch);
      } catch {
        await wait(RETRY_MILLISECONDS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** The next messages, and those that arrive within the batching window. */
  async #receiveBatch(): Promise<Message[]> {
    const { batchSize, batchingWindowSeconds } = this.#source;
    const messages = await this.#receive(batchSize, LONG_POLL_SECONDS);
    const deadline = Date.now() + batchingWindowSeconds * 1000;
    while (messages.length > 0 && messages.length < batchSize && Date.now() < deadline) {
      const seconds = Math.ceil((deadline - Date.now()) / 1000);
      messages.push(...(await this.#receive(batchSize - messages.length, Math.min(seconds, LONG_POLL_SECONDS))));
    }
    return messages;
  }

  async #receive(count: number, seconds: number): Promise<Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#queueUrl,
      MaxNumberOfMessages: Math.min(count, RECEIVE_LIMIT),
      WaitTimeSeconds: seconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    const { Messages: messages = [] } = await this.#services.sqs.send(command, { abortSignal: this.#stopping.signal });
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
    const { functionName, reportsBatchItemFailures } = this.#source;
    const event = Buffer.from(JSON.stringify({ Records: records }));
    const result = await this.#functions.invoke(functionName, event);
    const failed = failedMessages(records, result, reportsBatchItemFailures);
    const done = records.filter(({ messageId }) => !failed.has(messageId));
    for (let start = 0; start < done.length; start += RECEIVE_LIMIT) {
      const entries = done
        .slice(start, start + RECEIVE_LIMIT)
        .map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
      await this.#services.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: this.#queueUrl, Entries: entries }));
    }
  }
}
