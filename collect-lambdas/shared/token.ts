/** Makes tokens and their fingerprints. */
import { createHash, randomBytes } from 'node:crypto';

/** Lets scanners of leaked secrets recognise Collect's tokens. */
const MARK = 'clt_';
const SECRET_BYTES = 32;
const PREFIX_LENGTH = MARK.length + 8;
/** The prefix is at most a quarter of a token, because an operator may choose a short token. */
const PREFIX_SHARE = 4;

/** The syntax of a bearer token (RFC 6750, "b64token"). */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
export const MAX_TOKEN_LENGTH = 512;

/** Whether a text has the syntax of a token. */
export function isToken(text: string): boolean {
  return text.length <= MAX_TOKEN_LENGTH && TOKEN.test(text);
}

/** The stored part of a token: it identifies the token and cannot be used instead of it. */
export interface Fingerprint {
  prefix: string;
  /** In hexadecimal digits. */
  sha256: string;
}

/** Makes a token of 256 random bits. It cannot be guessed, so storing a plain hash is safe. */
export function generateToken(): string {
  return MARK + randomBytes(SECRET_BYTES).toString('base64url');
}

export function fingerprintOf(token: string): Fingerprint {
  const length = Math.max(1, Math.min(PREFIX_LENGTH, Math.floor(token.length / PREFIX_SHARE)));
  return { prefix: token.slice(0, length), sha256: createHash('sha256').update(token).digest('hex') };
}
