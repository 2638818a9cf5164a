/** What a token looks like, and what is kept of it. */
import { createHash, randomBytes } from 'node:crypto';

/** Marks a token as ours, so that scanners of leaked secrets can tell. */
const MARK = 'clt_';
const SECRET_BYTES = 32;
const PREFIX_LENGTH = MARK.length + 8;
/** A prefix must leave most of a token that somebody chose unsaid. */
const PREFIX_SHARE = 4;

/** What a header can carry as a token (RFC 6750, "b64token"). */
export const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
export const MAX_TOKEN_LENGTH = 512;

/** What is stored of a token: enough to know it again, not enough to show it. */
export interface Fingerprint {
  prefix: string;
  /** In hexadecimal digits. */
  sha256: string;
}

/** A new token: 256 random bits, too many to be guessed, so that a plain hash of it is safe to keep. */
export function generateToken(): string {
  return MARK + randomBytes(SECRET_BYTES).toString('base64url');
}

export function fingerprintOf(token: string): Fingerprint {
  const length = Math.max(1, Math.min(PREFIX_LENGTH, Math.floor(token.length / PREFIX_SHARE)));
  return { prefix: token.slice(0, length), sha256: createHash('sha256').update(token).digest('hex') };
}
