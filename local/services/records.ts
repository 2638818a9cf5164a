/** SQS messages as the records of a function's event. */
import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSMessageAttribute, SQSRecord, SQSRecordAttributes } from 'aws-lambda';
import { REGION } from '../template/references.ts';

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
export function toRecord(message: Message, queueArn: string): SQSRecord {
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
export function bySize(records: SQSRecord[], limit: number): SQSRecord[][] {
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
