import { recordEvent } from '../database/audit.ts';
import { findTokenBySha256, insertToken } from '../database/tokens.ts';
import { inTransaction } from '../database/transactions.ts';
import type { Perform } from './operation.ts';

/** Two that store the same token at once meet at its key; the later one runs again and finds it. */
export const createToken: Perform<'createToken'> = (database, { by, ...fields }) =>
  inTransaction(database, async (trx) => {
    const stored = await findTokenBySha256(trx, fields.sha256);
    if (stored !== undefined) return { token: stored, created: false };
    const at = new Date().toISOString();
    await insertToken(trx, fields, at);
    const token = await findTokenBySha256(trx, fields.sha256);
    if (token === undefined) throw new Error('A token that was stored is not there.');
    const { token_id: tokenId, role, user_id: userId } = token;
    await recordEvent(trx, by, {
      at,
      action: 'token_created',
      subject_kind: 'token',
      subject_id: tokenId,
      detail: userId === null ? role : `${role} ${userId}`,
    });
    return { token, created: true };
  });
