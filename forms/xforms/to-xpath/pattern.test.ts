import { phonePattern } from './pattern.ts';

test.each([
  ['[A-Z]{2}[0-9]{4}', '^(?:[A-Z]{2}[0-9]{4})$'],
  ['a|b+?', '^(?:a|b+?)$'],
  [String.raw`(?:\d+\.\d{2}|none)`, String.raw`^(?:(?:\d+\.\d{2}|none))$`],
  ['(?<year>[0-9]{4})', '^(?:([0-9]{4}))$'],
  ['[[&^]x', String.raw`^(?:[\[\&\^]x)$`],
  [String.raw`\u00e9\x41`, String.raw`^(?:\u00e9\x41)$`],
])('the pattern %s is %s on phones', (pattern, expected) => {
  expect(phonePattern(pattern)).toBe(expected);
});

test('blanks are those of JavaScript on every phone', () => {
  const pattern = phonePattern(String.raw`a\s[\s-]\S`) ?? '';

  expect(new RegExp(pattern).test('a\u00a0\ufeffb')).toBe(true);
  expect(pattern).not.toMatch(/\\s/i);
});

test.each([
  ['a word boundary, which depends on the language', String.raw`a\bb`],
  ['an empty class', 'a[]'],
  ['every character', '[^]'],
  ['a literal brace', 'a{b'],
  ['a literal bracket', 'a]b'],
  ['an escaped letter that means itself', String.raw`\q`],
  ['an escape in a class that negates', String.raw`[\Sa]`],
  ['a control character by its letter', String.raw`\cA`],
])('a pattern with %s is left to the server', (_what, pattern) => {
  expect(phonePattern(pattern)).toBeUndefined();
});
