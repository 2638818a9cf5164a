import { readDefinition } from '../../../tests/support/form-samples.ts';
import { everyKindOfForm } from '../../../tests/support/generated-samples.ts';
import { generateXform } from './generate-xform.ts';
import { attributeOf, elementIn, elementsIn, parseXml, textIn, type XmlElement } from '../xml.ts';

const LIMITS = { maxDepth: 100, maxBytes: 10_000_000 };
const JR = 'http://openrosa.org/javarosa';

/** The parts of a form's XForm. */
function partsOf(definition = everyKindOfForm()) {
  const document = parseXml(generateXform(definition, 7), LIMITS);
  const model = elementsAt(document, 'head', 'model')[0] ?? document;
  const [instance] = elementsAt(model, 'instance');
  const data = instance && elementsIn(instance)[0];
  const binds = new Map(elementsIn(model, 'bind').map((bind) => [attributeOf(bind, 'nodeset'), bind]));
  const controls = new Map(
    inside(elementsAt(document, 'body')).flatMap((each) => {
      const ref = attributeOf(each, 'ref');
      return ref?.startsWith('/') && each.local !== 'label' ? [[ref, each]] : [];
    }),
  );
  return { document, model, data, binds, controls };
}

function elementsAt(element: XmlElement, ...names: readonly string[]): XmlElement[] {
  return names.reduce((found, name) => found.flatMap((each) => elementsIn(each, name)), [element]);
}

function inside(elements: readonly XmlElement[]): XmlElement[] {
  return elements.flatMap((each) => [each, ...inside(elementsIn(each))]);
}

function oneQuestion(question: object) {
  const form = readDefinition({ form_id: 'one', title: 'One', questions: [{ name: 'q', ...question }] });
  const { binds, controls, data } = partsOf(form);
  return { bind: binds.get('/data/q'), control: controls.get('/data/q'), node: data && elementIn(data, 'q') };
}

test('the same version always has the same bytes', () => {
  expect(generateXform(everyKindOfForm(), 7)).toBe(generateXform(everyKindOfForm(), 7));
});

test('the instance has the id of the form and its version, and can be edited after it was sent', () => {
  const { data, model } = partsOf();
  expect([data && attributeOf(data, 'id'), data && attributeOf(data, 'version')]).toEqual(['every_kind', '7']);
  const submission = elementIn(model, 'submission');
  expect(submission && attributeOf(submission, 'client-editable', 'http://www.opendatakit.org/xforms')).toBe('true');
});

test('metadata is in a folder with a name that no question has, and the location is asked first', () => {
  const { binds, controls } = partsOf();
  expect(binds.get('/data/phone_/start')?.attributes.map(({ value }) => value)).toContain('timestamp');
  expect([...controls.keys()][0]).toBe('/data/phone_/location');
});

test('a question with the name of the element that holds the id of a response gets another element', () => {
  const { data, binds } = partsOf();
  expect(binds.has('/data/meta_')).toBe(true);
  expect(data && elementsIn(data, 'meta').map((meta) => elementsIn(meta).map(({ local }) => local))).toEqual([
    ['instanceID', 'instanceName'],
  ]);
});

