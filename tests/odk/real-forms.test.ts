/**
 * The real forms at a running stack: uploaded, downloaded, filled in by JavaRosa, judged, sent, stored, and read back equal.
 * ALL_REAL_FORMS=1 uses every form.
 */
import { hash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { compileForm } from '../../forms/compiled/compiled-form.ts';
import type { FormDefinition } from '../../forms/definition/form-definition.ts';
import { isJsonObject } from '../../forms/values/json.ts';
import { instanceOf } from '../../forms/xforms/instance.ts';
import { readHead, readInstance } from '../../forms/xforms/read-instance.ts';
import { translateXform } from '../../forms/xforms/translate/translate.ts';
import { parseXml } from '../../forms/xforms/xml.ts';
import { Collector, manage } from '../support/collector.ts';
import { describeWithBatch, fillBatch, type Filled } from '../support/phone-batch.ts';
import { readRealForms, type RealForm } from '../support/real-forms.ts';
import { metadata } from '../support/responses.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

const LIMITS = { maxDepth: 100, maxBytes: 4_000_000 };

/** Forms that stay blank, because no answer that the phone invents fits them. */
const LEFT_BLANK = new Set([
  'external_select_csv.xml',
  'one-question-editable.xml',
  'one-question-with-constraint.xml',
]);

/** The two outcomes of an upload. */
const ACCEPTED = { tried: 200, stored: 201, isServed: true, hasSameReport: true, faults: [] };
const REFUSED = {
  tried: 422,
  stored: 422,
  isServed: false,
  hasSameReport: true,
  faults: expect.arrayContaining([{ pointer: expect.any(String), detail: expect.stringMatching(/\.$/) }]),
};
const OUTCOMES = { accept: [ACCEPTED], refuse: [REFUSED], either: [ACCEPTED, REFUSED] };

const forms = readRealForms();

(forms.length === 0 ? describe.skip : describe)('the real forms (need ../shared)', () => {
  let stack: TestStack;
  const outcomes = new Map<string, unknown>();

  beforeAll(async () => {
    stack = await startTestStack();
    for (const form of forms) outcomes.set(form.formId, await upload(form));
  }, 240_000);
  afterAll(() => stack?.stop());

  async function send(method: string, address: string, body?: Buffer): Promise<{ status: number; bytes: Buffer }> {
    const headers = { authorization: `Bearer ${stack.tokens.manager}`, 'content-type': 'text/xml' };
    const reply = await fetch(stack.url + address, { method, headers, ...(body !== undefined && { body }) });
    return { status: reply.status, bytes: Buffer.from(await reply.arrayBuffer()) };
  }

  async function upload({ formId, bytes }: RealForm): Promise<unknown> {
    const address = `/forms/${formId}/xform`;
    const tried = await send('PUT', `${address}?dry_run=true`, bytes);
    const stored = await send('PUT', address, bytes);
    const served = await send('GET', address);
    const replies: Record<string, unknown>[] = [tried, stored].map((each) => JSON.parse(each.bytes.toString()));
    return {
      tried: tried.status,
      stored: stored.status,
      isServed: served.bytes.equals(bytes),
      hasSameReport: isDeepStrictEqual(replies[0]?.['report'], replies[1]?.['report']),
      faults: replies[1]?.['errors'] ?? [],
    };
  }

  test.each(forms.map((form) => [form.file, form.expectation, form.formId] as const))(
    '%s has the expected outcome (%s), and is served byte for byte if it is accepted',
    (_file, expectation, formId) => {
      expect(OUTCOMES[expectation]).toContainEqual(outcomes.get(formId));
    },
  );

  describeWithBatch('on a phone', () => {
    const accepted = forms.filter(({ expectation }) => expectation === 'accept');
    const rows = accepted.map((form) => [form.file, form] as const);
    let ada: Collector;
    let list: string;
    const served = new Map<string, Buffer>();
    const filled = new Map<string, Filled>();

    beforeAll(async () => {
      ada = await Collector.at(stack, 'ada');
      list = await (await ada.request('/formList')).text();
      const folder = mkdtempSync(path.join(tmpdir(), 'real-forms-'));
      const orders = await Promise.all(
        accepted.map(async ({ formId, media }) => {
          const form = path.join(folder, `${formId}.xml`);
          const bytes = Buffer.from(await (await ada.request(`/forms/${formId}/1.xml`)).arrayBuffer());
          served.set(formId, bytes);
          writeFileSync(form, bytes);
          return { form, auto: 7, ...(media !== undefined && { media }) };
        }),
      );
      for (const [index, each] of (await fillBatch(orders)).entries()) filled.set(accepted[index]?.formId ?? '', each);
    }, 240_000);

    test.each(rows)(
      '%s is served as it was uploaded, and what is sent is stored and read back equal',
      async (file, form) => {
        const { formId, bytes } = form;
        expect(served.get(formId)?.equals(bytes)).toBe(true);
        expect(list).toContain(`<hash>md5:${hash('md5', bytes)}</hash><downloadUrl>${ada.url}/forms/${formId}/1.xml`);

        const { submission = '', violations = [] } = filled.get(formId) ?? {};
        const body = new FormData();
        body.append('xml_submission_file', new Blob([submission]), 'a.xml');
        const reply = await ada.request('/submission', { method: 'POST', body });
        expect([reply.status, await reply.text()]).toEqual([201, expect.any(String)]);

        const root = parseXml(submission, LIMITS);
        const id = encodeURIComponent(readHead(root).instanceId ?? '');
        const response = await (await manage(stack, 'GET', `/responses/${id}`)).text();
        const stored: { response: unknown; flags: { rule: string; message: string }[] } = JSON.parse(response);
        const { answers } = readInstance(root, instanceOf(translated(form), 1));
        expect(Object.keys(answers).length > 0).toBe(!LEFT_BLANK.has(file));
        expect(differences(answers, stored.response)).toEqual([]);
        const misfits = stored.flags.filter(({ rule }) => rule === 'DoesNotFit');
        expect(violations.length === 0 ? misfits : []).toEqual([]);
      },
    );

    test.each(rows)(
      '%s fits its submission: no answer is unknown, missing, irrelevant or flagged, and the server calculates the same',
      async (_file, form) => {
        const definition = translated(form);
        const { submission = '', violations = [] } = filled.get(form.formId) ?? {};

        const { answers: sent, unknown } = readInstance(parseXml(submission, LIMITS), instanceOf(definition, 1));
        const compiled = compileForm(definition, 1);
        const times = { submitted_time: new Date().toISOString() };
        const read = compiled.readLeniently({ ...metadata(), ...times, ...sent }, Date.now());
        const flags = await compiled.rules.check(read.submission.response);

        expect(unknown).toEqual([]);
        const leftBlank = violations.filter(({ kind }) => kind === 'required').length;
        expect(leftBlank === 0 ? read.faults : []).toEqual([]);
        const broken = violations.filter(({ kind }) => kind === 'constraint').length;
        expect(broken === 0 ? flags : []).toEqual([]);
        expect(miscalculated(read.submission.response)).toEqual([]);
      },
    );
  });
});

function translated({ formId, bytes }: RealForm): FormDefinition {
  const result = translateXform(bytes.toString(), { form_id: formId });
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.form;
}

/** Where a stored answer differs from what was sent. A calculation keeps what was sent beside the server's value. */
function differences(sent: unknown, stored: unknown, at = ''): string[] {
  if (Array.isArray(sent) && sent.every(isJsonObject)) {
    const entries = Array.isArray(stored) ? stored : [];
    return sent.flatMap((entry, index) => differences(entry, entries[index], `${at}/${index}`));
  }
  if (isJsonObject(sent)) {
    return Object.entries(sent).flatMap(([key, value]) => {
      const own = isJsonObject(stored) ? (stored[`${key}_sent`] ?? stored[key]) : undefined;
      return differences(value, own, `${at}/${key}`);
    });
  }
  return JSON.stringify(sent) === JSON.stringify(stored) ? [] : [`${at}: ${JSON.stringify([sent, stored])}`];
}

/** The calculations whose value is not what the phone sent. Phones calculate in doubles. */
function miscalculated(content: unknown): string[] {
  if (Array.isArray(content)) return content.flatMap(miscalculated);
  if (!isJsonObject(content)) return [];
  return Object.entries(content).flatMap(([key, sent]) => {
    const computed = content[key.replace(/_sent$/, '')];
    const isSame = String(computed) === String(sent) || Math.abs(Number(computed) - Number(sent)) < 1e-9;
    return [...(key.endsWith('_sent') && !isSame ? [`${key}: ${String(sent)}`] : []), ...miscalculated(sent)];
  });
}
