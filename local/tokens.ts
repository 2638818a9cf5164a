/** Tokens made on the command line: the stack's own on this machine, and the first one of an installation. */
import { randomUUID } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { contract, type Input, type Result, type Role } from '../db-proxy-lambda/contract.ts';
import { fingerprintOf, generateToken } from '../collect-lambdas/shared/token.ts';
import { StartError } from './start-error.ts';

/** Tokens that are good on a stack of this machine. */
export interface StackTokens {
  manager: string;
  /** Of the collector `LOCAL_COLLECTOR`. */
  collector: string;
}

/** Runs the db-proxy with a request of its contract. */
export type InvokeProxy = (request: { operation: 'createToken'; input: Input<'createToken'> }) => Promise<unknown>;

export const LOCAL_COLLECTOR = 'collector-1';
const LOCAL_DAYS = 3650;
const DAY_MS = 86_400_000;
const storedReply = z.object({ ok: z.literal(true), result: contract.createToken.result });
const TOKENS_FILE = 'tokens.json';
const OWNER_ONLY = 0o600;

export interface NewToken {
  role: Role;
  userId?: string;
  label: string;
  days: number;
}

/**
 * Stores a token's fingerprint through the db-proxy.
 *
 * @throws {Error} when the proxy does not store it
 */
export async function storeToken(
  invoke: InvokeProxy,
  token: string,
  { role, userId, label, days }: NewToken,
): Promise<Result<'createToken'>> {
  const input = {
    token_id: randomUUID(),
    ...fingerprintOf(token),
    role,
    user_id: userId ?? null,
    label,
    expires_at: new Date(Date.now() + days * DAY_MS).toISOString(),
  };
  const reply = await invoke({ operation: 'createToken', input });
  const stored = storedReply.safeParse(reply);
  if (stored.success) return stored.data.result;
  throw new Error(`The db-proxy stored no token: ${JSON.stringify(reply)}`);
}

/**
 * Makes sure that the stack takes two tokens: those that are given, else those of the last start, else new ones, which are
 * kept in the home, for its owner only.
 *
 * @throws StartError when one that is given was revoked, or belongs to somebody else.
 */
export async function prepareTokens(
  invoke: InvokeProxy,
  home: string,
  given: Partial<StackTokens>,
): Promise<StackTokens> {
  const file = join(home, TOKENS_FILE);
  const kept = readKept(file);
  const tokens = {
    manager: await prepare(invoke, given.manager, kept.manager, { role: 'manager' }),
    collector: await prepare(invoke, given.collector, kept.collector, { role: 'collector', userId: LOCAL_COLLECTOR }),
  };
  writeFileSync(file, JSON.stringify(tokens), { mode: OWNER_ONLY });
  chmodSync(file, OWNER_ONLY);
  return tokens;
}

async function prepare(
  invoke: InvokeProxy,
  given: string | undefined,
  kept: string | undefined,
  whose: Pick<NewToken, 'role' | 'userId'>,
): Promise<string> {
  const variable = `COLLECT_${whose.role.toUpperCase()}_TOKEN`;
  const isGood = async (token: string): Promise<boolean> => {
    const { token: stored } = await storeToken(invoke, token, { ...whose, label: 'local', days: LOCAL_DAYS });
    return stored.revoked_at === null && stored.role === whose.role && stored.user_id === (whose.userId ?? null);
  };
  if (given !== undefined) {
    if (await isGood(given)) return given;
    throw new StartError(`${variable} was revoked, or belongs to somebody else: choose another one.`);
  }
  if (kept !== undefined && (await isGood(kept))) return kept;
  const made = generateToken();
  await isGood(made);
  return made;
}

function readKept(file: string): Partial<StackTokens> {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}
