/** Invocations and their results. */
import { randomBytes } from 'node:crypto';

/** Lambda's limits of a synchronous invocation's request and reply, in bytes. */
export const REQUEST_LIMIT = 6_291_456;
const REPLY_LIMIT = 6_291_556;
/** Lambda's limit of an asynchronous invocation's event, in bytes. */
export const EVENT_LIMIT = 1_048_576;

export interface InvokeResult {
  /** JSON: what the handler returned, or the error in Lambda's form. */
  payload: Buffer;
  /** True if the handler threw, timed out, ended its process or returned too many bytes. */
  isFunctionError: boolean;
}

/** Sends the reply to a request of the Runtime API. */
export type SendReply = (status: number, headers: Record<string, string | number>, body?: Buffer) => void;

export interface Invocation {
  requestId: string;
  /** The value of X-Ray's header. */
  trace: string;
  payload: Buffer;
  settle: (result: InvokeResult) => void;
}

/** X-Ray's header for a new, sampled trace. */
export function beginTrace(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  const random = randomBytes(20).toString('hex');
  return `Root=1-${seconds}-${random.slice(16)};Parent=${random.slice(0, 16)};Sampled=1`;
}

/** The result of a function that failed, in Lambda's form. */
export function functionError(errorType: string, errorMessage: string): InvokeResult {
  return { payload: Buffer.from(JSON.stringify({ errorType, errorMessage })), isFunctionError: true };
}

/** The handler's reply; an error when it exceeds Lambda's limit. */
export function replyResult(payload: Buffer): InvokeResult {
  if (payload.length <= REPLY_LIMIT) return { payload, isFunctionError: false };
  const message = `Response payload size exceeded maximum allowed payload size (${REPLY_LIMIT} bytes).`;
  return functionError('Function.ResponseSizeTooLarge', message);
}
