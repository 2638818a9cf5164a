/** Uploaded XForms on JavaRosa, the engine of ODK Collect: what a phone sends fits the translated form. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { compileForm } from '../../forms/compiled/compiled-form.ts';
import { isJsonObject } from '../../forms/values/json.ts';
import { instanceOf } from '../../forms/xforms/instance.ts';
import { readInstance } from '../../forms/xforms/read-instance.ts';
import { translateXform } from '../../forms/xforms/translate/translate.ts';
import { parseXml } from '../../forms/xforms/xml.ts';
import { describeWithBatch, fillBatch } from '../support/phone-batch.ts';
import { type Answers, answers, condition, randomXform } from '../support/random-xpath.ts';
import { metadata } from '../support/responses.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'translated-forms-'));
const LIMITS = { maxDepth: 100, maxBytes: 4_000_000 };

/** The answers as the phone's README describes them. */
function orderOf({ rows, ...others }: Answers): Record<string, unknown> {
  const single = Object.entries(others).map(([name, answer]) => [`/data/${name}`, answer]);
  const lists = { age: rows.map(({ age }) => age ?? null), heads: rows.map(({ heads }) => heads) };
  return {
    ...Object.fromEntries(single),
    '/data/rows': rows.length,
    ...(rows.length > 0 && { '/data/rows/age': lists.age, '/data/rows/heads': lists.heads }),
  };
}

describeWithBatch('JavaRosa', () => {
  test('makes of random expressions what the evaluator of the tests makes of them', async () => {
    const seed = 20261122;
    const expressions = fc.sample(condition, { seed, numRuns: 300 });
    const responses = fc.sample(answers, { seed, numRuns: 20 });
    const form = path.join(folder, 'random.xml');
    writeFileSync(
      form,
      randomXform(
        '',
        expressions.map(({ text }) => `if(${text}, 'true', 'false')`),
      ),
    );

    const filled = await fillBatch(responses.map((response) => ({ form, answers: orderOf(response) })));

    const differing = responses.flatMap((response, place) =>
      expressions.filter(({ of }, index) => {
        const [, calculated] = new RegExp(`<c${index}>(.*?)</c${index}>`).exec(filled[place]?.submission ?? '') ?? [];
        return calculated !== String(of(response));
      }),
    );
    expect(differing.map(({ text }) => text)).toEqual([]);
  });
});

const FORMS = '../shared/data/xforms';
const rows: { file: string; expectation: string }[] = existsSync(FORMS)
  ? parse(readFileSync(path.join(FORMS, 'index.csv')), { columns: true })
  : [];

/** Fills a form with plausible answers. @returns what the phone objects to, and the submission */
function fill(file: string): { violations: { kind: string; path: string }[]; submission: string } {
  const out = path.join(folder, 'out.xml');
  const media = [FORMS, path.join(FORMS, path.dirname(file))]
    .map((place) => path.join(place, 'media', path.basename(file, '.xml')))
    .find((place) => existsSync(place));
  const options = media === undefined ? [] : ['--media', media];
  const command = ['fill', '--auto', '7', ...options, path.join(FORMS, file), out];
  const { stdout, stderr, status } = spawnSync('../shared/tools/phone/phone', command, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file}: ${stdout} ${stderr}`);
  return { violations: JSON.parse(stdout).violations, submission: readFileSync(out, 'utf8') };
}

/** The calculations whose value is not what the phone sent. Phones calculate in doubles. */
function differences(content: unknown): string[] {
  if (Array.isArray(content)) return content.flatMap(differences);
  if (!isJsonObject(content)) return [];
  return Object.entries(content).flatMap(([key, sent]) => {
    const computed = content[key.replace(/_sent$/, '')];
    const isSame = String(computed) === String(sent) || Math.abs(Number(computed) - Number(sent)) < 1e-9;
    return [...(key.endsWith('_sent') && !isSame ? [`${key}: ${String(sent)}`] : []), ...differences(sent)];
  });
}

describeWithBatch('what a phone sends of a real form', () => {
  if (rows.length === 0) {
    test('SKIPPED: the forms are not beside this repository', () => expect.assertions(0));
    return;
  }

  test.each(rows.filter(({ expectation }) => expectation === 'accept').map(({ file }) => file))(
    '%s fits it: no answer is unknown, missing, irrelevant or flagged, and the server calculates the same',
    async (file) => {
      const translated = translateXform(readFileSync(path.join(FORMS, file), 'utf8'), { form_id: 'form' });
      if (!translated.ok) throw new Error(JSON.stringify(translated.faults));
      const { violations, submission } = fill(file);

      const { answers: sent, unknown } = readInstance(parseXml(submission, LIMITS), instanceOf(translated.form, 1));
      const form = compileForm(translated.form, 1);
      const times = { submitted_time: new Date().toISOString() };
      const read = form.readLeniently({ ...metadata(), ...times, ...sent }, Date.now());
      const flags = await form.rules.check(read.submission.response);

      expect(unknown).toEqual([]);
      const leftBlank = violations.filter(({ kind }) => kind === 'required').length;
      expect(leftBlank === 0 ? read.faults : []).toEqual([]);
      const broken = violations.filter(({ kind }) => kind === 'constraint').length;
      expect(broken === 0 ? flags : []).toEqual([]);
      expect(differences(read.submission.response)).toEqual([]);
    },
  );
});
