import { parse } from 'csv-parse/sync';
import { readDefinition } from '../../../tests/support/form-samples.ts';
import { everyKindOfForm } from '../../../tests/support/generated-samples.ts';
import { correctionsVersion, flaggedCsv, type FlaggedResponse } from './corrections-csv.ts';
import { correctionsInstanceOf, mergeCorrection, readCorrection } from './corrections-instance.ts';
import { generateCorrectionsForm } from './corrections.ts';
import type { InstanceNode } from '../instance.ts';
import { readInstance } from '../read-instance.ts';
import { parseXml } from '../xml.ts';

const QUESTIONS = [
  { name: 'name', type: 'text' },
  { name: 'photo', type: 'image', required: false },
  {
    name: 'house',
    type: 'group',
    questions: [
      { name: 'rent', key: 'What is the rent?', type: 'decimal' },
      { name: 'door', type: 'image', required: false },
    ],
  },
  { name: 'people', type: 'repeat', questions: [{ name: 'age', type: 'integer' }] },
  { name: 'twice', type: 'calculate', value: { multiply: ['house/What is the rent?', 2] } },
];
const RULES = [
  { name: 'Rent', message: 'Ask again.', conditions: comparison('house/What is the rent?', 'lessThan', 900) },
  { name: 'Age', message: 'Ask again.', conditions: comparison('people/age', 'lessThan', 100) },
];
const FORM = readDefinition({ form_id: 'survey', title: 'Survey', questions: QUESTIONS, rules: RULES });

function comparison(fact: string, operator: string, value: unknown) {
  return { fact, operator, value };
}

function flagged(changes: Partial<FlaggedResponse> = {}): FlaggedResponse {
  const response = { submitted_time: '2026-09-01T06:00:00Z', name: 'Ama', house: { 'What is the rent?': '950.50' } };
  return { response_id: 'r-1', revision: 2, response, flags: [{ message: 'Ask again.' }], ...changes };
}

function pathsOf(nodes: readonly InstanceNode[], around = ''): string[] {
  return nodes.flatMap((each) => [
    around + each.node,
    ...('nodes' in each ? pathsOf(each.nodes, `${around}${each.node}/`) : []),
  ]);
}

const rowsOf = (csv: string): Record<string, string>[] => parse(csv, { columns: true });

test('a correction has the questions outside of repeats, without files, and the checks of rules about them', () => {
  const { id, version, nodes } = correctionsInstanceOf(FORM, 'survey', 'abc');
  expect([id, version]).toEqual(['survey_corrections', 'abc']);
  expect(pathsOf(nodes)).toEqual([
    'correction',
    'correction/response_id',
    'correction/revision',
    'correction/form_version',
    'correction/reasons',
    'name',
    'house',
    'house/rent',
    'house/check-1',
    'twice',
  ]);
});

test('the file has a line for each flagged response, with a label, the reasons of its flags, and its answers', () => {
  const flags = [{ message: 'Ask about the rent.' }, { message: 'Ask "Ama".' }];
  expect(rowsOf(flaggedCsv(FORM, [flagged({ flags })]))).toEqual([
    {
      name: 'r-1',
      label: '2026-09-01, Ama, 950.50',
      reasons: 'Ask about the rent.\nAsk "Ama".',
      revision: '2',
      answer_1: 'Ama',
      answer_2: '950.50',
    },
  ]);
});

test.each(['=cmd()', '"', 'a,b;c', 'first\nsecond', ' blank ', 'é日本👩‍🌾', '-1+1'])(
  'the answer %j is read back unchanged from the file',
  (name) => {
    const [row] = rowsOf(flaggedCsv(FORM, [flagged({ response: { name } })]));
    expect(row?.['answer_1']).toBe(name);
  },
);

test('a long answer is shortened only in the label', () => {
  const name = 'a'.repeat(200);
  const [row] = rowsOf(flaggedCsv(FORM, [flagged({ response: { name } })]));
  expect(row?.['label']).toBe(`${'a'.repeat(39)}…`);
  expect(row?.['answer_1']).toBe(name);
});

test('the version of the form changes with the flagged responses, and only with them', () => {
  const first = flaggedCsv(FORM, [flagged()]);
  expect(correctionsVersion(first)).toBe(correctionsVersion(flaggedCsv(FORM, [flagged()])));
  expect(correctionsVersion(first)).not.toBe(correctionsVersion(flaggedCsv(FORM, [flagged({ revision: 3 })])));
  const xml = generateCorrectionsForm({ definition: FORM, version: 4, xformId: 'survey' }, first);
  expect(xml).toContain(`<data id="survey_corrections" version="${correctionsVersion(first)}">`);
});

