import { metadata } from '../../../tests/support/responses.ts';
import { itemsXml, xformXml } from '../../../tests/support/xforms.ts';
import { compileForm } from '../../compiled/compiled-form.ts';
import { type TranslationResult, translateXform } from './translate.ts';
import { escapeXml } from '../xml.ts';

type Accepted = Extract<TranslationResult, { ok: true }>;
type Parts = Parameters<typeof xformXml>[0];

function translate(parts: Parts, previous?: Accepted['form']): Accepted {
  const result = translateXform(xformXml(parts), { form_id: 'test', ...(previous !== undefined && { previous }) });
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result;
}

/** The pointers and details of a refusal. */
function refusal(xml: string): string {
  const result = translateXform(xml, { form_id: 'test' });
  return result.ok ? 'accepted' : result.faults.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('\n');
}

/** The question of one node with this bind and control. */
function question(bind: string, control = '<input ref="/data/q"/>', others: Parts = {}) {
  const { form, report } = translate({
    ...others,
    nodes: `${others.nodes ?? ''}<q/>`,
    binds: `${others.binds ?? ''}<bind nodeset="/data/q" ${bind}/>`,
    body: `${others.body ?? ''}${control}`,
  });
  return { question: form.questions.at(-1), report: report.questions.at(-1), form };
}

const COUNT: Parts = { nodes: '<n/>', binds: '<bind nodeset="/data/n" type="int"/>', body: '<input ref="/data/n"/>' };
const PEOPLE: Parts = {
  nodes: '<people jr:template=""><age/><name/></people><people><age/><name/></people>',
  binds: '<bind nodeset="/data/people/age" type="int" required="true()"/>',
  body: '<group ref="/data/people"><label>Person</label><repeat nodeset="/data/people"><input ref="/data/people/age"/><input ref="/data/people/name"/></repeat></group>',
};

describe('the length of a text without an answer is 0', () => {
  const name: Parts = {
    nodes: '<name/>',
    binds: '<bind nodeset="/data/name" type="string"/>',
    body: '<input ref="/data/name"/>',
  };

  test.each([
    ['!= 0', false],
    ['= 0', true],
    ['&gt; 0', false],
    ['!= 3', true],
    ['&lt; 3', true],
  ])('string-length() %s', (comparison, isAsked) => {
    const { form } = question(`required="true()" relevant="string-length(/data/name) ${comparison}"`, undefined, name);
    const { faults } = compileForm(form, 1).readLeniently(metadata());
    expect(faults.map(({ pointer }) => pointer)).toEqual(isAsked ? ['/q'] : []);
  });
});

describe('a question has the type of its control and bind', () => {
  test.each([
    ['type="int"', '<input ref="/data/q"/>', { type: 'integer' }],
    ['type="decimal"', '<input ref="/data/q"/>', { type: 'decimal', places: 10 }],
    ['type="string"', '<input ref="/data/q"/>', { type: 'text', max_length: 45_000, multiline: true }],
    ['', '<input ref="/data/q"/>', { type: 'text' }],
    ['type="date"', '<input ref="/data/q"/>', { type: 'date' }],
    ['type="time"', '<input ref="/data/q"/>', { type: 'time_of_day' }],
    ['type="dateTime"', '<input ref="/data/q"/>', { type: 'datetime' }],
    ['type="geopoint"', '<input ref="/data/q"/>', { type: 'geopoint' }],
    ['type="geoshape"', '<input ref="/data/q"/>', { type: 'text' }],
    ['type="barcode"', '<input ref="/data/q"/>', { type: 'text' }],
    ['type="string"', `<select1 ref="/data/q">${itemsXml('a', 'b')}</select1>`, { type: 'select_one' }],
    ['type="string"', `<select ref="/data/q">${itemsXml('a', 'b')}</select>`, { type: 'select_multiple' }],
    ['type="odk:rank"', '<odk:rank ref="/data/q"/>', { type: 'text' }],
    ['type="binary"', '<upload ref="/data/q" mediatype="image/*"/>', { type: 'image' }],
    ['type="binary"', '<upload ref="/data/q" mediatype="audio/*"/>', { type: 'audio' }],
    ['type="binary"', '<upload ref="/data/q" mediatype="video/*"/>', { type: 'video' }],
    ['type="binary"', '<upload ref="/data/q" mediatype="application/*"/>', { type: 'file' }],
    ['type="string"', '<trigger ref="/data/q"/>', { type: 'select_one', options: [{ name: 'OK' }] }],
    ['type="int"', '<range ref="/data/q" start="10" end="1" step="1"/>', { type: 'integer', min: 1, max: 10 }],
    ['type="decimal"', '<range ref="/data/q" start="0.5" end="2" step="0.5"/>', { type: 'decimal', min: 0.5, max: 2 }],
    ['type="string" readonly="true()"', '<input ref="/data/q"/>', { type: 'note' }],
    ['type="string"', '', { type: 'text', required: false }],
  ])('%s %s', (bind, control, expected) => {
    expect(question(bind, control, COUNT).question).toMatchObject({ key: 'q', name: 'q', ...expected });
  });

  test('and is not required unless its bind says so', () => {
    expect(question('type="int"').question).toMatchObject({ required: false });
    expect(question('type="int" required="true()"').question).toMatchObject({ required: true });
    expect(question('type="int" required="/data/n &gt; 2"', undefined, COUNT).question).toMatchObject({
      required: { fact: 'n', operator: 'greaterThan', value: 2 },
    });
  });

  test('and is kept as text, with the reason, where Collect cannot know its options', () => {
    const select =
      '<select1 ref="/data/q" appearance="search(\'prices\')"><item><label>l</label><value>v</value></item></select1>';
    const { question: asked, report } = question('type="string"', select);

    expect(asked).toMatchObject({ type: 'text' });
    expect(report?.checks).toEqual([
      { what: 'type', where: 'phone', why: 'Its options come from a file that only the phone reads.' },
    ]);
    const many = itemsXml(...Array.from({ length: 501 }, (_, index) => `o${index}`));
    expect(question('', `<select1 ref="/data/q">${many}</select1>`).question).toMatchObject({ type: 'text' });
  });
});

