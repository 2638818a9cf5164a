/** What the write queue carries: the db-proxy's own command, for responses that were acknowledged before it was there. */
import * as z from 'zod';
import { contract, type IncomingResponse } from '../../db-proxy-lambda/contract.ts';
import { toMessageText } from './message-text.ts';
import { jsonLoad, pack } from './pack.ts';

/** SQS takes 1 MiB a message; this leaves room for what it counts beside the body. */
const MAX_MESSAGE_BYTES = 900_000;

const FRAME_BYTES = Buffer.byteLength(toBody([]));

export const writeMessage = z.object({
  operation: z.literal('saveResponses'),
  input: contract.saveResponses.input.extend({ late: z.literal(true) }),
});

/** Writes responses as the bodies of as few messages as hold them, in order. One that is larger has its own. */
export function toMessages(responses: readonly IncomingResponse[]): string[] {
  return pack(responses, { bytes: MAX_MESSAGE_BYTES - FRAME_BYTES }, jsonLoad).map(toBody);
}

function toBody(responses: readonly IncomingResponse[]): string {
  return toMessageText({ operation: 'saveResponses', input: { responses, late: true } });
}
