/** Tokens, by the person who holds them. */
import type { components } from '../../../shared/openapi.d.ts';
import { read } from '../../../shared/api.ts';
import { api } from '../../session.ts';

export type Token = components['schemas']['TokenPage']['items'][number];
export type CreatedToken = components['schemas']['CreatedToken'];
export type TokenRole = Token['role'];

/** What each role may do, for the choice of one. */
export const ROLES: Readonly<Record<TokenRole, string>> = {
  collector: 'Collector: sends and corrects their own responses',
  device: 'Device: an app on the phone of a collector',
  viewer: 'Viewer: reads everything',
  manager: 'Manager: changes forms, reviews responses, manages tokens',
};

/** Whether tokens of a role belong to a collector, by user_id. */
export const isOfCollector = (role: TokenRole): boolean => role === 'collector' || role === 'device';

export interface Person {
  name: string;
  tokens: Token[];
}

const inOrder = new Intl.Collator(undefined, { numeric: true });

/** Tokens of a collector belong together, and so do tokens with the same label. */
export function byPerson(tokens: readonly Token[]): Person[] {
  const groups = Map.groupBy(tokens, ({ user_id: id, label }) => id ?? label ?? 'Without a name');
  return [...groups]
    .map(([name, some]) => ({ name, tokens: some }))
    .toSorted((one, other) => inOrder.compare(one.name, other.name));
}

/** Why a token no longer works; undefined if it does. */
export function endOf({ revoked_at: revoked, expires_at: expires }: Token, now: number): string | undefined {
  if (revoked !== null) return 'revoked';
  return Date.parse(expires) <= now ? 'expired' : undefined;
}

const PAGE = 100;

/** All tokens, newest first. */
export async function readTokens(): Promise<Token[]> {
  const tokens: Token[] = [];
  let cursor: string | null = null;
  do {
    const page: components['schemas']['TokenPage'] = await read(
      api.GET('/tokens', { params: { query: { limit: PAGE, ...(cursor !== null && { cursor }) } } }),
    );
    tokens.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return tokens;
}
