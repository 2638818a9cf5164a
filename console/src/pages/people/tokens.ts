/** Tokens and their roles. */
import type { components } from '../../../shared/openapi.d.ts';
import { read } from '../../../shared/api.ts';
import { api } from '../../session.ts';
import type { Token } from './grouping.ts';

export type CreatedToken = components['schemas']['CreatedToken'];
export type TokenRole = Token['role'];

/** What each role may do, for the choice of a role. */
export const ROLES: Readonly<Record<TokenRole, string>> = {
  collector: 'Collector: sends and corrects their own responses',
  device: 'Device: an app on the phone of a collector',
  viewer: 'Viewer: reads everything',
  manager: 'Manager: changes forms, reviews responses, manages tokens',
};

/** Whether tokens of a role belong to a collector, by user_id. */
export const isOfCollector = (role: TokenRole): boolean => role === 'collector' || role === 'device';

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
