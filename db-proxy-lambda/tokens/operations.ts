import { timingSafeEqual } from 'node:crypto';
import { recordEvent } from '../audit/queries.ts';
import type { Token } from '../contract.ts';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transactions.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import type { tokenOperations } from './contract.ts';
import * as queries from './queries.ts';

/** last_used_at is written at most once a minute. */
const USE_WRITTEN_MS = 60_000;

export const tokenHandlers: OperationHandlers<typeof tokenOperations> = {
  /** If two calls with one token run concurrently, the second gets a duplicate key; its retry finds the token. */
  createToken: (database, { by, ...fields }) =>
    inTransaction(database, async (trx) => {
      const stored = await queries.findTokenBySha256(trx, fields.sha256);
      if (stored !== undefined) return { token: stored, created: false };
      const at = new Date().toISOString();
      const token = await queries.insertToken(trx, fields, at);
      const { token_id: tokenId, role, user_id: userId } = token;
      await recordEvent(trx, by, {
        at,
        action: 'token_created',
        subject_id: tokenId,
        detail: userId === null ? role : `${role} ${userId}`,
      });
      return { token, created: true };
    }),

  checkToken: async (database, { prefix, sha256 }) => {
    const shown = Buffer.from(sha256, 'hex');
    // The prefix is public; the hash is compared in constant time.
    const found = (await queries.findTokensByPrefix(database.db, prefix)).find((stored) =>
      timingSafeEqual(Buffer.from(stored.sha256, 'hex'), shown),
    );
    if (found === undefined) return { outcome: 'unknown' };
    const { sha256: _sha256, ...token } = found;
    const now = new Date();
    if (token.revoked_at !== null) return { outcome: 'revoked' };
    if (token.expires_at <= now.toISOString()) return { outcome: 'expired' };
    if (!wasUsedLately(token, now)) await tryToWriteUse(database, token.token_id, now.toISOString());
    return { outcome: 'valid', token };
  },

  getToken: async ({ db }, { token_id: tokenId }) => ({ token: (await queries.findToken(db, tokenId)) ?? null }),
  listTokens: ({ db }, input) => queries.listTokens(db, input),
  listTokenHashes: ({ db }, input) => queries.listTokenHashes(db, input),

  revokeToken: (database, { token_id: tokenId, by }) =>
    inTransaction(database, async (trx) => {
      const at = new Date().toISOString();
      if (await queries.revokeToken(trx, tokenId, at)) {
        await recordEvent(trx, by, {
          at,
          action: 'token_revoked',
          subject_id: tokenId,
          detail: null,
        });
      }
      const token = await queries.findHashedToken(trx, tokenId);
      return token === undefined ? { outcome: 'missing' } : { outcome: 'revoked', token };
    }),
};

/** Best effort: a token is valid even if its use cannot be written, as in a read-only database. */
async function tryToWriteUse(database: Database, tokenId: string, usedAt: string): Promise<void> {
  try {
    await queries.writeUse(database.db, tokenId, usedAt);
  } catch (error) {
    if (database.errorKind(error) === 'INTERNAL') throw error;
  }
}

function wasUsedLately({ last_used_at: lastUsedAt }: Token, now: Date): boolean {
  return lastUsedAt !== null && now.getTime() - Date.parse(lastUsedAt) < USE_WRITTEN_MS;
}