describe('a question of the type', () => {
  test.each([
    ['integer', { type: 'integer', max: 9 }, 'int', 'input'],
    ['integer with more digits than a widget takes', { type: 'integer', max: 99_999_999_999 }, 'decimal', 'input'],
    ['decimal', { type: 'decimal' }, 'decimal', 'input'],
    ['text', { type: 'text' }, 'string', 'input'],
    ['date', { type: 'date' }, 'date', 'input'],
    ['time_of_day', { type: 'time_of_day' }, 'time', 'input'],
    ['datetime', { type: 'datetime' }, 'dateTime', 'input'],
    ['boolean', { type: 'boolean' }, 'string', 'select1'],
    ['select_one', { type: 'select_one', options: ['a'] }, 'string', 'select1'],
    ['select_multiple', { type: 'select_multiple', options: ['a'] }, 'string', 'select'],
    ['geopoint', { type: 'geopoint' }, 'geopoint', 'input'],
    ['image', { type: 'image' }, 'binary', 'upload'],
    ['audio', { type: 'audio' }, 'binary', 'upload'],
    ['video', { type: 'video' }, 'binary', 'upload'],
    ['file', { type: 'file' }, 'binary', 'upload'],
    ['note', { type: 'note' }, 'string', 'input'],
    ['calculate', { type: 'calculate', value: 5 }, 'string', undefined],
  ])('%s has its data type and its control', (_what, question, type, control) => {
    const written = oneQuestion(question);
    expect(written.bind && attributeOf(written.bind, 'type')).toBe(type);
    expect(written.control?.local).toBe(control);
  });

  test('image is made small enough for one request', () => {
    const { bind } = oneQuestion({ type: 'image' });
    expect(bind && attributeOf(bind, 'max-pixels', 'http://openrosa.org/xforms')).toBe('2048');
  });
});

describe('the limits of a type are constraints:', () => {
  test.each([
    [{ type: 'integer', min: 0, max: 9 }, '(. >= 0 and . <= 9)', 'Enter a number from 0 to 9.'],
    [{ type: 'integer', min: -5 }, '. >= (-5)', 'Enter -5 or more.'],
    [
      { type: 'decimal', max: '2.5', places: 1 },
      '(abs(. * 10 - round(. * 10)) < 0.09 and round(. * 10) <= 25)',
      'Digits after the decimal point: at most 1. Enter 2.5 or less.',
    ],
    [
      { type: 'text', pattern: 'a\'b"', max_length: 9, required: false },
      `(string-length(.) <= 9 and regex(., concat('^(?:a', "'", 'b")$')))`,
      'Enter at most 9 characters. Enter text of the form a\'b"',
    ],
    [
      { type: 'select_multiple', options: ['a', 'b', 'c'], max: 2 },
      'count-selected(.) >= 0 and count-selected(.) <= 2',
      'Choose 0 to 2 options.',
    ],
  ])('%j', (question, constraint, message) => {
    const { bind } = oneQuestion(question);
    expect(bind && attributeOf(bind, 'constraint')).toBe(constraint);
    expect(bind && attributeOf(bind, 'constraintMsg', JR)).toBe(message);
  });
});

test.each([
  [{ type: 'boolean', default: true }, 'true'],
  [{ type: 'select_multiple', options: ['a', 'b'], default: ['b', 'a'] }, 'b a'],
  [{ type: 'geopoint', default: { latitude: 1.5, longitude: -2 } }, '1.5 -2 0 0'],
  [{ type: 'datetime', default: '2026-09-01T09:00:00.123456+03:00' }, '2026-09-01T06:00:00.123Z'],
  [{ type: 'time_of_day', default: '08:30' }, '08:30:00.000'],
  [{ type: 'decimal', default: '0.50' }, '0.50'],
  [{ type: 'image', default: 'a.jpg' }, ''],
])('the default of %j is filled in', (question, expected) => {
  const { node } = oneQuestion(question);
  expect(node && textIn(node)).toBe(expected);
});

test('an option that depends on an earlier answer is in a list, which is filtered by that answer', () => {
  const { model, controls } = partsOf();
  const list = elementsIn(model, 'instance').find((each) => attributeOf(each, 'id') === 'options:town');
  const items = list && inside(elementsAt(list, 'root', 'item')).filter(({ local }) => local === 'when');
  expect(items?.map(textIn)).toEqual(['1', '2', '']);
  const [, , itemset] = inside([controls.get('/data/town') ?? model]).slice(0, 3);
  expect(itemset && attributeOf(itemset, 'nodeset')).toBe(
    "instance('options:town')/root/item[when = '' or (when = '1' and /data/region = 'west') or (when = '2' and /data/region = 'north east')]",
  );
});

