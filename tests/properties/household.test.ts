/** Compares the checks and rules for a posted household with an oracle that shares no code with them. */
import * as fc from 'fast-check';
import { compileForm } from '../../forms/compiled/compiled-form.ts';
import { householdFinances } from '../../forms/definition/household-finances.ts';
import { parseJson } from '../../forms/values/json.ts';
import { compileRules } from '../../forms/compiled/rules.ts';
import { CABLE, EXPENDITURE, FOOD, FUEL, HEALTHCARE, INCOME, SAVINGS } from '../support/form-samples.ts';

const form = compileForm(householdFinances, 1);
const rules = compileRules(householdFinances);

/** A value as JSON, and its kind. */
interface Token {
  json: string;
  kind: 'text' | 'number' | 'null' | 'other';
  /** The text, or the digits of a number as written. */
  content: string;
}

const textToken = (content: string): Token => ({ json: JSON.stringify(content), kind: 'text', content });
const numberToken = (content: string): Token => ({ json: content, kind: 'number', content });
const otherToken = (json: string): Token => ({ json, kind: json === 'null' ? 'null' : 'other', content: '' });

const AMOUNTS = [INCOME, SAVINGS, EXPENDITURE, FOOD, CABLE, HEALTHCARE, FUEL];
const TIMES = ['submitted_time', 'synced_time', 'last_modified_time'];
const IDS = ['response_id', 'response_family_id', 'user_id'];
const TEXTS: Record<string, number> = {
  username: 200,
  location: 200,
  name: 200,
  email: 320,
  mobile_number: 50,
  gender: 50,
};
const KEYS = [...IDS, ...Object.keys(TEXTS), ...TIMES, 'age', ...AMOUNTS];

/** Whether the payload's description allows this value under this key. */
function isAllowed(key: string, { kind, content }: Token): boolean {
  if (IDS.includes(key)) return kind === 'text' && isPlain(content, 128) && !/^$|^\s|\s$|^\.\.?$/.test(content);
  if (key in TEXTS) return kind === 'text' && isPlain(content, TEXTS[key] ?? 0) && /\S/.test(content);
  if (TIMES.includes(key)) return kind === 'text' && isTime(content);
  if (key === 'age')
    return kind === 'number' && /^-?[0-9]+$/.test(content) && BigInt(content) >= 0n && BigInt(content) <= 130n;
  return AMOUNTS.includes(key) && kind !== 'other' && kind !== 'null' && unitsOf(content) !== undefined;
}

function isPlain(text: string, most: number): boolean {
  const points = Array.from(text, (point) => point.codePointAt(0) ?? 0);
  const isControl = (point: number) => point < 32 || (point > 126 && point < 160);
  const isHalf = (point: number) => point >= 0xd800 && point <= 0xdfff;
  return points.length <= most && !points.some((point) => isControl(point) || isHalf(point));
}