describe('keys and names', () => {
  test('are those of the elements, unless Collect uses them or they are not names', () => {
    const { form } = translate({
      nodes: '<Größe/><username/><status/><g><status/></g><p/><p_latitude/><_1st/><A.b-c/>',
      binds: '<bind nodeset="/data/p" type="geopoint"/>',
    });

    expect(form.questions).toMatchObject([
      { key: 'Größe', name: 'gro_e' },
      { key: 'username_2', name: 'username_2', node: 'username' },
      { key: 'status_2', name: 'status_2', node: 'status' },
      { key: 'g', questions: [{ key: 'status', name: 'status' }] },
      { key: 'p' },
      { key: 'p_latitude_2', node: 'p_latitude' },
      { key: '_1st', name: 'q_1st' },
      { key: 'A.b-c', name: 'a_b_c' },
    ]);
    expect(form.questions[0]).not.toHaveProperty('node');
  });

  const RECORDED: Parts = {
    nodes: '<start/><g><device/><q/></g><today/><end/><username/><email/>',
    binds: `<bind nodeset="/data/start" type="xsd:dateTime" jr:preload="timestamp" jr:preloadParams="start"/>
      <bind nodeset="/data/g/device" required="true()" constraint=". != 'x'" jr:preload="property" jr:preloadParams="deviceID"/>
      <bind nodeset="/data/today" type="date" jr:preload="date" jr:preloadParams="today"/>
      <bind nodeset="/data/end" type="dateTime" jr:preload="timestamp" jr:preloadParams="end"/>
      <bind nodeset="/data/username" type="string" jr:preload="property" jr:preloadParams="username"/>
      <bind nodeset="/data/email" type="string" jr:preload="property" jr:preloadParams="email"/>`,
    meta: {
      nodes: '<orx:meta><orx:instanceID/><orx:instanceName/><orx:audit/></orx:meta>',
      bind: `<bind nodeset="/data/orx:meta/orx:instanceID" calculate="concat('uuid:', uuid())"/>
        <bind nodeset="/data/orx:meta/orx:instanceName" type="string" calculate="/data/g/q"/>`,
    },
  };

  test('of the XForm itself are stored, with its digest and the metadata of the phone', () => {
    expect(translate(RECORDED).form.xform).toEqual({
      id: 'test',
      version: '1',
      md5: expect.stringMatching(/^[0-9a-f]{32}$/),
      root: 'data',
      metadata: [
        { node: 'start', is: 'start' },
        { node: 'g/device', is: 'deviceid' },
        { node: 'today', is: 'today' },
        { node: 'end', is: 'end' },
        { node: 'username', is: 'username' },
        { node: 'email', is: 'email' },
        { node: 'meta/audit', is: 'audit' },
      ],
    });
  });

  test('of what the phone records belong to questions without checks, unless every response has it', () => {
    const { form, report } = translate(RECORDED);

    expect(form.questions).toEqual([
      { key: 'start', name: 'start', type: 'datetime', required: false },
      {
        key: 'g',
        name: 'g',
        type: 'group',
        questions: [
          expect.objectContaining({ key: 'device', type: 'text', required: false }),
          expect.objectContaining({ key: 'q', type: 'text' }),
        ],
      },
      { key: 'today', name: 'today', type: 'date', required: false },
      expect.objectContaining({ key: 'email', type: 'text', required: false }),
      {
        key: 'meta',
        name: 'meta',
        type: 'group',
        questions: [
          expect.objectContaining({ key: 'instanceName', name: 'instancename', type: 'text', required: false }),
        ],
      },
    ]);
    expect(report.questions.flatMap(({ checks }) => checks.filter(({ what }) => what !== 'type'))).toEqual([]);
  });

  test('get a number, if the phone records something under the name of a question', () => {
    const { form } = translate({
      nodes: '<Start/><start/>',
      binds: '<bind nodeset="/data/start" jr:preload="timestamp" jr:preloadParams="start"/>',
    });

    expect(form.questions).toMatchObject([{ key: 'Start' }, { key: 'start_2', name: 'start_2', node: 'start' }]);
  });

  test('of an XForm without a version have an empty one, and orx:version counts', () => {
    const version = (root: string) => translate({ ...COUNT, root }).form.xform;

    expect(version('id="a"')).toMatchObject({ id: 'a', version: '' });
    expect(version('id="a" orx:version="7"')).toMatchObject({ version: '7' });
    expect(version('xmlns="http://example.org/form" version="2"')).toMatchObject({
      id: 'http://example.org/form',
      version: '2',
    });
  });
});

