import { id, isFormId, isId } from './values.ts';

test.each(['a', '0', 'a b', 'שלום', '🏠'.repeat(128), 'a'.repeat(128), "x' or '1'='1", '__proto__', 'a\u0301'])(
  '%j can be an id',
  (text) => {
    expect(isId(text)).toBe(true);
    expect(id.safeParse(text).success).toBe(true);
  },
);

test.each(['', ' ', ' a', 'a ', 'a\n', '\u3000a', 'a'.repeat(129), '🏠'.repeat(129), 'a'.repeat(10_000_000), 5, null])(
  'the id of example %# is refused',
  (text) => {
    expect(id.safeParse(text).success).toBe(false);
  },
);

test.each(['a', 'household_finances', 'a1', 'a'.repeat(63)])('%j can be the id of a form', (text) => {
  expect(isFormId(text)).toBe(true);
});

test.each(['', '1a', '_a', 'A', 'a-b', 'a b', 'a\n', '\na', 'a'.repeat(64), 'é', '__proto__'])(
  '%j cannot be the id of a form',
  (text) => {
    expect(isFormId(text)).toBe(false);
  },
);
