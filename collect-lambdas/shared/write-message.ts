/** What the write queue carries: the db-proxy's own command, for responses that were acknowledged before it was there. */
import * as z from 'zod';
import { contract, type IncomingResponse } from '../../db-proxy-lambda/contract.ts';

/** SQS takes 1 MiB a message; this leaves room for what it counts beside the body. */
const MAX_MESSAGE_BYTES = 900_000;

const FRAME_BYTES = Buffer.byteLength(toBody([]));

export const writeMessage = z.object({
  operation: z.literal('saveResponses'),
  input: contract.saveResponses.input.extend({ late: z.literal(true) }),
});

/** Writes responses as the bodies of as few messages as hold them, in order. One that is larger has its own. */
export function toMessages(responses: readonly IncomingResponse[]): string[] {
  const messages: IncomingResponse[][] = [];
  let bytes = Infinity;
  for (const response of responses) {
    const size = Buffer.byteLength(JSON.stringify(response)) + 1;
    bytes += size;
    if (bytes > MAX_MESSAGE_BYTES) {
      messages.push([]);
      bytes = FRAME_BYTES + size;
    }
    messages.at(-1)?.push(response);
  }
  return messages.map(toBody);
}

function toBody(responses: readonly IncomingResponse[]): string {
  const command = { operation: 'saveResponses', input: { responses, late: true } };
  // SQS refuses these two characters, which JSON may hold as they are; both stand in strings only.
  return JSON.stringify(command).replaceAll(/[\uFFFE\uFFFF]/g, (character) =>
    character === '\uFFFE' ? String.raw`\ufffe` : String.raw`\uffff`,
  );
}
