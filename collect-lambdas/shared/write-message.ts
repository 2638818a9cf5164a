/** Messages of the write queue: the db-proxy's command saveResponses, for responses acknowledged during an outage. */
import * as z from 'zod';
import { contract, type IncomingResponse } from '../../db-proxy-lambda/contract.ts';
import { toMessageText } from './message-text.ts';
import { jsonLoad, pack } from './pack.ts';

/** SQS accepts 1 MiB per message. The difference is for attributes, which count too. */
const MAX_MESSAGE_BYTES = 900_000;

const FRAME_BYTES = Buffer.byteLength(toBody([]));

export const writeMessage = z.object({
  operation: z.literal('saveResponses'),
  input: contract.saveResponses.input.extend({ late: z.literal(true) }),
});

/**
 * Packs responses, in order, into the bodies of as few messages as possible. A larger response gets a message of its
 * own.
 */
export function toMessages(responses: readonly IncomingResponse[]): string[] {
  return pack(responses, { bytes: MAX_MESSAGE_BYTES - FRAME_BYTES }, jsonLoad).map(toBody);
}

function toBody(responses: readonly IncomingResponse[]): string {
  return toMessageText({ operation: 'saveResponses', input: { responses, late: true } });
}
