import * as fc from 'fast-check';
import { isJsonObject, JsonNumber, MAX_JSON_DEPTH, parseJson, parseNdjson } from './json.ts';

const valueOf = (text: string): unknown => {
  const result = parseJson(text);
  return result.ok ? result.value : result.fault;
};

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

describe('parseJson', () => {
  test.each([
    '12.10',
    '1e2',
    '1E400',
    '1e+2',
    '-0',
    '-0.0',
    '0.12345678901234567',
    '12345678901234567',
    '0.0000001',
    '1.0',
  ])('keeps the text of %s, which JavaScript would write differently', (text) => {
    for (const around of [text, `[${text}]`, `{"a":${text}}`, `{"a" : ${text} }`, `[0,${text},1]`]) {
      expect(JSON.stringify(deepSources(valueOf(around)))).toContain(`"source ${text}"`);
    }
  });

  test.each(['0', '12.1', '-3.5', '150', '0.05', '123456789012345', '1e+21'])('reads %s as a number', (text) => {
    expect(valueOf(`[${text}]`)).toEqual([Number(text)]);
  });

  test('keeps a number’s text only if JavaScript would write the number differently', () => {
    const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,17})(\.\d{1,18})?([eE][-+]?\d{1,3})?$/);
    fc.assert(
      fc.property(digits, fc.constantFrom('', ' ', '\n'), (text, blank) => {
        const expected = String(Number(text)) === text ? Number(text) : new JsonNumber(text);
        expect(valueOf(`{"a":${blank}${text}${blank}}`)).toEqual({ a: expected });
      }),
    );
  });

  test('returns what JSON.parse returns if no number is unusual, and never throws', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        expect(deepNumbers(valueOf(text))).toEqual(deepNumbers(JSON.parse(text)));
      }),
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => expect(() => parseJson(text)).not.toThrow()));
  });

  test('names the position of a syntax error, without quoting the text', () => {
    expect(parseJson('{"a": 1,}')).toEqual({
      ok: false,
      fault: { pointer: '', detail: 'Send valid JSON; the error is at character 9.' },
    });
    expect(JSON.stringify(parseJson('{"secret": hidden}'))).not.toMatch(/secret|hidden/);
  });

  test.each(['', ' \n', '\uFEFF'])('reports %j as empty', (text) => {
    expect(parseJson(text)).toEqual({ ok: false, fault: { pointer: '', detail: 'Send JSON; the text is empty.' } });
  });

  test('reports nesting that is too deep instead of overflowing the stack', () => {
    expect(parseJson(nested(MAX_JSON_DEPTH)).ok).toBe(true);
    expect(parseJson(nested(MAX_JSON_DEPTH + 1)).ok).toBe(false);
    expect(parseJson(`{"a":1.10,"b":${nested(1_000_000)}}`).ok).toBe(false);
  });

  test('keeps __proto__ as an own key, with or without unusual numbers', () => {
    for (const text of ['{"__proto__":{"a":1}}', '{"__proto__":{"a":1.0}}']) {
      const value = valueOf(text);
      expect(Object.keys(value ?? {})).toEqual(['__proto__']);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    }
  });

  test('writes an unusual number back as a number', () => {
    expect(JSON.stringify(valueOf('{"a":12.10}'))).toBe('{"a":12.1}');
  });
});

describe('parseNdjson', () => {
  test('reads each line separately, skips blank lines and a byte order mark, and accepts both line endings', () => {
    expect(parseNdjson('\uFEFF{"a":1}\r\n\n  \r\n{oops\n[2.50]')).toEqual([
      { index: 0, ok: true, value: { a: 1 } },
      {
        index: 1,
        ok: false,
        fault: { pointer: '', detail: 'Send valid JSON; the error is at character 2.' },
      },
      { index: 2, ok: true, value: [new JsonNumber('2.50')] },
    ]);
  });

  test('returns no lines for an empty text', () => {
    expect(parseNdjson('\n\r\n')).toEqual([]);
  });

  test('stops at the limit', () => {
    expect(parseNdjson('1\n2\n\n3\n4', 3)).toHaveLength(3);
  });
});

function deepSources(value: unknown): unknown {
  if (value instanceof JsonNumber) return `source ${value.source}`;
  if (Array.isArray(value)) return value.map(deepSources);
  return typeof value === 'object' && value !== null ? Object.values(value).map(deepSources) : value;
}

function deepNumbers(value: unknown): unknown {
  // JSON converts -0 and unusual numbers to plain values, which can be compared.
  return JSON.parse(JSON.stringify(value));
}

test.each([
  ['{}', true],
  ['{"a":1}', true],
  ['[]', false],
  ['null', false],
  ['"a"', false],
  ['1', false],
  ['1e400', false],
])('whether the JSON %s is an object: %s', (text, expected) => {
  const parsed = parseJson(text);

  expect(parsed.ok && isJsonObject(parsed.value)).toBe(expected);
});
