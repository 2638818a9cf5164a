/** Messages of the write queue: read one by one, merged into as few calls of the proxy as take them. Pure. */
import type { SQSRecord } from 'aws-lambda';
import type { IncomingResponse } from '../../db-proxy-lambda/contract.ts';
import { pack } from '../shared/pack.ts';
import { writeMessage } from '../shared/write-message.ts';

/** Lambda takes 6 MB a call, the contract this many responses. */
const MAX_CALL_BYTES = 5_500_000;
const MAX_CALL_RESPONSES = 1_000;

/** How far into a message a fault is named: what lies deeper may repeat what somebody sent. */
const NAMED_DEPTH = 4;

export interface WriteMessage {
  messageId: string;
  body: string;
  responses: IncomingResponse[];
}

/** What a message holds, or why it can never be saved, in words that repeat nothing of it. */
export type ReadMessage = { ok: true; message: WriteMessage } | { ok: false; reason: string };

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

/** Puts messages together, in order, each call within what the proxy takes. */
export function mergeMessages(messages: readonly WriteMessage[]): WriteMessage[][] {
  return pack(messages, { bytes: MAX_CALL_BYTES, items: MAX_CALL_RESPONSES }, ({ body, responses }) => ({
    bytes: Buffer.byteLength(body),
    items: responses.length,
  }));
}
