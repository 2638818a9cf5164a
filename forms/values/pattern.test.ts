import * as fc from 'fast-check';
import { compilePattern, patternFault, patternSteps } from './pattern.ts';

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
  ['[a{20}]', '2', '6'],
  [String.raw`\\d{20}`, `\\${'d'.repeat(20)}`, '0'.repeat(20)],
  [String.raw`\cA{20}`, '\u0001'.repeat(20), `\u0001${'A'.repeat(19)}`],
  [String.raw`\c{20}`, `\\${'c'.repeat(20)}`, String.raw`\c`.repeat(20)],
  [String.raw`\012{20}`, '\n'.repeat(20), `\n${'2'.repeat(19)}`],
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

test.each([
  ['[A-Z]{2}[0-9]{6}', 16],
  ['a{20}', 'a{16}a{4}'.length],
  ['(?:ab){3}', 3 * 9],
  ['(?:(?:ab){1,4}-){3,}', 12 * 20],
  ['(?:a){0}(?:b){15}', 15 * 17],
  ['(?:ab){10}(?:cd){10}', 16 * 20],
])('%s takes at most %i steps a character', (pattern, steps) => {
  expect(patternSteps(pattern)).toBe(steps);
});

test('a group may be repeated at most 16 times, multiplied by the repetitions of the groups around it', () => {
  expect(patternFault('(?:(?:ab){4}-){4}')).toBeUndefined();
  expect(patternFault('(?:(?:ab){5}-){4}')).toContain('repeated at most 16 times');
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

/** Parts of a pattern, each with a text that it may match. */
const atoms = fc.constantFrom(
  ['a', 'a'],
  ['.', '}'],
  [']', ']'],
  [',', ','],
  [String.raw`\\`, '\\'],
  [String.raw`\d`, '7'],
  [String.raw`\{`, '{'],
  [String.raw`\[`, '['],
  [String.raw`\u00e9`, 'é'],
  [String.raw`\x41`, 'A'],
  [String.raw`\u0`, 'u0'],
  [String.raw`\cA`, '\u0001'],
  [String.raw`\c`, String.raw`\c`],
  [String.raw`\0`, '\0'],
  [String.raw`\012`, '\n'],
  ['[a{20}]', '2'],
  [String.raw`[\]{18,}]`, ']'],
  [String.raw`[^\\]`, 'd'],
  ['[^]', 'x'],
  ['(a{20}|b)', 'b'],
  ['{', '{'],
  ['{1', '{1'],
  ['d{17}', 'd'.repeat(17)],
  ['u', 'u'],
);
const repetitions = fc.oneof(
  fc.constant(['', 1] as const),
  fc
    .tuple(fc.nat(36), fc.nat(20), fc.constantFrom('{n}', '{n,}', '{n,m}', '{n,m}?'), fc.integer({ min: -1, max: 3 }))
    .map(
      ([least, more, form, extra]) =>
        [form.replace('n', `${least}`).replace('m', `${least + more}`), Math.max(0, least + extra)] as const,
    ),
);

test('every pattern that is accepted matches what the ordinary engine matches', () => {
  const parts = fc.array(fc.tuple(atoms, repetitions), { minLength: 1, maxLength: 4 });
  let accepted = 0;
  fc.assert(
    fc.property(parts, (chosen) => {
      const pattern = chosen.map(([[atom], [count]]) => `${atom}${count}`).join('');
      if (patternFault(pattern) !== undefined) return;
      accepted += 1;
      const whole = new RegExp(`^(?:${pattern})$`);
      const texts = [
        chosen.map(([[, text], [, times]]) => text.repeat(times)).join(''),
        chosen.map(([[, text], [, times]]) => text + text.slice(-1).repeat(Math.max(0, times - 1))).join(''),
      ];
      for (const text of texts)
        expect([pattern, text, matches(pattern, text)]).toEqual([pattern, text, whole.test(text)]);
    }),
    { numRuns: 3_000 },
  );
  expect(accepted).toBeGreaterThan(1_000);
});
