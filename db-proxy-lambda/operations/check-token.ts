import { timingSafeEqual } from 'node:crypto';
import type { Token } from '../contract.ts';
import { findTokensByPrefix, rememberUse } from '../database/tokens.ts';
import type { Perform } from './operation.ts';

/** A write for each request would cost more than knowing the second of a token's last use is worth. */
const USE_REMEMBERED_MS = 60_000;

export const checkToken: Perform<'checkToken'> = async ({ db }, { prefix, sha256 }) => {
  const shown = Buffer.from(sha256, 'hex');
  // The prefix is no secret; the rest is compared in a time that says nothing of where two differ.
  const found = (await findTokensByPrefix(db, prefix)).find((stored) =>
    timingSafeEqual(Buffer.from(stored.sha256, 'hex'), shown),
  );
  if (found === undefined) return { outcome: 'unknown' };
  const { sha256: _sha256, ...token } = found;
  const now = new Date();
  if (token.revoked_at !== null) return { outcome: 'revoked' };
  if (token.expires_at <= now.toISOString()) return { outcome: 'expired' };
  if (!isFresh(token, now)) await rememberUse(db, token.token_id, now.toISOString());
  return { outcome: 'valid', token };
};

function isFresh({ last_used_at: lastUsedAt }: Token, now: Date): boolean {
  return lastUsedAt !== null && now.getTime() - Date.parse(lastUsedAt) < USE_REMEMBERED_MS;
}