describe('labels and hints', () => {
  test('are in the languages of the itext, whose names become tags', () => {
    const itext = (language: string, label: string) =>
      `<translation lang="${language}"><text id="q:label"><value>${label}</value><value form="image">jr://images/a.png</value></text></translation>`;
    const model = `<itext>${itext('English (en)', 'Name of <output value="/data/q"/>')}${itext('Kiswahili', 'Jina')}${itext('中文', '名字')}</itext>`;
    const { form } = translate({
      nodes: '<q/>',
      model,
      body: '<input ref="/data/q"><label ref="jr:itext(\'q:label\')"/><hint>Ask  politely</hint></input>',
    });

    expect(form.questions[0]).toMatchObject({
      label: { en: 'Name of …', Kiswahil: 'Jina', 'und-3': '名字' },
      hint: 'Ask politely',
    });
  });

  test('are cut to the limit', () => {
    const { form } = translate({
      nodes: '<q/>',
      body: `<input ref="/data/q"><label>${'é'.repeat(1200)}</label></input>`,
    });

    expect(form.questions[0]?.label).toBe(`${'é'.repeat(999)}…`);
  });
});

describe('groups and repeats', () => {
  test('are those of the instance', () => {
    const { form, report } = translate(PEOPLE);

    expect(form.questions).toMatchObject([
      {
        type: 'repeat',
        key: 'people',
        label: 'Person',
        questions: [{ key: 'age', type: 'integer', required: true }, { key: 'name' }],
      },
    ]);
    expect(report.questions.map(({ path }) => path)).toEqual(['people', 'people/age', 'people/name']);
  });

  test('a fixed jr:count is the maximum of entries', () => {
    const { form } = translate({
      ...PEOPLE,
      body: (PEOPLE.body ?? '').replace('nodeset="/data/people"', 'nodeset="/data/people" jr:count="3"'),
    });

    expect(form.questions[0]).toMatchObject({ max: 3 });
  });
});

