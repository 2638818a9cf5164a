/** Tokens by the person who holds them. */
import type { components } from '../../../shared/openapi.d.ts';

export type Token = components['schemas']['TokenPage']['items'][number];

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
