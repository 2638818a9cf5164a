/** Reads messages of the write queue and merges them into as few calls of the proxy as possible. Pure. */
import type { SQSRecord } from 'aws-lambda';
import type { IncomingResponse, IncomingReview } from '../../db-proxy-lambda/contract.ts';
import { isJsonObject } from '../../forms/values/json.ts';
import { pack } from '../shared/pack.ts';
import { reviewMessage, writeMessage } from '../shared/write-message.ts';

/** Limits of a call: Lambda accepts 6 MB, and the contract accepts 1,000 responses or 500 reviews. */
const MAX_CALL_BYTES = 5_500_000;
const MAX_CALL_RESPONSES = 1_000;
const MAX_CALL_REVIEWS = 500;

/** The reason shows a fault's path down to this depth, because deeper keys may contain a collector's input. */
const NAMED_DEPTH = 4;

interface Message {
  messageId: string;
  body: string;
}

export interface ResponsesMessage extends Message {
  responses: IncomingResponse[];
}

export interface ReviewMessage extends Message {
  review: IncomingReview;
}

/** A message's content, or the reason why it can never be saved. The reason quotes nothing from the message. */
type ReadMessage = { ok: true; message: ResponsesMessage | ReviewMessage } | { ok: false; reason: string };

export function readMessage({ messageId, body }: SQSRecord): ReadMessage {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { ok: false, reason: 'It is not JSON.' };
  }
  if (isJsonObject(value) && value['operation'] === 'saveReviews') {
    const read = reviewMessage.safeParse(value);
    if (!read.success) return refuse(read.error.issues[0]?.path);
    const [review] = read.data.input.reviews;
    return { ok: true, message: { messageId, body, review } };
  }
  const read = writeMessage.safeParse(value);
  if (!read.success) return refuse(read.error.issues[0]?.path);
  return { ok: true, message: { messageId, body, responses: read.data.input.responses } };
}

function refuse(path: readonly PropertyKey[] = []): ReadMessage {
  const at = path.slice(0, NAMED_DEPTH).join('.');
  return { ok: false, reason: `It is not a command of the write queue: see ${at === '' ? 'all of it' : at}.` };
}

/** Merges messages into calls, in order, each within the proxy's limits. */
export function mergeMessages(messages: readonly ResponsesMessage[]): ResponsesMessage[][] {
  return pack(messages, { bytes: MAX_CALL_BYTES, items: MAX_CALL_RESPONSES }, ({ body, responses }) => ({
    bytes: Buffer.byteLength(body),
    items: responses.length,
  }));
}

/** Merges reviews into calls, in the order in which they were sent, because the queue may change the order. */
export function mergeReviews(messages: readonly ReviewMessage[]): ReviewMessage[][] {
  const inOrder = messages.toSorted((one, other) => (one.review.sent_at < other.review.sent_at ? -1 : 1));
  return pack(inOrder, { bytes: MAX_CALL_BYTES, items: MAX_CALL_REVIEWS }, ({ body }) => ({
    bytes: Buffer.byteLength(body),
    items: 1,
  }));
}