describe('a part is checked on the phone only', () => {
  test.each([
    ['calculate="round(/data/n div 3, 2)"', '', 'The server does not compute round().'],
    ['calculate="/data/n mod 2"', '', 'The server has no mod in calculations.'],
    ['calculate="/data/n + 1"', '<input ref="/data/q"/>', 'The collector can change the value.'],
    ['relevant="instance(\'x\')/root/item = 1"', '', 'It reads from instance(), which the server does not compute.'],
    ['relevant="/data/n &gt;"', '', 'The expression has an error at "the end".'],
    ['relevant="/data/n = /data/gone"', '', 'It reads gone, which is not a question of the form.'],
    ['relevant="false()"', '', 'It is never asked.'],
    ['type="date" relevant=". &lt; today()"', '', 'It needs the day of the phone.'],
    ['constraint="true()"', '<input ref="/data/q"/>', 'It is always the same, whatever the answer.'],
    ['type="int" constraint=". &gt; 3 and . &lt; 2"', '<input ref="/data/q"/>', 'never true'],
    [
      String.raw`constraint="regex(., '(?i)\p{L}')"`,
      '<input ref="/data/q"/>',
      'The server does not have this pattern.',
    ],
  ])('%s %s: %s', (bind, control, why) => {
    const { report } = question(bind, control, COUNT);

    expect(report?.checks.find(({ what }) => what !== 'type')).toMatchObject({
      where: 'phone',
      why: expect.stringContaining(why),
    });
  });

  test('if it names the answers of a repeat from outside', () => {
    const { report } = question('type="int" constraint=". = /data/people/age"', undefined, PEOPLE);

    expect(report?.checks).toContainEqual({
      what: 'constraint',
      where: 'phone',
      why: 'It names age, which has an answer for each entry of a repeat.',
    });
  });

  const AMOUNTS: Parts = {
    nodes: '<a/><b/><n/><m/><sum/><copy/><total/><rows jr:template=""><x/></rows>',
    binds: `${['a', 'b', 'rows/x', 'total'].map((name) => `<bind nodeset="/data/${name}" type="decimal"${name === 'total' ? ' calculate="round(/data/a, 1)"' : ''}/>`).join('')}
      <bind nodeset="/data/n" type="int"/><bind nodeset="/data/m" type="int"/>
      <bind nodeset="/data/sum" calculate="/data/a + /data/b"/><bind nodeset="/data/copy" calculate="/data/a"/>`,
    body: `${['a', 'b', 'n', 'm'].map((name) => `<input ref="/data/${name}"/>`).join('')}<repeat nodeset="/data/rows"><input ref="/data/rows/x"/></repeat>`,
  };

  test.each([
    '/data/a + /data/b &gt; 0.3',
    '/data/a * 3 &gt; 0.3',
    '0.3 &lt; /data/a - 0.1',
    '-(/data/a + 0.1) = -0.3',
    '/data/n div 10 = 0.3',
    '/data/sum &gt; 0.3',
    '/data/total != /data/a',
    'sum(/data/rows/x) &lt;= 1',
  ])('if it is %s, which a phone rounds', (condition) => {
    const checks = ['relevant', 'required', 'constraint'].map((what) =>
      question(`type="int" ${what}="${condition}"`, undefined, AMOUNTS).report?.checks.find(
        (check) => check.what === what,
      ),
    );

    expect(checks).toEqual(
      ['relevant', 'required', 'constraint'].map((what) => ({
        what,
        where: 'phone',
        why: 'The phone rounds calculations with decimals in another way than the server.',
      })),
    );
  });

  test.each([
    '/data/a &gt; 0.3',
    '/data/a = /data/b',
    '-/data/a &lt; 0',
    '/data/copy = 0.3',
    'max(/data/rows/x) &lt; 2.5',
    '/data/n * 3 + /data/m &gt; 0.3',
  ])('but not if it is %s', (condition) => {
    const { report } = question(`type="int" relevant="${condition}"`, undefined, AMOUNTS);

    expect(report?.checks).toContainEqual({ what: 'relevant', where: 'server' });
  });

  test('if it is `required`, and only the phone knows whether the question is asked', () => {
    const bind = 'type="int" required="true()" relevant="round(/data/n) = 1"';
    const { question: asked, report } = question(bind, undefined, COUNT);

    expect(asked).toMatchObject({ required: false });
    expect(report?.checks).toContainEqual({
      what: 'required',
      where: 'phone',
      why: 'Only the phone knows whether it is asked.',
    });
  });

  test('if it is a calculation, and only the phone knows whether it is computed', () => {
    const { question: asked } = question('calculate="/data/n + 1" relevant="round(/data/n) = 1"', '', COUNT);

    expect(asked).toMatchObject({ type: 'text' });
  });

  test('if it is one of the most expensive conditions in a long repeat', () => {
    const nodes = Array.from({ length: 40 }, (_, index) => `q${index}`);
    const { report } = translate({
      nodes: `<r jr:template="">${nodes.map((name) => `<${name}/>`).join('')}</r>`,
      binds: nodes.map((name) => `<bind nodeset="/data/r/${name}" type="int" constraint=". &gt; 0"/>`).join(''),
      body: `<repeat nodeset="/data/r">${nodes.map((name) => `<input ref="/data/r/${name}"/>`).join('')}</repeat>`,
    });
    const constraints = report.questions.flatMap(({ checks }) => checks.filter(({ what }) => what === 'constraint'));

    const here = constraints.filter(({ where }) => where === 'server').length;
    // 30 comparisons of 1,000 entries are allowed; parts are dropped a few at a time.
    expect([here > 24, here <= 30]).toEqual([true, true]);
    expect(constraints.find(({ where }) => where === 'phone')?.why).toMatch(/in a repeat of up to 1000 entries/);
  });
});

