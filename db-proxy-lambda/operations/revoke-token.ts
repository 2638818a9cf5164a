import { endToken } from '../database/tokens.ts';
import { withRetries } from '../database/transactions.ts';
import type { Perform } from './operation.ts';

export const revokeToken: Perform<'revokeToken'> = async (database, { token_id: tokenId }) => {
  const isKnown = await withRetries(database, () => endToken(database.db, tokenId, new Date().toISOString()));
  return { outcome: isKnown ? 'revoked' : 'missing' };
};
