/** Creates tokens on the command line: those of a local stack, and the first token of an installation. */
import { randomUUID } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprintOf, generateToken } from '../collect-lambdas/shared/token.ts';
import type { DbProxy } from '../collect-lambdas/shared/db-proxy-client.ts';
import type { Result, Role } from '../db-proxy-lambda/contract.ts';
import { UserError } from './user-error.ts';

/** Tokens that a local stack accepts. */
export interface StackTokens {
  manager: string;
  /** The token of the collector `LOCAL_COLLECTOR`. */
  collector: string;
  /** The token of that collector's phone, for the form page and ODK Collect. */
  device: string;
}

export const LOCAL_COLLECTOR = 'collector-1';
const LOCAL_DAYS = 3650;
const DAY_MS = 86_400_000;
const TOKENS_FILE = 'tokens.json';
const OWNER_ONLY = 0o600;

export interface NewToken {
  role: Role;
  userId?: string;
  label: string;
  days: number;
}

/** A link that signs the collector in to the form page. Browsers do not send what follows `#`. */
export const formPageOf = (url: string, { device }: StackTokens): string => `${url}/fill/#token=${device}`;

/** Stores a token's fingerprint. @throws {DbProxyError} */
export function storeToken(
  dbProxy: Pick<DbProxy, 'call'>,
  token: string,
  { role, userId, label, days }: NewToken,
): Promise<Result<'createToken'>> {
  return dbProxy.call('createToken', {
    token_id: randomUUID(),
    ...fingerprintOf(token),
    role,
    user_id: userId ?? null,
    label,
    expires_at: new Date(Date.now() + days * DAY_MS).toISOString(),
  });
}

/**
 * Makes sure that the stack accepts the tokens of a manager, a collector and a device. Each is the given token, else the
 * token of the last start, else a new token. A file in the home, which only its owner can read, holds them.
 *
 * @throws {UserError} when a given token is revoked or belongs to another user
 */
export async function prepareTokens(
  dbProxy: Pick<DbProxy, 'call'>,
  home: string,
  given: Partial<StackTokens>,
): Promise<StackTokens> {
  const file = join(home, TOKENS_FILE);
  const kept = readKept(file);
  const collector = { role: 'collector', userId: LOCAL_COLLECTOR } as const;
  const device = { role: 'device', userId: LOCAL_COLLECTOR } as const;
  const tokens = {
    manager: await prepare(dbProxy, given.manager, kept.manager, { role: 'manager' }),
    collector: await prepare(dbProxy, given.collector, kept.collector, collector),
    device: await prepare(dbProxy, given.device, kept.device, device),
  };
  writeFileSync(file, JSON.stringify(tokens), { mode: OWNER_ONLY });
  chmodSync(file, OWNER_ONLY);
  return tokens;
}

async function prepare(
  dbProxy: Pick<DbProxy, 'call'>,
  given: string | undefined,
  kept: string | undefined,
  owner: Pick<NewToken, 'role' | 'userId'>,
): Promise<string> {
  const isValid = async (token: string): Promise<boolean> => {
    const label = `local ${owner.role}`;
    const { token: stored } = await storeToken(dbProxy, token, { ...owner, label, days: LOCAL_DAYS });
    return stored.revoked_at === null && stored.role === owner.role && stored.user_id === (owner.userId ?? null);
  };
  if (given !== undefined) {
    if (await isValid(given)) return given;
    const variable = `COLLECT_${owner.role.toUpperCase()}_TOKEN`;
    throw new UserError(`${variable} is revoked or belongs to another user: choose another token.`);
  }
  if (kept !== undefined && (await isValid(kept))) return kept;
  const made = generateToken();
  await isValid(made);
  return made;
}

function readKept(file: string): Partial<StackTokens> {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}
