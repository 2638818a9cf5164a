/** Operations on the tokens of the API. */
import * as z from 'zod';
import { by } from '../audit/contract.ts';
import { id, serverTime } from '../values.ts';

/** The roles of tokens. A device's token opens the routes for field apps, which name the token in their path. */
export const ROLES = ['collector', 'manager', 'viewer', 'device'] as const;

const tokenId = z.uuid();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** The first characters of a token. The proxy looks tokens up by prefix, and managers recognise a token by its prefix. */
const prefix = z.string().regex(/^[\x21-\x7e]{1,16}$/);

const token = z.object({
  token_id: tokenId,
  prefix,
  role: z.enum(ROLES),
  /** The collector that the token of a collector or a device belongs to; null for the other roles. */
  user_id: id.nullable(),
  /** Its purpose, in its creator's words. */
  label: z.string().max(200).nullable(),
  created_at: serverTime,
  expires_at: serverTime,
  /** Null unless it is revoked. */
  revoked_at: serverTime.nullable(),
  /** To the minute; null before its first use. */
  last_used_at: serverTime.nullable(),
});

/** A token in the snapshot: enough to check a token, too little to use it. */
const hashedToken = token
  .pick({ token_id: true, role: true, user_id: true, expires_at: true, revoked_at: true })
  .extend({ sha256 });

export const tokenPosition = z.object({ created_at: serverTime, token_id: tokenId });

export const tokenOperations = {
  /** Stores a token's hash. A stored token is returned unchanged. */
  createToken: {
    input: token
      .pick({ token_id: true, prefix: true, role: true, user_id: true, label: true, expires_at: true })
      .extend({
        sha256,
        by: by.optional(),
      }),
    result: z.object({ token, created: z.boolean() }),
  },
  /** Checks a token, and stores the time of its use. */
  checkToken: {
    input: z.object({ prefix, sha256 }),
    result: z.discriminatedUnion('outcome', [
      z.object({ outcome: z.literal('valid'), token }),
      z.object({ outcome: z.enum(['unknown', 'expired', 'revoked']) }),
    ]),
  },
  /** A token, valid or not; null if it does not exist. */
  getToken: {
    input: z.object({ token_id: tokenId }),
    result: z.object({ token: token.nullable() }),
  },
  /** Newest first. */
  listTokens: {
    input: z.object({
      role: z.enum(ROLES).optional(),
      user_id: id.optional(),
      limit: z.int().min(1).max(100),
      after: tokenPosition.optional(),
    }),
    result: z.object({ items: z.array(token), next: tokenPosition.nullable() }),
  },
  /** Revokes a token. Idempotent. */
  revokeToken: {
    input: z.object({ token_id: tokenId, by: by.optional() }),
    result: z.discriminatedUnion('outcome', [
      z.object({ outcome: z.literal('revoked'), token: hashedToken }),
      z.object({ outcome: z.literal('missing') }),
    ]),
  },
  /** Every token, valid or not, ordered by hash. The sweep repairs the snapshot from this list. */
  listTokenHashes: {
    input: z.object({ limit: z.int().min(1).max(1_000), after: sha256.optional() }),
    result: z.object({ items: z.array(hashedToken), next: sha256.nullable() }),
  },
} as const;

export type Role = (typeof ROLES)[number];
export type Token = z.infer<typeof token>;
export type HashedToken = z.infer<typeof hashedToken>;
