/** Compares the document's handwritten schemas with the code that validates. */
import * as z from 'zod';
import { household } from '../tests/support/responses.ts';
import { createValidator } from '../tests/support/openapi.ts';
import { compileForm } from '../forms/compiled/compiled-form.ts';
import { householdFinances } from '../forms/definition/household-finances.ts';
import { parseJson } from '../forms/values/json.ts';
import { fieldsOf } from '../forms/definition/metadata.ts';
import { ref } from '../collect-lambdas/shared/route-docs.ts';
import { ofType } from './document.ts';
import { readDocument } from './generated.ts';
import { readLambdas } from './lambdas.ts';
import { parametersOf } from './parameters.ts';

const validate = createValidator(readDocument(), { closed: false });

describe('the schema and the Lambda accept the same values of the parameter', () => {
  /** A schema can express neither the list of time zones nor the content of cursors. */
  const CODE_DECIDES = new Set(['X-Time-Zone', 'cursor']);

  const TEXTS = ['', ' ', 'a', 'A', ' a', 'a b', 'Zoé', 'नमस्ते', '__proto__', 'null', 'x'.repeat(128), 'x'.repeat(129)];
  const WORDS = ['COL', 'col', 'COL,BFA', 'COL,', 'COLO', 'flagged', 'FLAGGED', 'ama@example.org', 'ama@example'];
  const CHOICES = ['id', '-id', '--id', 'task_date', '-owner', 'fcs', 'real', 'sample', 'plain', 'lorenz', 'a_form'];
  const NUMBERS = [
    '0',
    '1',
    '-1',
    '+1',
    '1.5',
    '.5',
    '-2E-3',
    '1e5',
    '20',
    '100',
    '101',
    '1000',
    '1001',
    'NaN',
    '0x10',
  ];
  const DAYS = ['2022-06-01', '2022-02-30', '2024-02-29', '2022-6-1', 'tomorrow', "x' or '1'='1"];
  const TIMES = ['2022-06-01T06:00:00Z', '2022-06-01T06:00:00', '2022-06-01T09:00:00.5+03:00', '2022-02-30T06:00:00Z'];
  const PROBES = [TEXTS, WORDS, CHOICES, NUMBERS, DAYS, TIMES].flat();

  const parameters = readLambdas()
    .flatMap(({ routes }) => routes)
    .flatMap((route) => parametersOf(route).map((each) => [`${each.name} of ${route.key}`, each] as const));

  test.each(parameters.filter(([, { name, source }]) => source !== undefined && !CODE_DECIDES.has(name)))(
    '%s',
    (_name, { schema, source = z.never() }) => {
      const disagreed = PROBES.filter(
        (probe) => z.safeParse(source, probe).success !== (validate(schema, ofType(schema, probe)).length === 0),
      );

      expect(disagreed).toEqual([]);
    },
  );
});

describe('the schema and the form household_finances agree on a response', () => {
  const form = compileForm(householdFinances, 1);
  const schema = ref('HouseholdFinances');
  const TEXTS = [
    '',
    ' \u00a0',
    '.',
    '..',
    'a',
    ' a',
    'a ',
    'x'.repeat(51),
    'x'.repeat(129),
    'x'.repeat(201),
    null,
    true,
    [],
    {},
  ];
  const AMOUNTS = [
    0,
    -1,
    40,
    131,
    40.5,
    1e21,
    '40',
    '12,5',
    '5.00',
    '-0.5',
    '1.2345',
    '1.23456',
    '1e3',
    '+5',
    '.5',
    '5.',
  ];
  const TIMES = ['2026-09-01T06:00:00Z', '2026-09-01T09:00:00.123456789+03:00', '2026-02-30T06:00:00Z', '2026-09-01'];
  const PROBES: unknown[] = [TEXTS, AMOUNTS, TIMES].flat();
  const agrees = (payload: Record<string, unknown>): boolean => {
    // Parsed as requests are, so that numbers keep the text that was sent.
    const parsed = parseJson(JSON.stringify(payload));
    return parsed.ok && form.readSubmission(parsed.value).ok === (validate(schema, payload).length === 0);
  };

  test.each(fieldsOf(householdFinances).map(({ key }) => key))('with any value of %s', (key) => {
    expect(PROBES.filter((probe) => !agrees(household({ [key]: probe })))).toEqual([]);
  });

  test.each(fieldsOf(householdFinances).map(({ key }) => key))('without %s', (key) => {
    const { [key]: _left, ...rest } = household();

    expect(agrees(rest)).toBe(true);
  });

  test('with an unknown key', () => {
    expect(agrees(household({ nickname: 'Ni' }))).toBe(true);
  });
});
