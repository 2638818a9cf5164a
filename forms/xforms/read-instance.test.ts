import { readDefinition } from '../../tests/support/form-samples.ts';
import type { FormDefinition } from '../definition/form-definition.ts';
import { instanceOf, type InstanceNode } from './instance.ts';
import { readHead, readInstance } from './read-instance.ts';
import { parseXml } from './xml.ts';

const LIMITS = { maxDepth: 100, maxBytes: 1_000_000 };
const parse = (xml: string) => parseXml(xml, LIMITS);

const formWith = (questions: unknown[]): FormDefinition =>
  readDefinition({ form_id: 'wells', title: 'Wells', questions });

function read(questions: unknown[], inside: string) {
  return readInstance(parse(`<data id="wells" version="1">${inside}</data>`), instanceOf(formWith(questions), 1));
}

/** The answer to a single question of a type. */
function answer(question: Record<string, unknown>, text: string): unknown {
  return read([{ name: 'asked', required: false, ...question }], `<asked>${text}</asked>`).answers['asked'];
}

describe('the ids of a submission', () => {
  test('are those of its root and its meta, whatever the prefixes', () => {
    const head = readHead(
      parse(`<d:data xmlns:d="urn:x" id="wells" version="v2"><orx:meta xmlns:orx="http://openrosa.org/xforms">
        <orx:instanceID> uuid:1 </orx:instanceID><orx:deprecatedID>uuid:0</orx:deprecatedID>
        <orx:instanceName>Well 7</orx:instanceName></orx:meta></d:data>`),
    );
    expect(head).toEqual({
      formId: 'wells',
      version: 'v2',
      instanceId: 'uuid:1',
      deprecatedId: 'uuid:0',
      instanceName: 'Well 7',
    });
  });

  test('are its namespace if it has no id, and the version attribute of OpenRosa', () => {
    const head = readHead(parse('<data xmlns="urn:wells" xmlns:orx="http://openrosa.org/xforms" orx:version="7"/>'));
    expect(head).toMatchObject({ formId: 'urn:wells', version: '7', instanceId: undefined });
  });

  test('are found in a meta inside a group', () => {
    const head = readHead(parse('<data id="a"><g><meta><instanceID>uuid:1</instanceID></meta></g></data>'));
    expect(head.instanceId).toBe('uuid:1');
  });
});

describe('answers as engines write them', () => {
  test.each([
    ['integer', '5', 5],
    ['integer', '5.0', 5],
    ['integer', '1.5E7', 15_000_000],
    ['integer', '-0', 0],
    ['integer', '12345678901234567', '12345678901234567'],
    ['integer', 'many', 'many'],
    ['decimal', '1.5E7', 15_000_000],
    ['decimal', '5.0', 5],
    ['decimal', '.5', 0.5],
    ['decimal', '1E-4', 0.0001],
    ['decimal', '1e400', '1e400'],
    ['decimal', 'NaN', 'NaN'],
    ['boolean', 'true', true],
    ['boolean', '0', false],
    ['boolean', 'OK', true],
    ['boolean', 'constructor', 'constructor'],
    ['date', '2026-09-01', '2026-09-01'],
    ['date', '2026-09-01T00:00:00.000+03:00', '2026-09-01'],
    ['date', 'today', 'today'],
    ['time_of_day', '06:30:00.000+03:00', '06:30:00.000'],
    ['time_of_day', '06:30:00.123456Z', '06:30:00.123'],
    ['time_of_day', '06:30', '06:30'],
    ['datetime', '2026-09-01T06:30:00.000+03', '2026-09-01T06:30:00.000+03:00'],
    ['datetime', '2026-09-01T06:30:00.000+0530', '2026-09-01T06:30:00.000+05:30'],
    ['datetime', '2026-09-01T06:30:00Z', '2026-09-01T06:30:00Z'],
    ['datetime', '2026-09-01', '2026-09-01'],
    ['text', ' two  words ', ' two  words '],
    ['image', ' 1699.jpg ', '1699.jpg'],
    ['geopoint', '-1.29 36.82 0.0 4.5', { latitude: -1.29, longitude: 36.82, altitude: 0, accuracy: 4.5 }],
    ['geopoint', '-1.29 36.82', { latitude: -1.29, longitude: 36.82 }],
    ['geopoint', 'here', 'here'],
  ])('%s %j is %j', (type, text, expected) => {
    expect(answer({ type }, text)).toEqual(expected);
  });

  test('choices are names', () => {
    const options = ['well', 'river'];
    expect(answer({ type: 'select_one', options }, ' well ')).toBe('well');
    expect(answer({ type: 'select_multiple', options }, ' well   river ')).toEqual(['well', 'river']);
  });

  test('a calculation keeps the text that the phone computed', () => {
    const questions = [
      { name: 'liters', type: 'decimal' },
      { name: 'twice', type: 'calculate', value: { multiply: ['liters', 2] } },
    ];
    expect(read(questions, '<liters>2.50</liters><twice>5.0</twice>').answers).toEqual({ liters: 2.5, twice: '5.0' });
  });

  test('an amount with more decimals than its question takes is rounded half to even, and the rounding is reported', () => {
    const questions = [
      { name: 'paid', type: 'decimal', places: 2 },
      { name: 'got', type: 'decimal', places: 2 },
      { name: 'days', type: 'integer' },
    ];
    const { answers, rounded } = read(questions, '<paid>0.125</paid><got>0.30000000000000004</got><days>3.5</days>');
    expect(answers).toEqual({ paid: 0.12, got: 0.3, days: 4 });
    expect(rounded).toEqual([
      { pointer: '/paid', sent: '0.125', counts: '0.12', isCalculated: false },
      { pointer: '/got', sent: '0.30000000000000004', counts: '0.3', isCalculated: true },
      { pointer: '/days', sent: '3.5', counts: '4', isCalculated: false },
    ]);
  });

  test.each(['5.0', '1.5E7', '0.50'])('%s needs no rounding to one decimal', (text) => {
    expect(read([{ name: 'paid', type: 'decimal', places: 1 }], `<paid>${text}</paid>`).rounded).toEqual([]);
  });

  test.each(['1e400 36', '1 2 0 1e999', '1 -1e309'])(
    'the place %s stays text, because it has a number that is too large for a double',
    (text) => {
      expect(answer({ type: 'geopoint' }, text)).toBe(text);
    },
  );

  test('an amount of 15 digits keeps its whole part exactly', () => {
    expect(answer({ type: 'decimal' }, '12345678901234.56')).toBe(12_345_678_901_234.6);
  });
});