describe('a form that would be too large', () => {
  const form = (lists: number): Parts => {
    const options = Array.from(
      { length: 500 },
      (_, index) => `<item><name>o${index}</name><label>${'x'.repeat(40)}</label></item>`,
    );
    const names = Array.from({ length: lists }, (_, index) => `q${index}`);
    return {
      model: `<instance id="all"><root>${options.join('')}</root></instance>`,
      nodes: names.map((name) => `<${name}/>`).join(''),
      body: names
        .map(
          (name) =>
            `<select1 ref="/data/${name}"><itemset nodeset="instance('all')/root/item"><value ref="name"/><label ref="label"/></itemset></select1>`,
        )
        .join(''),
    };
  };
  const typesOf = ({ form: { questions } }: Accepted) => [...new Set(questions.map(({ type }) => type))];

  test('has no labels of options, with a warning', () => {
    const translated = translate(form(40));

    expect(typesOf(translated)).toEqual(['select_one']);
    expect(translated.form.questions[0]).toMatchObject({ options: expect.arrayContaining([{ name: 'o0' }]) });
    expect(translated.report.warnings).toEqual([{ detail: expect.stringContaining('The form is large.') }]);
  });

  test('leaves options to the phone, if that is not enough', () => {
    const translated = translate(form(150));

    expect(typesOf(translated)).toEqual(['text', 'select_one']);
    expect(JSON.stringify(translated.definition).length).toBeLessThan(1_000_000);
    expect(translated.report.questions[0]?.checks).toEqual([
      { what: 'type', where: 'phone', why: 'The form is too large with all its options.' },
    ]);
  });

  test('is refused, if its texts alone are too large', () => {
    const nodes = Array.from({ length: 1000 }, (_, index) => `q${index}`);
    const body = nodes.map((name) => `<input ref="/data/${name}"><label>${'é'.repeat(600)}</label></input>`).join('');

    expect(refusal(xformXml({ nodes: nodes.map((name) => `<${name}/>`).join(''), body }))).toMatch(
      /^\/data: Use shorter texts or fewer languages: the form takes \d+ bytes, and 1000000 are allowed\.$/,
    );
  });
});

describe('calculations and constraints', () => {
  test('are computed by the server if possible', () => {
    expect(question('type="string" calculate="/data/n * 2 + 1"', '', COUNT).question).toMatchObject({
      type: 'calculate',
      value: { add: [{ multiply: ['n', 2] }, 1] },
    });
    expect(question('calculate="sum(/data/people/age)"', '', PEOPLE).question).toMatchObject({
      value: { sum: 'people/age' },
    });
    expect(question('calculate="count(/data/people)"', '', PEOPLE).question).toMatchObject({
      value: { count: 'people' },
    });
  });

  test('have the message of the form in its first language, or a default message', () => {
    const message = (bind: string) => {
      const { question: asked } = question(
        `type="int" constraint=". &gt; 0" ${bind}`,
        '<input ref="/data/q"><label>Rooms {1}</label></input>',
        {
          model: '<itext><translation lang="fr"><text id="m"><value>Trop peu</value></text></translation></itext>',
        },
      );
      return asked !== undefined && 'constraint' in asked ? asked.constraint?.message : undefined;
    };

    expect(message('')).toBe('Check this answer: Rooms (1)');
    expect(message('jr:constraintMsg="Too {few}"')).toBe('Too (few)');
    expect(message('jr:constraintMsg="jr:itext(\'m\')"')).toBe('Trop peu');
  });

  test('are checked in part by the server, if a part of a constraint is left to the phone', () => {
    const { question: asked, report } = question('type="int" constraint=". &gt; 0 and (. mod 2 = 0 and . &lt; 9)"');

    expect(asked).toMatchObject({ constraint: { conditions: { all: [{ value: 0 }, { value: 9 }] } } });
    expect(report?.checks).toEqual([
      { what: 'type', where: 'server' },
      { what: 'constraint', where: 'server' },
      { what: 'constraint', where: 'phone', why: 'A part of it: The server has no mod in calculations.' },
    ]);
  });

  test('that compare a date with today allow a day for the time zone', async () => {
    const { form } = question('type="date" constraint=". &lt;= today()"');
    const flagsOf = async (date: string) => {
      const { rules } = compileForm(form, 1);
      return (await rules.check({ q: date, submitted_time: '2026-09-10T22:30:00Z' })).length;
    };

    expect(await Promise.all(['2026-09-10', '2026-09-11', '2026-09-12'].map(flagsOf))).toEqual([0, 0, 1]);
  });

  test('limit a text that is matched with a pattern to 500 characters', () => {
    const { question: asked } = question(String.raw`constraint="regex(., '[A-Z]{2}\d+')"`);

    expect(asked).toMatchObject({ max_length: 500, constraint: { conditions: { operator: 'matches' } } });
  });
});

