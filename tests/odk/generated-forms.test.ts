/** Generated forms on real engines: ODK Validate accepts them, and a phone warns as the server flags. */
import { existsSync, globSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import type { FormDefinition } from '../../forms/definition/form-definition.ts';
import { householdFinances } from '../../forms/definition/household-finances.ts';
import { isJsonObject, parseNdjson } from '../../forms/values/json.ts';
import { instanceText } from '../../forms/xforms/generate-instance.ts';
import { generateXform } from '../../forms/xforms/generate-xform.ts';
import { instanceOf } from '../../forms/xforms/instance.ts';
import { readDefinition, sampleDefinition } from '../support/form-samples.ts';
import { everyKindOfForm } from '../support/generated-samples.ts';
import { describeWithValidate, faultsOfXforms } from '../support/odk-validate.ts';
import { describeWithBatch, fillBatch } from '../support/phone-batch.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'generated-forms-'));

function written(definition: FormDefinition): string {
  const file = path.join(folder, `${definition.form_id}.xml`);
  writeFileSync(file, generateXform(definition, 1));
  return file;
}

describeWithValidate('ODK Validate', () => {
  test('accepts every generated form', async () => {
    const examples = globSync('docs/examples/*.json').flatMap((file) => {
      const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
      const form_id = path.basename(file, '.json').replaceAll('-', '_');
      return isJsonObject(content) && 'questions' in content ? [readDefinition({ form_id, ...content })] : [];
    });
    expect(examples.length).toBeGreaterThanOrEqual(4);
    const forms = [householdFinances, readDefinition(sampleDefinition()), everyKindOfForm(), ...examples];

    expect(await faultsOfXforms(forms.map(written))).toBeUndefined();
  });
});

const households = '../shared/data/households';

describeWithBatch('the thousand real households on a phone', () => {
  if (!existsSync(households)) {
    test('SKIPPED: their folder is not beside this repository', () => expect.assertions(0));
    return;
  }

  test('the form asks to look again for exactly those that the server flags, and by the same rules', async () => {
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
