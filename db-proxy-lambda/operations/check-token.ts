import { timingSafeEqual } from 'node:crypto';
import type { Token } from '../contract.ts';
import type { Database } from '../database/database.ts';
import { findTokensByPrefix, rememberUse } from '../database/tokens.ts';
import type { Perform } from './operation.ts';

/** last_used_at is written at most once a minute. */
const USE_REMEMBERED_MS = 60_000;

export const checkToken: Perform<'checkToken'> = async (database, { prefix, sha256 }) => {
  const { db } = database;
  const shown = Buffer.from(sha256, 'hex');
  // The prefix is public; the hash is compared in constant time.
  const found = (await findTokensByPrefix(db, prefix)).find((stored) =>
    timingSafeEqual(Buffer.from(stored.sha256, 'hex'), shown),
  );
  if (found === undefined) return { outcome: 'unknown' };
  const { sha256: _sha256, ...token } = found;
  const now = new Date();
  if (token.revoked_at !== null) return { outcome: 'revoked' };
  if (token.expires_at <= now.toISOString()) return { outcome: 'expired' };
  if (!isFresh(token, now)) await tryToRememberUse(database, token.token_id, now.toISOString());
  return { outcome: 'valid', token };
};

/** Best effort: a token is good whether its use can be written or not, as in a read-only database. */
async function tryToRememberUse(database: Database, tokenId: string, usedAt: string): Promise<void> {
  try {
    await rememberUse(database.db, tokenId, usedAt);
  } catch (error) {
    if (database.errorKind(error) === 'INTERNAL') throw error;
  }
}

function isFresh({ last_used_at: lastUsedAt }: Token, now: Date): boolean {
  return lastUsedAt !== null && now.getTime() - Date.parse(lastUsedAt) < USE_REMEMBERED_MS;
}