/** Uses the calendar of Date, which converts a day that does not exist to a later day. */
function isTime(text: string): boolean {
  const parts = /^(\d{4})-(\d{2})-(\d{2})[tT](\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:[zZ]|([+-])(\d{2}):(\d{2}))$/.exec(
    text,
  );
  if (parts === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  const [offsetHours, offsetMinutes] = [Number(parts[8] ?? 0), Number(parts[9] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) return false;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return false;
  const sign = parts[7] === '-' ? 1 : -1;
  date.setUTCHours(hour, minute + sign * (offsetHours * 60 + offsetMinutes), second);
  return date.getUTCFullYear() >= 0 && date.getUTCFullYear() <= 9999;
}

/** An amount in ten-thousandths; undefined if the text is not an amount. */
function unitsOf(text: string): bigint | undefined {
  const [unsigned, sign] = text.startsWith('-') ? [text.slice(1), -1n] : [text, 1n];
  const [whole = '', decimals, ...more] = unsigned.split('.');
  const digits = whole + (decimals ?? '');
  const isWritten = whole !== '' && decimals !== '' && more.length === 0 && !/[^0-9]/.test(digits);
  if (!isWritten || digits.length > 15 || (decimals ?? '').length > 4) return undefined;
  return sign * BigInt(whole + (decimals ?? '').padEnd(4, '0'));
}

/** The two rules, in integer arithmetic. */
function rulesBroken(amounts: Record<string, bigint>): string[] {
  const of = (key: string) => amounts[key] ?? 0n;
  return [
    ...(of(EXPENDITURE) < of(FOOD) + of(CABLE) + of(HEALTHCARE) + of(FUEL) ? ['Rule1'] : []),
    ...(of(SAVINGS) < 0n || of(INCOME) - of(EXPENDITURE) < of(SAVINGS) ? ['Rule2'] : []),
  ];
}

const jsonOf = (entries: readonly (readonly [string, Token])[]): string =>
  `{${entries.map(([key, { json }]) => `${JSON.stringify(key)}:${json}`).join(',')}}`;

async function check(json: string): Promise<{ pointers: string[]; flags: string[] }> {
  const parsed = parseJson(json);
  if (!parsed.ok) throw new Error(parsed.fault.detail);
  const read = form.readSubmission(parsed.value);
  if (!read.ok) return { pointers: read.errors.map(({ pointer }) => pointer).toSorted(), flags: [] };
  const flags = await rules.check(read.submission.response);
  return { pointers: [], flags: flags.map(({ rule }) => rule) };
}

const digits = (least: number, most: number) =>
  fc.string({
    unit: fc.constantFrom('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'),
    minLength: least,
    maxLength: most,
  });
const amountText = fc
  .tuple(fc.constantFrom('', '-'), digits(1, 12), digits(0, 5))
  .map(([sign, whole, decimals]) => `${sign}${whole}${decimals === '' ? '' : `.${decimals}`}`);
/** The same amounts in JSON's number syntax, without leading zeros. */
const amountNumber = amountText.map((text) => text.replace(/^(-?)0+(?=\d)/, '$1'));
const amount = fc.oneof(amountText.map(textToken), amountNumber.map(numberToken));
const trickyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('a', ' ', '\u00a0', '\ufeff', '\u0000', '\u001f', '\u007f', '\u0085', '\ud800', '😀', '\n'),
    maxLength: 6,
  }),
  fc.nat(330).map((length) => 'n'.repeat(length)),
  fc.nat(210).map((length) => '😀'.repeat(length)),
);
const two = (most: number) => fc.nat(most).map((value) => String(value).padStart(2, '0'));
const time = fc
  .tuple(
    fc.constantFrom('2026', '2028', '2027', '2000', '1900', '0000', '9999', '0004'),
    two(13),
    two(32),
    two(24),
    two(60),
    two(60),
    digits(0, 10),
    fc.constantFrom('Z', 'z', '', '+03:00', '-05:30', '+23:59', '-23:59', '+24:00', '+0300', '+00:60'),
    fc.constantFrom('T', 'T', 't', ' '),
  )
  .map(
    ([year, month, day, hour, minute, second, fraction, zone, mark]) =>
      `${year}-${month}-${day}${mark}${hour}:${minute}:${second}${fraction === '' ? '' : `.${fraction}`}${zone}`,
  );
const oddNumber = fc.constantFrom(
  '0',
  '-0',
  '1e2',
  '1E400',
  '40.0',
  '130',
  '131',
  '-1',
  '12.10',
  '0.00001',
  '1e-7',
  '9'.repeat(16),
  '9'.repeat(30),
  '0.1234567890123456',
);
const anything: fc.Arbitrary<Token> = fc.oneof(
  trickyText.map(textToken),
  amount,
  oddNumber.map(numberToken),
  time.map(textToken),
  fc.constantFrom('null', 'true', 'false', '[]', '{}', '["x"]', '{"$ne":null}', '{"source":"1"}').map(otherToken),
);

