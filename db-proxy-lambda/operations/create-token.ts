import { findTokenBySha256, insertToken } from '../database/tokens.ts';
import { withRetries } from '../database/transactions.ts';
import type { Perform } from './operation.ts';

/** Two that store the same token at once meet at its key; the later one runs again and finds it. */
export const createToken: Perform<'createToken'> = (database, input) =>
  withRetries(database, async () => {
    const stored = await findTokenBySha256(database.db, input.sha256);
    if (stored !== undefined) return { token: stored, created: false };
    await insertToken(database.db, input, new Date().toISOString());
    const token = await findTokenBySha256(database.db, input.sha256);
    if (token === undefined) throw new Error('A token that was stored is not there.');
    return { token, created: true };
  });