describe('options that depend on an earlier answer', () => {
  const model = `<instance id="towns"><root>
    <item><name>a</name><region>west</region></item><item><name>b</name><region>east</region></item>
    <item><name>a</name><region>east</region></item></root></instance>`;
  const region: Parts = {
    nodes: '<region/>',
    body: `<select1 ref="/data/region">${itemsXml('west', 'east')}</select1>`,
    model,
  };
  const select = (filter: string) =>
    `<select1 ref="/data/q"><itemset nodeset="instance('towns')/root/item[${escapeXml(filter)}]"><value ref="name"/><label ref="name"/></itemset></select1>`;

  test.each([
    'region = /data/region',
    ' /data/region =region',
    'region=current()/../region',
    'selected(/data/region, region)',
  ])('are checked by the server: [%s]', (filter) => {
    const { question: asked, report } = question('', select(filter), region);

    expect(asked).toMatchObject({
      options: [
        { name: 'a', label: 'a', if: { question: 'region', is: ['west', 'east'] } },
        { name: 'b', if: { question: 'region', is: ['east'] } },
      ],
    });
    expect(report?.checks).toContainEqual({ what: 'options', where: 'server' });
  });

  test.each(['region != /data/region', "region = /data/region and name != 'b'", 'region = /data/q'])(
    'are narrowed by the phone only: [%s]',
    (filter) => {
      const { question: asked, report } = question('', select(filter), region);

      expect(asked).toMatchObject({
        options: [
          { name: 'a', label: 'a' },
          { name: 'b', label: 'b' },
        ],
      });
      expect(report?.checks.find(({ what }) => what === 'options')?.where).toBe('phone');
    },
  );
});

