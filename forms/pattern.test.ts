import * as fc from 'fast-check';
import { compilePattern, patternFault } from './pattern.ts';

const matches = (pattern: string, text: string) => patternFault(pattern) === undefined && compilePattern(pattern)(text);

test.each([
  ['[A-Z]{2}[0-9]{6}', 'KE123456', 'KE12345'],
  ['a|bc', 'bc', 'ab'],
  ['^[0-9]+$', '007', '007a'],
  [String.raw`\+?\d{7,15}`, '+254700000000', '+25470'],
  [String.raw`\d{3}\-\d{2}`, '123-45', '12345'],
  ['[a-z]{2,50}', 'a'.repeat(50), 'a'.repeat(51)],
  ['[a-z]{20}', 'a'.repeat(20), 'a'.repeat(19)],
  ['x{18,}', 'x'.repeat(40), 'x'.repeat(17)],
  ['[àéö]+', 'éà', 'e'],
  ['.', 'a', '\n'],
])('%s matches the whole text %j and does not match %j', (pattern, right, wrong) => {
  expect([matches(pattern, right), matches(pattern, wrong)]).toEqual([true, false]);
});

test.each([
  '',
  '(',
  'a)|(b',
  '[',
  'a{3,2}',
  'a{20,18}',
  String.raw`(a)\1`,
  '(?=a)a',
  '(?!a)b',
  String.raw`\p{L}+`,
  String.raw`\u{1F600}`,
  '😀',
  '(?:ab){17}',
  '(?:(?:a{10}){10}){10}',
  'a{9999}',
  '[ab]{999}',
  'a'.repeat(501),
])('the pattern %j is refused with advice', (pattern) => {
  expect(patternFault(pattern)).toMatch(/^[A-Z].*\.$/);
});

test.each([String.raw`\\p`, String.raw`\\u{2}`, String.raw`\u00e9{20}`, String.raw`[\]a]{30}`])(
  'the pattern %j is accepted, with its escapes kept whole',
  (pattern) => {
    expect(patternFault(pattern)).toBeUndefined();
  },
);

test('a pattern that makes backtracking engines hang takes milliseconds', () => {
  const isMatch = compilePattern('(a+)+(a*)*b');

  expect(isMatch('a'.repeat(5000))).toBe(false);
});

test('every counted repetition matches what the ordinary engine matches', () => {
  const counts = fc.tuple(
    fc.nat(70),
    fc.nat(70),
    fc.constantFrom('{n}', '{n,}', '{n,m}'),
    fc.constantFrom('a', '[ab]', String.raw`\w`),
  );
  fc.assert(
    fc.property(counts, fc.nat(150), ([least, more, form, atom], length) => {
      const pattern = `x${atom}${form.replace('n', `${least}`).replace('m', `${least + more}`)}y?`;
      for (const text of [`x${'a'.repeat(length)}`, `x${'a'.repeat(length)}y`]) {
        expect([pattern, matches(pattern, text)]).toEqual([pattern, new RegExp(`^(?:${pattern})$`).test(text)]);
      }
    }),
  );
});
