/** Generated forms on real engines: ODK Validate accepts them, and a phone warns exactly where the server flags. */
import { existsSync, globSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { compileForm } from '../../forms/compiled/compiled-form.ts';
import type { FormDefinition } from '../../forms/definition/form-definition.ts';
import { householdFinances } from '../../forms/definition/household-finances.ts';
import { isJsonObject, parseNdjson } from '../../forms/values/json.ts';
import { instanceText } from '../../forms/xforms/generate/instance-xml.ts';
import { generateXform } from '../../forms/xforms/generate/generate-xform.ts';
import { instanceOf } from '../../forms/xforms/instance.ts';
import { readInstance } from '../../forms/xforms/read-instance.ts';
import { parseXml } from '../../forms/xforms/xml.ts';
import { readDefinition, sampleDefinition } from '../support/form-samples.ts';
import { everyKindOfForm } from '../support/generated-samples.ts';
import { describeWithValidate, faultsOfXforms } from '../support/odk-validate.ts';
import { describeWithBatch, fillBatch } from '../support/phone-batch.ts';
import { metadata } from '../support/responses.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'generated-forms-'));

function written(definition: FormDefinition): string {
  const file = path.join(folder, `${definition.form_id}.xml`);
  writeFileSync(file, generateXform(definition, 1));
  return file;
}

function everyForm(): FormDefinition[] {
  const examples = globSync('docs/examples/*.json').flatMap((file) => {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const form_id = path.basename(file, '.json').replaceAll('-', '_');
    return isJsonObject(content) && 'questions' in content ? [readDefinition({ form_id, ...content })] : [];
  });
  expect(examples.length).toBeGreaterThanOrEqual(4);
  return [householdFinances, readDefinition(sampleDefinition()), everyKindOfForm(), ...examples];
}

describeWithValidate('ODK Validate', () => {
  test('accepts every generated form', async () => {
    expect(await faultsOfXforms(everyForm().map(written))).toBeUndefined();
  });
});

const SEEDS = 15;

describeWithBatch('a submission that a phone accepts', () => {
  test('is accepted by the server, and read completely', async () => {
    const orders = everyForm().flatMap((definition) => {
      const form = written(definition);
      return Array.from({ length: SEEDS }, (_, auto) => ({ definition, form, auto }));
    });
    const filled = await fillBatch(orders.map(({ form, auto }) => ({ form, auto })));

    const complete = orders.flatMap(({ definition, auto }, index) => {
      const { submission = '', violations = [] } = filled[index] ?? {};
      if (violations.length > 0) return [];
      const root = parseXml(submission, { maxDepth: 100, maxBytes: 1_000_000 });
      const { answers, unknown, acknowledged } = readInstance(root, instanceOf(definition, 1));
      const read = compileForm(definition, 1).readSubmission({ ...metadata(), ...answers });
      return [{ form: definition.form_id, auto, read, unknown, acknowledged, submission }];
    });
    expect(complete.filter(({ read, unknown }) => !read.ok || unknown.length > 0)).toEqual([]);
    expect(complete.length).toBeGreaterThan(orders.length / 2);
    expect(complete.flatMap(({ acknowledged }) => acknowledged).length).toBeGreaterThan(10);
  });
});

const households = '../shared/data/households';

describeWithBatch('the thousand real households on a phone', () => {
  if (!existsSync(households)) {
    test('SKIPPED: their folder is not beside this repository', () => expect.assertions(0));
    return;
  }

  test('get a soft check exactly where the server flags them, and by the same rules', async () => {
    const form = written(householdFinances);
    const { nodes } = instanceOf(householdFinances, 1);
    const ruleOf = new Map(nodes.flatMap((each) => (each.kind === 'check' ? [[`/data/${each.node}`, each.rule]] : [])));
    const orders = parseNdjson(readFileSync(path.join(households, 'responses.ndjson'), 'utf8')).map((line) => {
      const response = line.ok && isJsonObject(line.value) ? line.value : {};
      const answers = nodes.flatMap((each) =>
        each.kind === 'question'
          ? [[`/data/${each.node}`, instanceText(each.question.type, plain(response[each.question.key]))]]
          : [],
      );
      return { form, answers: Object.fromEntries(answers) };
    });
    const expected: { flags: string }[] = parse(readFileSync(path.join(households, 'expected-flags.csv')), {
      columns: true,
    });

    const filled = await fillBatch(orders);
    const warned = filled.map(({ violations }) => violations.map(({ path: at }) => ruleOf.get(at) ?? at).toSorted());

    expect(warned.map((rules) => rules.join(';'))).toEqual(expected.map(({ flags }) => flags));
    expect(warned.filter((rules) => rules.length > 0)).toHaveLength(120);
  });
});

/** An amount as it was written. */
function plain(answer: unknown): unknown {
  return typeof answer === 'object' && answer !== null && 'source' in answer ? answer.source : answer;
}