test('choosing a response fills in each of its answers', () => {
  const xml = generateCorrectionsForm({ definition: FORM, version: 4, xformId: 'survey' }, flaggedCsv(FORM, []));
  const chosen = "instance('flagged')/root/item[name = /data/correction/response_id]";
  expect(xml).toContain(
    `<setvalue event="xforms-value-changed" ref="/data/house/rent" value="${chosen}/answer_2"/></select1>`,
  );
  expect(xml).toContain('<instance id="flagged" src="jr://file-csv/flagged.csv"/>');
  expect(xml).not.toContain('people');
  expect(xml).not.toContain('photo');
});

test('a form with awkward questions has a corrections form, whose title is in the first language of the form', () => {
  const form = everyKindOfForm();
  const xml = generateCorrectionsForm({ definition: form, version: 1, xformId: 'a "b"' }, flaggedCsv(form, []));
  expect(parseXml(xml, { maxDepth: 100, maxBytes: 1_000_000 }).local).toBe('html');
  expect(xml).toContain('<h:title>Corrections: Households &amp; &quot;their&quot; water &lt;2026&gt;</h:title>');
});

describe('a correction', () => {
  const xml = (own: string) =>
    parseXml(
      `<data id="survey_corrections"><correction>${own}<reasons/></correction><name>Ada</name>` +
        `<house><rent>800.0</rent><check-1/></house><twice>1600</twice><meta><instanceID>uuid:1</instanceID></meta></data>`,
      { maxDepth: 20, maxBytes: 10_000 },
    );
  const OWN = '<response_id>r-1</response_id><revision>2.0</revision><form_version>4</form_version>';

  test('says which response it corrects, and which revision the collector saw', () => {
    expect(readCorrection(xml(OWN), FORM)).toEqual({ response_id: 'r-1', revision: 2, form_version: 4 });
    expect(readCorrection(xml('<response_id/>'), FORM)).toBeUndefined();
  });

  test('changes the answers that it asks for, and leaves entries of repeats and files as they are', () => {
    const { answers, unknown } = readInstance(xml(OWN), correctionsInstanceOf(FORM, 'survey', ''));
    const people = [{ age: 4 }];
    const current = {
      response_id: 'r-1',
      name: 'Ama',
      photo: 'a.jpg',
      house: { 'What is the rent?': 950, door: 'b.jpg' },
      people,
      twice: 1900,
      twice_sent: '1901',
    };
    expect(unknown).toEqual([]);
    expect(mergeCorrection(FORM, current, answers)).toMatchObject({
      response_id: 'r-1',
      name: 'Ada',
      photo: 'a.jpg',
      house: { 'What is the rent?': expect.anything(), door: 'b.jpg' },
      people,
      twice: expect.anything(),
    });
    expect(mergeCorrection(FORM, current, answers)).not.toHaveProperty('twice_sent');
  });

  test('does not ask for what the phone recorded, and leaves it as it is', () => {
    const form = readDefinition({
      form_id: 'survey',
      title: 'Survey',
      questions: [
        { name: 'name', type: 'text' },
        { name: 'begun', key: 'start_2', node: 'start', type: 'datetime', required: false },
        { name: 'meta', type: 'group', questions: [{ name: 'label', node: 'instanceName', type: 'text' }] },
      ],
      xform: {
        id: 'survey',
        version: '1',
        md5: '0'.repeat(32),
        root: 'data',
        metadata: [{ node: 'start', is: 'start' }],
      },
    });
    const current = { name: 'Ama', start_2: '2026-09-01T09:00:00Z', meta: { label: 'Ama' } };
    expect(correctionsInstanceOf(form, 'survey', '').nodes.map(({ node }) => node)).toEqual(['correction', 'name']);
    expect(mergeCorrection(form, current, { name: 'Ada' })).toEqual({ ...current, name: 'Ada' });
  });

  test('removes an answer that the collector made blank', () => {
    const current = { name: 'Ama', house: { 'What is the rent?': 950 }, twice: 1900, twice_sent: '1901' };
    expect(mergeCorrection(FORM, current, {})).toEqual({ twice: 1900, twice_sent: '1901' });
  });
});
