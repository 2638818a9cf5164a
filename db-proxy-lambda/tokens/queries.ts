import type { Kysely } from 'kysely';
import type { Input, Result, Token } from '../contract.ts';
import type { HashedToken } from './contract.ts';
import { cutPage } from '../database/pages.ts';
import type { Schema } from '../database/schema.ts';
import type { TokensTable } from './rows.ts';

const columns = [
  'token_id',
  'prefix',
  'role',
  'user_id',
  'label',
  'created_at',
  'expires_at',
  'revoked_at',
  'last_used_at',
] as const satisfies (keyof TokensTable)[];

const hashedColumns = ['sha256', 'token_id', 'role', 'user_id', 'expires_at', 'revoked_at'] as const;

/** Inserts a token and returns it without its hash. */
export async function insertToken(
  db: Kysely<Schema>,
  { sha256, ...fields }: Omit<Input<'createToken'>, 'by'>,
  createdAt: string,
): Promise<Token> {
  const token = { ...fields, created_at: createdAt, revoked_at: null, last_used_at: null };
  await db
    .insertInto('tokens')
    .values({ ...token, sha256 })
    .execute();
  return token;
}

export function findTokenBySha256(db: Kysely<Schema>, sha256: string): Promise<Token | undefined> {
  return db.selectFrom('tokens').select(columns).where('sha256', '=', sha256).executeTakeFirst();
}

export function findToken(db: Kysely<Schema>, tokenId: string): Promise<Token | undefined> {
  return db.selectFrom('tokens').select(columns).where('token_id', '=', tokenId).executeTakeFirst();
}

/** The few tokens with the same prefix. */
export function findTokensByPrefix(db: Kysely<Schema>, prefix: string): Promise<(Token & { sha256: string })[]> {
  return db
    .selectFrom('tokens')
    .select([...columns, 'sha256'])
    .where('prefix', '=', prefix)
    .execute();
}

/** The labels of these tokens, by id; a token without a label is left out. */
export async function nameTokens(db: Kysely<Schema>, tokenIds: readonly string[]): Promise<Map<string, string>> {
  if (tokenIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('tokens')
    .select(['token_id', 'label'])
    .where('token_id', 'in', [...new Set(tokenIds)])
    .execute();
  return new Map(rows.flatMap(({ token_id: id, label }) => (label === null ? [] : [[id, label] as const])));
}

export async function writeUse(db: Kysely<Schema>, tokenId: string, usedAt: string): Promise<void> {
  await db.updateTable('tokens').set({ last_used_at: usedAt }).where('token_id', '=', tokenId).execute();
}

/** Newest first. */
export async function listTokens(
  db: Kysely<Schema>,
  { role, user_id: userId, limit, after }: Input<'listTokens'>,
): Promise<Result<'listTokens'>> {
  let query = db.selectFrom('tokens').select(columns);
  if (role !== undefined) query = query.where('role', '=', role);
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  if (after !== undefined) {
    const { created_at: createdAt, token_id: tokenId } = after;
    query = query
      .where('created_at', '<=', createdAt)
      .where((eb) => eb.or([eb('created_at', '<', createdAt), eb('token_id', '<', tokenId)]));
  }
  const rows = await query
    .orderBy('created_at', 'desc')
    .orderBy('token_id', 'desc')
    .limit(limit + 1)
    .execute();
  return cutPage(rows, limit, ({ created_at, token_id }) => ({ created_at, token_id }));
}

/** Ordered by hash. */
export async function listTokenHashes(
  db: Kysely<Schema>,
  { limit, after }: Input<'listTokenHashes'>,
): Promise<Result<'listTokenHashes'>> {
  const rows = await db
    .selectFrom('tokens')
    .select(hashedColumns)
    .$if(after !== undefined, (query) => query.where('sha256', '>', after ?? ''))
    .orderBy('sha256')
    .limit(limit + 1)
    .execute();
  return cutPage(rows, limit, ({ sha256 }) => sha256);
}

/** Revokes a token. Returns false, and changes nothing, if it is unknown or already revoked. */
export async function revokeToken(db: Kysely<Schema>, tokenId: string, revokedAt: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('tokens')
    .set({ revoked_at: revokedAt })
    .where('token_id', '=', tokenId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export function findHashedToken(db: Kysely<Schema>, tokenId: string): Promise<HashedToken | undefined> {
  return db.selectFrom('tokens').select(hashedColumns).where('token_id', '=', tokenId).executeTakeFirst();
}
