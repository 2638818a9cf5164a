import { createHmac, randomBytes } from 'node:crypto';

/** The prefix of Collect's secrets, by which scanners of leaked secrets recognise them. */
const MARK = 'whsec_';
const SECRET_BYTES = 32;

/** Makes the secret of a webhook, of 256 random bits. */
export function generateSecret(): string {
  return MARK + randomBytes(SECRET_BYTES).toString('base64url');
}

/**
 * The header `Collect-Signature`. It covers the body and the time, so that a receiver can refuse a recorded message that is
 * sent again.
 *
 * @param atMs milliseconds, as Date.now gives them
 */
export function sign(secret: string, body: string, atMs: number): string {
  const seconds = Math.floor(atMs / 1_000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}
