import { byPerson, endOf, type Token } from './grouping.ts';

const token = (changes: Partial<Token>): Token => ({
  token_id: '0190d2f0-5d7a-7c3e-9a53-2f1d4b6c8e01',
  prefix: 'clt_Zk3vQ9xB',
  role: 'collector',
  user_id: null,
  label: null,
  created_at: '2026-09-01T06:00:00.000Z',
  expires_at: '2026-11-30T06:00:00.000Z',
  revoked_at: null,
  last_used_at: null,
  ...changes,
});

test('tokens of a collector belong together, and so do tokens with the same label; names are in order', () => {
  const people = byPerson([
    token({ user_id: 'collector-10', label: 'Phone 12' }),
    token({ label: 'Amina', role: 'manager' }),
    token({ user_id: 'collector-2', role: 'device', label: 'Phone 12' }),
    token({ user_id: 'collector-2' }),
    token({ role: 'viewer' }),
    token({ label: 'Amina', role: 'viewer' }),
  ]);

  expect(people.map(({ name, tokens }) => [name, tokens.length])).toEqual([
    ['Amina', 2],
    ['collector-2', 2],
    ['collector-10', 1],
    ['Without a name', 1],
  ]);
});

test('a token ends when it is revoked, or expires', () => {
  const now = Date.parse('2026-11-30T06:00:00.000Z');

  expect(endOf(token({}), now - 1)).toBeUndefined();
  expect(endOf(token({}), now)).toBe('expired');
  expect(endOf(token({ revoked_at: '2026-09-02T06:00:00.000Z' }), now - 1)).toBe('revoked');
});
