import { recordEvent } from '../database/audit.ts';
import { endToken, tokenExists } from '../database/tokens.ts';
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
      return { outcome: 'revoked' };
    }
    return { outcome: (await tokenExists(trx, tokenId)) ? 'revoked' : 'missing' };
  });
