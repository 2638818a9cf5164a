import { recordEvent } from '../database/audit.ts';
import { endToken, findHashedToken } from '../database/tokens.ts';
import { inTransaction } from '../database/transactions.ts';
import type { Perform } from './operation.ts';

export const revokeToken: Perform<'revokeToken'> = (database, { token_id: tokenId, by }) =>
  inTransaction(database, async (trx) => {
    const at = new Date().toISOString();
    if (await endToken(trx, tokenId, at)) {
      await recordEvent(trx, by, {
        at,
        action: 'token_revoked',
        subject_kind: 'token',
        subject_id: tokenId,
        detail: null,
      });
    }
    const token = await findHashedToken(trx, tokenId);
    return token === undefined ? { outcome: 'missing' } : { outcome: 'revoked', token };
  });
