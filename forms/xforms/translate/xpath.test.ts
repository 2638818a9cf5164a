import { parseXPath, type XPath } from './xpath.ts';

/** An expression with all its parentheses, in XPath's own notation. */
function show(xpath: XPath): string {
  switch (xpath.kind) {
    case 'number':
      return xpath.value;
    case 'text':
      return `'${xpath.value}'`;
    case 'call':
      return `${xpath.name}(${xpath.args.map(show).join(', ')})`;
    case 'any':
    case 'all':
      return `(${xpath.parts.map(show).join(xpath.kind === 'any' ? ' or ' : ' and ')})`;
    case 'negative':
      return `-${show(xpath.operand)}`;
    case 'operation':
      return `(${show(xpath.left)} ${xpath.operator} ${show(xpath.right)})`;
    case 'path': {
      const from = xpath.from === 'root' ? '/' : xpath.from === 'here' ? '' : `${show(xpath.from)}/`;
      const names = { child: '', parent: '..', self: '.', other: '?' };
      const steps = xpath.steps.map(
        ({ axis, name, predicates }) => (name || names[axis]) + predicates.map((each) => `[${show(each)}]`).join(''),
      );
      return from + steps.join('/');
    }
  }
}

test.each([
  ['1 + 2 * 3 - .5', '((1 + (2 * 3)) - .5)'],
  ['a or b and c or d', '(a or (b and c) or d)'],
  ['a = b != c', '((a = b) != c)'],
  ['1 < 2 = 3 >= 4', '((1 < 2) = (3 >= 4))'],
  ['-a - -1', '(-a - -1)'],
  ['--2', '2'],
  ['(1 + 2) div 3 mod 4', '(((1 + 2) div 3) mod 4)'],
  ['. >= 0 and .<=10', '((. >= 0) and (. <= 10))'],
  [' ../../a-b/jr:c.d ', '../../a-b/c.d'],
  ['/data/g/q', '/data/g/q'],
  ['/', '/'],
  ['./a', './a'],
  ['current()/../state', 'current()/../state'],
  [
    "instance('towns')/root/item[state = /data/state][2]/label",
    "instance('towns')/root/item[(state = /data/state)][2]/label",
  ],
  ['div div mod', '(div div mod)'],
  ['and and or', '(and and or)'],
  ['2 * 3', '(2 * 3)'],
  ['* * *', '(? * ?)'],
  ['//a', '/?/a'],
  ['a//b', 'a/?/b'],
  ['@id', '?'],
  ['child::a/parent::b', 'a/?'],
  ['text()', 'text()'],
  ['a/text()', 'a/?'],
  ['(a)[1]', 'a/.[1]'],
  [`concat("it's", 'a "b"')`, `concat('it's', 'a "b"')`],
  ['true()', 'true()'],
  ['if(a, "", 1.)', "if(a, '', 1.)"],
  ['a | b', '(a | b)'],
  ['größe = "日本"', "(größe = '日本')"],
])('%s is read as %s', (expression, expected) => {
  expect(show(parseXPath(expression))).toBe(expected);
});

test.each([
  '',
  ' ',
  "'it''s'",
  'a b',
  '1 +',
  '(a',
  'a)',
  '[1]',
  'a[1',
  'f(1,',
  'f(,1)',
  'a = = b',
  '$a',
  "'a",
  'a::',
  '/data/',
  '#',
  'a and',
])('%j is not XPath', (expression) => {
  expect(() => parseXPath(expression)).toThrow(/^The expression has an error at ".*"\.$/);
});

test.each([
  ['(', /nested too deep|too long/],
  ['not(', /nested too deep|too long/],
  ['a[', /nested too deep|too long/],
  ['a or ', /too long/],
  ['-', /too long/],
  ['a/', /too long/],
])('%j a million times is refused in under a second', (part, message) => {
  const start = performance.now();

  expect(() => parseXPath(part.repeat(1_000_000))).toThrow(message);
  expect(performance.now() - start).toBeLessThan(1000);
});