describe('an XForm is refused with a pointer', () => {
  test.each([
    [
      'encryption',
      { ...COUNT, model: '<submission base64RsaPublicKey="MIIB"/>' },
      '/html/head/model/submission/@base64RsaPublicKey: Remove the public key',
    ],
    [
      'another server',
      { ...COUNT, model: '<submission action="https://example.org/submission" method="form-data-post"/>' },
      '/html/head/model/submission/@action: Remove the address',
    ],
    ['no instanceID', { ...COUNT, meta: { nodes: '<meta/>', bind: '' } }, '/data/meta/instanceID: Add this node'],
    [
      'an instanceID that nothing fills',
      { ...COUNT, meta: { nodes: '<meta><instanceID/></meta>', bind: '' } },
      '/data/meta/instanceID: Fill this node',
    ],
    ['no id', { ...COUNT, root: '' }, '/data/@id: Add the attribute id'],
    ['duplicate nodes', { nodes: '<q/><q/>' }, '/data/q: Give each node its own name'],
    ['a control without a node', { ...COUNT, body: '<input ref="/data/gone"/>' }, '/data/gone: Add this node'],
    ['no questions', {}, '/data: Add a question'],
    [
      'groups that are too deep',
      { nodes: '<a><b><c><d><e><f><q/></f></e></d></c></b></a>' },
      '/data/a/b/c/d/e/f: Nest groups and repeats at most 5 deep.',
    ],
    ['too many questions', { nodes: Array.from({ length: 2001 }, (_, index) => `<q${index}/>`).join('') }, '/data: '],
    ['a version that is too long', { ...COUNT, root: `id="a" version="${'1'.repeat(300)}"` }, '/data/@version: '],
  ] satisfies [string, Parts, string][])('%s', (_what, parts, expected) => {
    expect(refusal(xformXml(parts))).toContain(expected);
  });

  test.each([
    ['XML that is not well-formed', '<h:html>', 'Send well-formed XML'],
    ['a DOCTYPE', `<!DOCTYPE a [<!ENTITY b "c">]>${xformXml(COUNT)}`, 'Remove the DOCTYPE'],
    ['other XML', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'Send an XForm'],
    ['text', 'name,age', 'Send well-formed XML'],
  ])('%s', (_what, xml, expected) => {
    expect(refusal(xml)).toContain(expected);
  });

  test('for 5,000 levels of groups, in under a second', () => {
    const start = performance.now();

    expect(refusal(xformXml({ nodes: '<g>'.repeat(5000) + '</g>'.repeat(5000) }))).toMatch(/at most 100 deep/);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test('but not for a huge expression, which is left to the phone in under a second', () => {
    const start = performance.now();
    for (const expression of [
      '('.repeat(100_000),
      `1${' + 1'.repeat(100_000)}`,
      `${'-'.repeat(100_000)}1`,
      '/a'.repeat(100_000),
    ]) {
      expect(question(`relevant="${expression}"`).report?.checks).toContainEqual(
        expect.objectContaining({ what: 'relevant', where: 'phone' }),
      );
    }
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('a value in the instance', () => {
  const filled = (value: string, bind: string, control: string | undefined) => {
    const { form, report } = translate({
      nodes: `<q>${value}</q>`,
      binds: `<bind nodeset="/data/q" ${bind}/>`,
      body: control ?? '<input ref="/data/q"/>',
    });
    return { question: form.questions.at(-1), warnings: report.warnings };
  };

  test.each([
    ['3', 'type="int"', undefined, 3],
    ['1.5E3', 'type="decimal"', undefined, 1500],
    ['0.30000000000000004', 'type="decimal"', undefined, 0.3],
    ['Moroto', 'type="string"', undefined, 'Moroto'],
    ['2026-01-31', 'type="date"', undefined, '2026-01-31'],
    ['08:30:00.000+03:00', 'type="time"', undefined, '08:30:00.000'],
    ['2026-01-31T08:30:00.000+03', 'type="dateTime"', undefined, '2026-01-31T08:30:00.000+03:00'],
    ['1.5 32.5 0 0', 'type="geopoint"', undefined, { latitude: 1.5, longitude: 32.5, altitude: 0, accuracy: 0 }],
    ['b', 'type="string"', `<select1 ref="/data/q">${itemsXml('a', 'b')}</select1>`, 'b'],
    ['a b', 'type="string"', `<select ref="/data/q">${itemsXml('a', 'b')}</select>`, ['a', 'b']],
    ['OK', 'type="string"', '<trigger ref="/data/q"/>', 'OK'],
    ['kept as text', 'type="geotrace"', undefined, 'kept as text'],
  ])('%s with the bind %s is the default', (value, bind, control, expected) => {
    expect(filled(value, bind, control)).toMatchObject({ question: { default: expected }, warnings: [] });
  });

  test.each([
    ['three', 'type="int"', undefined, 'The value "three" that phones fill in is not in the definition.'],
    ['c', '', `<select1 ref="/data/q">${itemsXml('a', 'b')}</select1>`, 'The value "c" that phones fill in'],
    [
      'jr://images/a.png',
      'type="binary" orx:max-pixels="1024"',
      '<upload ref="/data/q" mediatype="image/*"/>',
      'The value "jr://images/a.png" that phones fill in',
    ],
  ])('%s with the bind %s is not an answer: a warning says so', (value, bind, control, detail) => {
    const { question: asked, warnings } = filled(value, bind, control);

    expect(asked).not.toHaveProperty('default');
    expect(warnings).toEqual([{ path: '/data/q', detail: expect.stringContaining(detail) }]);
  });

  test.each(['type="int" calculate="1 + 1"', 'type="string" calculate="uuid()"', 'type="string" jr:preload="uid"', ''])(
    'is not a default if the phone replaces it, or if it is blank (%s)',
    (bind) => {
      const { question: asked, warnings } = filled(bind === '' ? ' \n ' : '7', bind, undefined);

      expect(asked).not.toHaveProperty('default');
      expect(warnings).toEqual([]);
    },
  );

  test('of a question in a repeat is that of the template', () => {
    const { form } = translate({ ...PEOPLE, nodes: '<people jr:template=""><age>5</age><name/></people>' });

    expect(form.questions).toMatchObject([{ questions: [{ default: 5 }, { key: 'name' }] }]);
  });
});

describe('warnings', () => {
  test.each([
    ['a calculation of itself', '<bind nodeset="/data/q" calculate="../q + 1"/>', ['/data/q']],
    [
      'a cycle',
      '<bind nodeset="/data/q" relevant="/data/g/r = 1"/><bind nodeset="/data/g/r" calculate="/data/q"/>',
      ['/data/q'],
    ],
    ['a group that depends on what is in it', '<bind nodeset="/data/g" relevant="/data/g/r = 1"/>', ['/data/g/r']],
    ['no cycle', '<bind nodeset="/data/g/r" calculate="/data/q" constraint=". &gt; 1" relevant="/data/q = 1"/>', []],
  ])('%s', (_what, binds, paths) => {
    const { report } = translate({ nodes: '<q/><g><r/></g>', binds });

    expect(report.warnings).toEqual(
      paths.map((path) => ({ path, detail: expect.stringContaining('depends on itself') })),
    );
  });

  test.each([
    ['<upload ref="/data/q" mediatype="video/*"/>', 'It asks for a video. A file over 4 MB cannot be sent'],
    ['<holo ref="/data/q"/>', 'The control holo is not known'],
    ['<input ref="/data/q" appearance="multiline w2 dance"/>', 'The appearance dance is not known'],
  ])('%s', (control, detail) => {
    const { report } = translate({ nodes: '<q/>', body: control });

    expect(report.warnings).toEqual([{ path: '/data/q', detail: expect.stringContaining(detail) }]);
  });

  test.each([
    ['', '', ['It has no max-pixels, so a photo may exceed 4 MB']],
    ['orx:max-pixels="4096"', '', ['Its max-pixels is 4096, so a photo may exceed 4 MB']],
    ['orx:max-pixels="many"', 'new', ['Its max-pixels is many']],
    ['orx:max-pixels="3000"', '', []],
    ['', 'signature', []],
    ['', 'draw w2', []],
  ])('a photo with %s and the appearance "%s"', (pixels, appearance, details) => {
    const { report } = translate({
      nodes: '<q/>',
      binds: `<bind nodeset="/data/q" type="binary" ${pixels}/>`,
      body: `<upload ref="/data/q" mediatype="image/*" appearance="${appearance}"/>`,
    });

    expect(report.warnings).toEqual(
      details.map((detail) => ({ path: '/data/q', detail: expect.stringContaining(detail) })),
    );
  });

  test('none for known appearances', () => {
    const { report } = translate({
      nodes: '<q/>',
      body: '<input ref="/data/q" appearance="w1 ex:org.example.app(a=\'b c\') thousands-sep"/>',
    });

    expect(report.warnings).toEqual([]);
  });
});

describe('a new version of an XForm', () => {
  const first = () =>
    translate({ ...COUNT, nodes: '<n/><village/>', body: `${COUNT.body ?? ''}<input ref="/data/village"/>` }).form;

  test('keeps the rules, facts, lists of unique questions, state and spreadsheet of the previous version', () => {
    const kept = {
      facts: [{ name: 'double', add: [], subtract: [], value: { multiply: ['n', 2] } }],
      rules: [
        { name: 'Many', message: '{double}', conditions: { fact: 'double', operator: 'lessThan' as const, value: 50 } },
      ],
      unique: [{ name: 'Twice', questions: ['village'] }],
      state: 'closed' as const,
      spreadsheet_id: 'abcdefghij',
    };
    const { form, report } = translate({ ...COUNT, nodes: '<n/><village/>' }, { ...first(), ...kept });

    expect(form).toMatchObject(kept);
    expect(report.warnings).toEqual([]);
  });

  test('leaves out rules and lists that no longer fit the form, and warns about them', () => {
    const rules = [
      { name: 'Gone', message: 'x', conditions: { fact: 'village', operator: 'equal' as const, value: 'a' } },
      { name: 'Stays', message: 'x', conditions: { fact: 'n', operator: 'lessThan' as const, value: 9 } },
    ];
    const unique = [{ name: 'Twice', questions: ['village'] }];
    const { form, report } = translate(COUNT, { ...first(), rules, unique });

    expect(form).toMatchObject({ rules: [{ name: 'Stays' }] });
    expect(form).not.toHaveProperty('unique');
    expect(report.warnings.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/^The list of unique Twice of the last version is left out\. /),
      expect.stringMatching(/^The rule Gone of the last version is left out\. /),
    ]);
  });

  test('has only the derived facts of its own conditions, under the same names as before', () => {
    const bind = 'type="int" constraint=". &lt; /data/n * 2"';
    const { form } = question(bind, undefined, COUNT);
    const again = translateXform(
      xformXml({
        ...COUNT,
        nodes: '<n/><q/>',
        binds: `${COUNT.binds ?? ''}<bind nodeset="/data/q" ${bind}/>`,
        body: `${COUNT.body ?? ''}<input ref="/data/q"/>`,
      }),
      { form_id: 'test', previous: form },
    );

    expect(form.facts).toHaveLength(1);
    expect(again).toMatchObject({ ok: true, form: { facts: form.facts } });
    expect(translate(COUNT, form).form.facts).toEqual([]);
  });
});
