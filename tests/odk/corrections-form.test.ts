/**
 * The corrections form on real engines: it fills in the answers of the chosen response, and warns as the form does.
 * With ALL_REAL_FORMS=1, ODK Validate checks the corrections form of every real form.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FormDefinition } from '../../forms/definition/form-definition.ts';
import { householdFinances } from '../../forms/definition/household-finances.ts';
import { flaggedCsv, FLAGGED_CSV, type FlaggedResponse } from '../../forms/xforms/generate/corrections-csv.ts';
import { correctionsInstanceOf, readCorrection } from '../../forms/xforms/generate/corrections-instance.ts';
import { generateCorrectionsForm } from '../../forms/xforms/generate/corrections.ts';
import { translateXform } from '../../forms/xforms/translate/translate.ts';
import { readInstance } from '../../forms/xforms/read-instance.ts';
import { parseXml } from '../../forms/xforms/xml.ts';
import { EXPENDITURE, FOOD, INCOME, SAVINGS, sampleResponse } from '../support/form-samples.ts';
import { everyKindOfForm } from '../support/generated-samples.ts';
import { describeWithValidate, faultsOfXforms } from '../support/odk-validate.ts';
import { describeWithBatch, fillBatch } from '../support/phone-batch.ts';
import { readRealForms } from '../support/real-forms.ts';

function written(definition: FormDefinition, flagged: readonly FlaggedResponse[]) {
  const media = mkdtempSync(path.join(tmpdir(), 'corrections-'));
  const csv = flaggedCsv(definition, flagged);
  const form = path.join(media, 'form.xml');
  writeFileSync(path.join(media, FLAGGED_CSV), csv);
  writeFileSync(form, generateCorrectionsForm({ definition, version: 3, xformId: definition.form_id }, csv));
  return { form, media };
}

const household: FlaggedResponse = {
  response_id: 'uuid:1 "a"',
  revision: 2,
  response: sampleResponse({ name: '=cmd()|"x"; Noor', [SAVINGS]: '5000.25' }),
  flags: [{ message: 'Savings are "too" high.\nAsk again.' }],
};

const all: FlaggedResponse = {
  response_id: 'r-2',
  revision: 1,
  response: {
    phone: 'first, "line"\nsecond',
    serial: 12_345_678_901,
    weight: '12.125',
    region: 'north east',
    town: 'garissa',
    uses: ['garden', 'drinking'],
    visited: '2026-09-01T09:00:00.5+03:00',
    opens: '07:30',
    home: { latitude: -1.29, longitude: 36.82, accuracy: 4.5 },
  },
  flags: [],
};

describeWithValidate('ODK Validate', () => {
  test('accepts corrections forms', async () => {
    const files = [written(householdFinances, [household]), written(everyKindOfForm(), [all])];
    expect(await faultsOfXforms(files.map(({ form }) => form))).toBeUndefined();
  });
});

describeWithValidate('ODK Validate, for real XForms', () => {
  test('accepts the corrections form of every form that Collect accepts', async () => {
    const realForms = readRealForms();
    const forms = realForms.flatMap(({ formId, bytes }) => {
      const result = translateXform(bytes.toString(), { form_id: formId });
      return result.ok ? [written(result.form, []).form] : [];
    });
    const fault = forms.length === 0 ? undefined : await faultsOfXforms(forms);
    expect(fault).toBeUndefined();
    expect(forms.length > 0 || realForms.length === 0).toBe(true);
  }, 300_000);
});

describeWithBatch('a corrections form on a phone', () => {
  const read = (submission: string, definition: FormDefinition) => {
    const root = parseXml(submission, { maxDepth: 100, maxBytes: 100_000 });
    return {
      head: readCorrection(root, definition),
      content: readInstance(root, correctionsInstanceOf(definition, definition.form_id, '')),
    };
  };
  const other = { ...household, response_id: 'r-9', response: sampleResponse({ name: 'Other' }) };
  const CHOOSE = { '/data/correction/response_id': household.response_id };

  test('shows why the chosen response was flagged, fills in its answers, and warns until they are corrected', async () => {
    const order = written(householdFinances, [other, household]);
    const [chosen, corrected] = await fillBatch([
      { ...order, answers: CHOOSE },
      { ...order, answers: { ...CHOOSE, '/data/monthly_savings': '500.25' } },
    ]);

    expect(chosen?.labels['/data/correction/reasons']).toBe('Savings are "too" high.\nAsk again.');
    expect(chosen?.violations.map(({ path: at }) => at)).toEqual(['/data/check-2']);
    expect(corrected?.violations).toEqual([]);
    const { head, content } = read(corrected?.submission ?? '', householdFinances);
    expect(head).toEqual({ response_id: 'uuid:1 "a"', revision: 2, form_version: 3 });
    expect(content).toMatchObject({ unknown: [], rounded: [], acknowledged: [] });
    expect(JSON.parse(JSON.stringify(content.answers))).toMatchObject({
      name: '=cmd()|"x"; Noor',
      [SAVINGS]: 500.25,
      [INCOME]: expect.anything(),
      [EXPENDITURE]: expect.anything(),
      [FOOD]: expect.anything(),
    });
  });

  test('accepts an unusual answer once it is acknowledged', async () => {
    const order = written(householdFinances, [household]);
    const [filled] = await fillBatch([{ ...order, answers: { ...CHOOSE, '/data/check-2': 'OK' } }]);
    expect(filled?.violations).toEqual([]);
    expect(read(filled?.submission ?? '', householdFinances).content.acknowledged).toEqual([{ rule: 'Rule2' }]);
  });

  test('sends back answers of every type as they were', async () => {
    const definition = everyKindOfForm();
    const order = written(definition, [household, all]);
    const [filled] = await fillBatch([{ ...order, answers: { '/data/correction/response_id': 'r-2' } }]);
    const { content } = read(filled?.submission ?? '', definition);
    expect(content.unknown).toEqual([]);
    const answers: unknown = JSON.parse(JSON.stringify(content.answers));
    expect(answers).toMatchObject({
      phone: 'first, "line"\nsecond',
      region: 'north east',
      town: 'garissa',
      uses: ['garden', 'drinking'],
      home: { latitude: -1.29, longitude: 36.82, accuracy: 4.5 },
    });
    expect(filled?.submission).toContain('<serial>1.2345678901E10</serial><weight>12.125</weight>');
  });
});
