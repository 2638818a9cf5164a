/** Reads messages of the write queue and merges them into as few calls of the proxy as possible. Pure. */
import type { SQSRecord } from 'aws-lambda';
import type { IncomingResponse } from '../../db-proxy-lambda/contract.ts';
import { pack } from '../shared/pack.ts';
import { writeMessage } from '../shared/write-message.ts';

/** Limits of a call: Lambda accepts 6 MB, and the contract accepts 1,000 responses. */
const MAX_CALL_BYTES = 5_500_000;
const MAX_CALL_RESPONSES = 1_000;

/** The reason shows a fault's path down to this depth, because deeper keys may contain a collector's input. */
const NAMED_DEPTH = 4;

export interface WriteMessage {
  messageId: string;
  body: string;
  responses: IncomingResponse[];
}

/** A message's content, or the reason why it can never be saved. The reason quotes nothing from the message. */
type ReadMessage = { ok: true; message: WriteMessage } | { ok: false; reason: string };

export function readMessage({ messageId, body }: SQSRecord): ReadMessage {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { ok: false, reason: 'It is not JSON.' };
  }
  const parsed = writeMessage.safeParse(value);
  if (parsed.success) return { ok: true, message: { messageId, body, responses: parsed.data.input.responses } };
  const [issue] = parsed.error.issues;
  const at = (issue?.path ?? []).slice(0, NAMED_DEPTH).join('.');
  return { ok: false, reason: `It is not a command of the write queue: see ${at === '' ? 'all of it' : at}.` };
}

/** Merges messages into calls, in order, each within the proxy's limits. */
export function mergeMessages(messages: readonly WriteMessage[]): WriteMessage[][] {
  return pack(messages, { bytes: MAX_CALL_BYTES, items: MAX_CALL_RESPONSES }, ({ body, responses }) => ({
    bytes: Buffer.byteLength(body),
    items: responses.length,
  }));
}
