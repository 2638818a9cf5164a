/** The real forms at a running stack: uploaded, downloaded, filled in by JavaRosa, sent, stored, and read back equal. */
import { hash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { isJsonObject } from '../../forms/values/json.ts';
import { instanceOf } from '../../forms/xforms/instance.ts';
import { readHead, readInstance } from '../../forms/xforms/read-instance.ts';
import { translateXform } from '../../forms/xforms/translate/translate.ts';
import { parseXml } from '../../forms/xforms/xml.ts';
import { Collector, manage } from '../support/collector.ts';
import { describeWithBatch, fillBatch, type Filled } from '../support/phone-batch.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

const FORMS = '../shared/data/xforms';
const LIMITS = { maxDepth: 100, maxBytes: 4_000_000 };

/** The phone invents no answer that these forms take. */
const LEFT_BLANK = new Set([
  'external_select_csv.xml',
  'one-question-editable.xml',
  'one-question-with-constraint.xml',
]);

interface RealForm {
  file: string;
  formId: string;
  bytes: Buffer;
  /** The folder with the form's media, if it has some. */
  media: string | undefined;
}

function readForms(): RealForm[] {
  if (!existsSync(FORMS)) return [];
  const rows: { file: string; expectation: string }[] = parse(readFileSync(path.join(FORMS, 'index.csv')), {
    columns: true,
  });
  return rows
    .filter(({ expectation }) => expectation === 'accept')
    .map(({ file }, index) => ({
      file,
      formId: `real_${index}`,
      bytes: readFileSync(path.join(FORMS, file)),
      media: [FORMS, path.join(FORMS, path.dirname(file))]
        .map((place) => path.join(place, 'media', path.basename(file, '.xml')))
        .find((place) => existsSync(place)),
    }));
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

describeWithBatch('the real forms', () => {
  const forms = readForms();
  if (forms.length === 0) {
    test('SKIPPED: the forms are not beside this repository', () => expect.assertions(0));
    return;
  }
  let stack: TestStack;
  let ada: Collector;
  let list: string;
  const filled = new Map<string, Filled>();

  beforeAll(async () => {
    stack = await startTestStack();
    ada = await Collector.at(stack, 'ada');
    const headers = { authorization: `Bearer ${stack.tokens.manager}`, 'content-type': 'text/xml' };
    for (const { formId, bytes, file } of forms) {
      const reply = await fetch(`${stack.url}/forms/${formId}/xform`, { method: 'PUT', headers, body: bytes });
      if (!reply.ok) throw new Error(`${file}: ${reply.status} ${await reply.text()}`);
    }
    list = await (await ada.request('/formList')).text();
    const folder = mkdtempSync(path.join(tmpdir(), 'real-forms-'));
    const orders = await Promise.all(
      forms.map(async ({ formId, media }) => {
        const form = path.join(folder, `${formId}.xml`);
        writeFileSync(form, Buffer.from(await (await ada.request(`/forms/${formId}/1.xml`)).arrayBuffer()));
        return { form, auto: 7, ...(media !== undefined && { media }) };
      }),
    );
    for (const [index, each] of (await fillBatch(orders)).entries()) filled.set(forms[index]?.formId ?? '', each);
  }, 240_000);
  afterAll(() => stack?.stop());

  test.each(forms.map((form) => [form.file, form] as const))(
    '%s is served as it was uploaded, and what a phone sends is stored and read back equal',
    async (file, { formId, bytes }) => {
      const served = Buffer.from(await (await ada.request(`/forms/${formId}/1.xml`)).arrayBuffer());
      expect(served.equals(bytes)).toBe(true);
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
      const translated = translateXform(bytes.toString(), { form_id: formId });
      const { answers } = readInstance(root, translated.ok ? instanceOf(translated.form, 1) : { nodes: [] });
      expect(Object.keys(answers).length > 0).toBe(!LEFT_BLANK.has(file));
      expect(differences(answers, stored.response)).toEqual([]);
      const misfits = stored.flags.filter(({ rule }) => rule === 'DoesNotFit');
      expect(violations.length === 0 ? misfits : []).toEqual([]);
    },
  );
});