describe('the instance', () => {
  const questions = [
    { name: 'village', type: 'text', required: false },
    { name: 'care', type: 'group', questions: [{ name: 'weeks', type: 'integer', required: false }] },
    {
      name: 'people',
      type: 'repeat',
      questions: [
        { name: 'age', type: 'integer', required: false },
        { name: 'home', type: 'geopoint', required: false },
      ],
    },
  ];

  test('has groups as objects and repeats as lists, without blank answers', () => {
    const { answers, unknown, place } = read(
      questions,
      `<village> </village><care><weeks/></care><people><age>5.0</age></people><people/>
       <people><home>1.5 2.50 0 0</home></people><meta><instanceID>uuid:1</instanceID><entity id="x">y</entity></meta>`,
    );
    expect(answers).toEqual({
      people: [{ age: 5 }, {}, { home: { latitude: 1.5, longitude: 2.5, altitude: 0, accuracy: 0 } }],
    });
    expect({ unknown, place }).toEqual({ unknown: [], place: '1.5, 2.50' });
  });

  test('leaves out the template of a repeat', () => {
    const xml =
      '<people xmlns:jr="http://openrosa.org/javarosa" jr:template=""><age/></people><people><age>1</age></people>';
    expect(read(questions, xml).answers).toEqual({ people: [{ age: 1 }] });
  });

  test('names elements that the form does not have, and those sent twice, unless they are blank', () => {
    const { answers, unknown } = read(
      questions,
      '<village>A</village><village>B</village><color>red</color><shade/><care><days>3</days></care>',
    );
    expect(answers).toEqual({ village: 'A' });
    expect(unknown).toEqual([
      { path: '/village', text: 'B', why: 'It was sent more than once; the first counts.' },
      { path: '/care/days', text: '3', why: 'The form has no such question.' },
      { path: '/color', text: 'red', why: 'The form has no such question.' },
    ]);
  });

  test('has the metadata of the phone', () => {
    const xml = '<phone><end>2026-09-01T06:30:00.000+03:00</end><username>ada</username><deviceid/></phone>';
    expect(read(questions, xml).metadata).toEqual({ end: '2026-09-01T06:30:00.000+03:00', username: 'ada' });
  });

  test('says which warnings were confirmed, and in which entries', () => {
    const [, , people] = instanceOf(formWith(questions), 1).nodes.filter(({ kind }) => kind !== 'folder');
    const nodes: InstanceNode[] = [{ kind: 'check', node: 'check_1', rule: 'Total' }];
    if (people?.kind === 'section') nodes.push({ ...people, nodes: [{ kind: 'check', node: 'check_2', rule: 'Age' }] });
    const xml = '<data><check_1>OK</check_1><people><check_2/></people><people><check_2>OK</check_2></people></data>';
    expect(readInstance(parse(xml), { nodes }).acknowledged).toEqual([
      { rule: 'Total' },
      { rule: 'Age', entry: '/people/1' },
    ]);
  });
});