function fitting(key: string): fc.Arbitrary<Token> {
  if (AMOUNTS.includes(key)) return amount;
  if (key === 'age') return fc.integer({ min: -1, max: 131 }).map((age) => numberToken(String(age)));
  if (TIMES.includes(key))
    return fc.oneof({ weight: 3, arbitrary: fc.constant(textToken('2026-09-01T06:00:00Z')) }, time.map(textToken));
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('r-1', "O'Neil", '=cmd()').map(textToken) },
    trickyText.map(textToken),
  );
}

const good = (key: string): Token =>
  AMOUNTS.includes(key) || key === 'age'
    ? numberToken('1')
    : textToken(TIMES.includes(key) ? '2026-09-01T06:00:00Z' : 'r-1');

test('the refusal of a response names exactly its invalid keys', async () => {
  const changes = fc.dictionary(fc.constantFrom(...KEYS), fc.oneof(anything, fc.constant(undefined)), { maxKeys: 4 });
  const fits = fc.tuple(...KEYS.map(fitting)).map((tokens) => new Map(KEYS.map((key, index) => [key, tokens[index]])));
  const plain = fc.constant(new Map<string, Token | undefined>(KEYS.map((key) => [key, good(key)])));
  const unknown = fc.constantFrom<string[]>([], [], ['__proto__'], ['constructor', 'Name'], ['a/b~c']);

  await fc.assert(
    fc.asyncProperty(fc.oneof(plain, fits), changes, unknown, fc.boolean(), async (sent, changed, extra, turned) => {
      const tokens = new Map([
        ...sent,
        ...Object.entries(changed),
        ...extra.map((key) => [key, textToken('x')] as const),
      ]);
      const entries = [...tokens].flatMap(([key, token]) => (token === undefined ? [] : [[key, token] as const]));
      const faulty = [
        ...KEYS.filter((key) => {
          const token = tokens.get(key);
          return token === undefined || !isAllowed(key, token);
        }),
        ...extra,
      ];

      const { pointers } = await check(jsonOf(turned ? entries.toReversed() : entries));

      const expected = faulty.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
      expect(pointers).toEqual(expected.toSorted());
    }),
    { numRuns: 3_000 },
  );
});

test('the flags of a household equal those of integer arithmetic, also at the boundaries and with fifteen digits', async () => {
  const part = fc.oneof(fc.bigInt(-5n, 5n), fc.bigInt(-20_000_000_000_000n, 20_000_000_000_000n));
  const step = fc.oneof(fc.constantFrom(-1n, 0n, 1n), fc.bigInt(-1_000_000n, 1_000_000n));
  const spelling = fc.constantFrom('text', 'number', 'padded');

  await fc.assert(
    fc.asyncProperty(
      fc.tuple(part, part, part, part),
      part,
      step,
      step,
      fc.array(spelling, { minLength: 7, maxLength: 7 }),
      async ([food, cable, healthcare, fuel], savings, above, left, spellings) => {
        const expenditure = food + cable + healthcare + fuel + above;
        const amounts = {
          [INCOME]: expenditure + savings + left,
          [SAVINGS]: savings,
          [EXPENDITURE]: expenditure,
          [FOOD]: food,
          [CABLE]: cable,
          [HEALTHCARE]: healthcare,
          [FUEL]: fuel,
        };
        const tokens = new Map(KEYS.map((key) => [key, good(key)]));
        for (const [index, [key, units]] of Object.entries(amounts).entries()) {
          tokens.set(key, spell(units, spellings[index] ?? 'text'));
        }

        expect(await check(jsonOf([...tokens]))).toEqual({ pointers: [], flags: rulesBroken(amounts) });
      },
    ),
    { numRuns: 2_000 },
  );
});

/** Ten-thousandths as an amount: as text or as a number, with or without trailing zeros. */
function spell(units: bigint, spelling: string): Token {
  const unsigned = String(units < 0n ? -units : units).padStart(5, '0');
  const full = `${units < 0n ? '-' : ''}${unsigned.slice(0, -4)}.${unsigned.slice(-4)}`;
  const short = full.replace(/\.?0+$/, '');
  if (spelling === 'padded') return numberToken(full);
  return spelling === 'text' ? textToken(short) : numberToken(short);
}
