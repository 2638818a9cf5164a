/** The records that functions get: SQS's and SNS's event shapes. */
import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SNSEvent, SNSMessage, SQSMessageAttribute, SQSRecord, SQSRecordAttributes } from 'aws-lambda';
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

/** A message as the SDK receives it, as a function gets it. */
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

/** Divides a batch so that each part fits a payload of `limit` bytes: ten messages of 1 MB do not. */
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

/** The notification that SNS puts into a queue, as the event of a function that subscribes to the topic. */
export function toSnsEvent(notification: string): SNSEvent {
  const envelope: SNSMessage & { SigningCertURL: string; UnsubscribeURL: string } = JSON.parse(notification);
  const { SigningCertURL: SigningCertUrl, UnsubscribeURL: UnsubscribeUrl, ...message } = envelope;
  const Sns: SNSMessage = {
    ...message,
    SigningCertUrl,
    UnsubscribeUrl,
    MessageAttributes: message.MessageAttributes ?? {},
  };
  return {
    Records: [{ EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: `${message.TopicArn}:local`, Sns }],
  };
}
