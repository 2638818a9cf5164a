/**
 * Messages of the write queue: the db-proxy's commands saveResponses and saveReviews, for responses and reviews
 * acknowledged during an outage.
 */
import * as z from 'zod';
import { contract, type IncomingResponse, type IncomingReview } from '../../db-proxy-lambda/contract.ts';
import { toMessageText } from './message-text.ts';
import { jsonLoad, pack } from './pack.ts';

/** SQS accepts 1 MiB per message. The difference is for attributes, which count too. */
const MAX_MESSAGE_BYTES = 900_000;

const FRAME_BYTES = Buffer.byteLength(toBody([]));

export const writeMessage = z.object({
  operation: z.literal('saveResponses'),
  input: contract.saveResponses.input.extend({ late: z.literal(true) }),
});

const { reviews } = contract.saveReviews.input.shape;

export const reviewMessage = z.object({
  operation: z.literal('saveReviews'),
  input: contract.saveReviews.input.extend({ reviews: z.tuple([reviews.element]), late: z.literal(true) }),
});

/**
 * Packs responses, in order, into the bodies of as few messages of at most 900,000 bytes as possible. A response that
 * is larger than this gets a message of its own.
 */
export function toMessages(responses: readonly IncomingResponse[]): string[] {
  return pack(responses, { bytes: MAX_MESSAGE_BYTES - FRAME_BYTES }, jsonLoad).map(toBody);
}

function toBody(responses: readonly IncomingResponse[]): string {
  return toMessageText({ operation: 'saveResponses', input: { responses, late: true } });
}

/** The body of a message with one review. */
export function toReviewMessage(review: IncomingReview): string {
  return toMessageText({ operation: 'saveReviews', input: { reviews: [review], late: true } });
}