test('in a repeat, an option depends on the answer around it', () => {
  const kinds = [{ name: 'a', if: { question: 'people/sex', is: ['f'] } }];
  const questions = [
    { name: 'sex', type: 'select_one', options: ['f', 'm'] },
    { name: 'kind', type: 'select_one', options: kinds },
  ];
  const form = readDefinition({
    form_id: 'one',
    title: 'One',
    questions: [{ name: 'people', type: 'repeat', questions }],
  });
  expect(generateXform(form, 1)).toContain("item[(when = '1' and current()/../sex = 'f')]");
});

test('texts with languages are translated into all of the form, and texts without are plain', () => {
  const { model, controls } = partsOf();
  const translations = elementsAt(model, 'itext', 'translation');
  expect(translations.map((each) => attributeOf(each, 'lang'))).toEqual(['en', 'pt-BR', 'fr']);
  const ids = translations.map((each) => elementsIn(each, 'text').map((text) => attributeOf(text, 'id')));
  expect(ids[1]).toEqual(ids[0]);
  expect(ids[2]).toEqual(ids[0]);
  const french = translations[2] && inside([translations[2]]).map(textIn);
  expect(french).toEqual(expect.arrayContaining(['Merci.', 'Oui', 'Lieu', "The collector's phone"]));
  const label = elementIn(controls.get('/data/weight') ?? model, 'label');
  expect(label && textIn(label)).toBe('weight');
});

test('a repeat begins with its least number of entries, and a fixed number cannot be changed', () => {
  const { data, document } = partsOf();
  const wells = data && elementsIn(data, 'wells').map((each) => attributeOf(each, 'template', JR));
  expect(wells).toEqual(['', undefined, undefined]);
  const repeats = inside([document]).filter(({ local }) => local === 'repeat');
  expect(repeats.map((each) => attributeOf(each, 'noAddRemove', JR))).toEqual([undefined, undefined, 'true()']);
});

test('conditions use relative paths, which refer to the same entry', () => {
  const { binds } = partsOf();
  const job = binds.get('/data/people/job');
  expect(job && attributeOf(job, 'relevant')).toBe("(../age != '' and ../age >= 18)");
  const pay = binds.get('/data/people/job/pay');
  expect(pay && attributeOf(pay, 'required')).toBe("(../../works != '' and ../../works = 'true')");
});

test('the last condition of a cycle is left out, because no app opens such a form, and its question is not required', () => {
  const first = { name: 'first', type: 'text', relevant: { fact: 'second', operator: 'notEqual', value: 'a' } };
  const second = { name: 'second', type: 'text', relevant: { fact: 'first', operator: 'notEqual', value: 'b' } };
  const { binds } = partsOf(readDefinition({ form_id: 'circle', title: 'Circle', questions: [first, second] }));
  const attributes = (name: string) => (binds.get(`/data/${name}`)?.attributes ?? []).map(({ local }) => local);
  expect(attributes('first')).toEqual(expect.arrayContaining(['relevant', 'required']));
  expect(attributes('second')).not.toContain('relevant');
  expect(attributes('second')).not.toContain('required');
});

test('a group of calculations is not shown', () => {
  const { binds, controls } = partsOf();
  expect(binds.has('/data/computed/twice')).toBe(true);
  expect(controls.has('/data/computed')).toBe(false);
});

test('the phone computes a calculation of the form, and leaves it blank while an answer is missing', () => {
  const form = readDefinition({
    form_id: 'one',
    title: 'One',
    questions: [
      { name: 'a', type: 'decimal', places: 2 },
      { name: 'b', type: 'calculate', value: { multiply: [{ subtract: ['a', 1] }, 0.5] } },
    ],
  });
  const bind = partsOf(form).binds.get('/data/b');
  expect(bind && attributeOf(bind, 'calculate')).toBe(
    "if(/data/a != '', (((round(/data/a * 100) - 100) * 5) div 1000), '')",
  );
});
