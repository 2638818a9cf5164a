import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { databaseKinds } from '../../tests/support/databases.ts';
import { ask, claim, emptyTables, readAll } from '../../tests/support/exports.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { incoming, metadata } from '../../tests/support/responses.ts';
import { longTest, runs } from '../../tests/support/thorough.ts';
import { SYSTEM_TABLES, type Cell, type ExportBound, type Input } from '../contract.ts';

const FORM = 'clinic';
const LONG_AGO = '2020-01-01T00:00:00.000Z';
const THEN = '2021-01-01T00:00:00.000Z';
/** Columns of a form's table before its questions: metadata and state. */
const FIXED = 13;

const question = (name: string, type = 'text', more: object = {}) => ({ name, key: name, type, ...more });
const section = (type: 'group' | 'repeat', name: string, questions: object[], more: object = {}) =>
  question(name, type, { questions, ...more });

const VISITS = section('repeat', 'visits', [question('on', 'date')]);
const MEMBERS = section('repeat', 'members', [question('name'), VISITS, question('age', 'integer')]);
const QUESTIONS = [question('village'), MEMBERS, question('notes')];

describe.each(databaseKinds)('groups and repeats on %s', (kind) => {
  let proxy: InProcessProxy;
  let order = 0;

  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    // No test writes responses while it claims an export.
    Object.assign(proxy.database, { settleMs: 1 });
  });
  beforeEach(async () => {
    await emptyTables(proxy.database);
    order = 0;
  });
  afterAll(() => proxy.stop());

  const store = (questions: object[], more: object = {}) =>
    proxy.call('putForm', { form_id: FORM, definition: { title: 'Clinic', questions, ...more } });

  const response = (answers: object, changes: Partial<Input<'saveResponses'>['responses'][number]> = {}) => {
    order += 1;
    const { response_id: id = `r${order}` } = changes;
    return incoming({
      form_id: FORM,
      ...changes,
      response_id: id,
      response: { ...metadata(), response_id: id, ...answers },
    });
  };

  async function save(...all: object[]): Promise<void> {
    const responses = all.map((answers) => response(answers));
    for (let start = 0; start < responses.length; start += 10) {
      await proxy.call('saveResponses', { responses: responses.slice(start, start + 10) });
    }
  }

  /** Sets all stored rows to an old time, and returns a bound between them and all later rows. */
  async function boundAfterAll(formVersion = 1): Promise<ExportBound> {
    const { db } = proxy.database;
    await db.updateTable('responses').set({ updated_at: LONG_AGO }).execute();
    const { id } = await db
      .selectFrom('responses')
      .select((eb) => eb.fn.max('id').as('id'))
      .executeTakeFirstOrThrow();
    return { max_id: id ?? 0, at: THEN, form_version: formVersion };
  }

  const rowsOf = async (table: string, version = 1, filter: Input<'readTable'>['filter'] = {}) =>
    readAll(proxy, await boundAfterAll(version), { table, filter });

  async function tables() {
    const { tables: all } = await proxy.call('listTables', { count_rows: true });
    return all.filter(({ name }) => name.split('.')[0] === FORM);
  }

  async function columnsOf(table: string) {
    return (await tables()).find(({ name }) => name === table)?.columns ?? [];
  }

  describe('the questions of a group', () => {
    const house = section(
      'group',
      'house',
      [
        question('roof', 'text', { label: 'Roof' }),
        question('place', 'geopoint', { label: 'Where?' }),
        section('group', 'page', [question('walls', 'text', { label: { fr: 'Murs', en: 'Walls' } })]),
        question('rooms', 'integer', { name: 'number_of_rooms' }),
      ],
      { label: 'The\nhouse', name: 'home' },
    );

    it('are columns in the form’s order, with their paths as names and the labels along the paths as headings', async () => {
      await store([question('village'), house, question('notes')]);

      const columns = (await columnsOf(FORM)).slice(FIXED);

      const place = (part: string) => ({
        name: `house/place_${part}`,
        short_name: `home/place_${part}`,
        label: `The house/Where? ${part}`,
        type: 'number',
      });
      expect(columns).toEqual([
        { name: 'village', type: 'text' },
        { name: 'house/roof', short_name: 'home/roof', label: 'The house/Roof', type: 'text' },
        ...['latitude', 'longitude', 'altitude', 'accuracy'].map(place),
        { name: 'house/page/walls', short_name: 'home/page/walls', label: 'The house/Walls', type: 'text' },
        { name: 'house/rooms', short_name: 'home/number_of_rooms', label: 'The house/rooms', type: 'number' },
        { name: 'notes', type: 'text' },
      ]);
    });

    it('have columns for their options if the request asks for them', async () => {
      const options = [{ name: 'tin', label: 'Tin' }, 'straw'];
      const roof = question('roof', 'select_multiple', { label: 'Roof', options });
      const used = section('group', 'use', [{ ...roof, label: undefined }]);
      await store([section('group', 'house', [roof], { label: 'House' }), section('repeat', 'huts', [used])]);
      await save({ house: { roof: ['tin'] }, huts: [{}, { use: { roof: ['straw', 'tin'] } }] });

      const read = async (table: string) => {
        const exportId = await ask(proxy, { table, option_columns: true });
        const { table: described, bound } = await claim(proxy, exportId);
        const rows = await readAll(proxy, bound, { table, option_columns: true });
        return [described.columns.slice(-3), ...rows.map((row) => row.slice(-3))];
      };

      expect(await read(FORM)).toEqual([
        [
          { name: 'house/roof', label: 'House/Roof', type: 'text' },
          { name: 'house/roof/tin', label: 'House/Roof/Tin', type: 'number' },
          { name: 'house/roof/straw', label: 'House/Roof/straw', type: 'number' },
        ],
        ['tin', 1, 0],
      ]);
      expect(await read(`${FORM}.huts`)).toEqual([
        [
          { name: 'huts/use/roof', type: 'text' },
          { name: 'huts/use/roof/tin', label: 'roof/Tin', type: 'number' },
          { name: 'huts/use/roof/straw', type: 'number' },
        ],
        [null, null, null],
        ['straw tin', 1, 1],
      ]);
    });

    it('that are calculations have columns of the types of their values', async () => {
      const calculate = (name: string, value: unknown) => question(name, 'calculate', { value });
      const members = [question('age', 'integer'), question('born', 'date'), calculate('number', 'house/members')];
      await store([
        question('n', 'decimal'),
        question('word'),
        section('group', 'house', [
          section('repeat', 'members', [...members, calculate('again', 'house/members/born')]),
          calculate('oldest', { max: 'house/members/age' }),
          calculate('first', { min: 'house/members/again' }),
        ]),
        calculate('copy', 'n'),
        calculate('copy_of_copy', 'copy'),
        calculate('at', 'submitted_time'),
        calculate('said', 'word'),
        calculate('whose', 'user_id'),
        calculate('unknown', 'from_the_future'),
      ]);
      const entry = { age: 70, born: '1950-04-12', number: 1, again: '1950-04-12' };
      const at = '2026-03-01T08:00:00.000000000Z';
      const house = { members: [entry], oldest: 70, first: '1950-04-12' };
      await save({ house, copy: '1.50', copy_of_copy: 1.5, at, said: 'yes', whose: 'u', unknown: 'x', at_sent: 'y' });

      const read = async (table: string) => {
        const columns = await columnsOf(table);
        const [row = []] = await rowsOf(table);
        return columns.flatMap(({ name, type }, index) => (row[index] === null ? [] : [[name, type, row[index]]]));
      };

      expect((await read(FORM)).slice(-9)).toEqual([
        ['house/oldest', 'number', 70],
        ['house/first', 'date', '1950-04-12'],
        ['copy', 'number', '1.50'],
        ['copy_of_copy', 'number', 1.5],
        ['at', 'time', at],
        ['at_sent', 'text', 'y'],
        ['said', 'text', 'yes'],
        ['whose', 'text', 'u'],
        ['unknown', 'text', 'x'],
      ]);
      expect((await read(`${FORM}.house.members`)).slice(-4)).toEqual([
        ['house/members/age', 'number', 70],
        ['house/members/born', 'date', '1950-04-12'],
        ['house/members/number', 'number', 1],
        ['house/members/again', 'date', '1950-04-12'],
      ]);
    });

    it('that are calculations have the type that the newest version gives them', async () => {
      const calculate = (value: unknown) => question('c', 'calculate', { value });
      await store([question('a', 'date'), calculate('a')]);
      await store([question('a', 'integer'), calculate('a'), question('left', 'text')]);
      const typeOf = async () => (await columnsOf(FORM)).find(({ name }) => name === 'c')?.type;
      expect(await typeOf()).toBe('number');

      await store([question('a', 'integer')]);

      expect(await typeOf()).toBe('number');
    });

    it('have no heading if neither they nor their groups have a label', async () => {
      await store([section('group', 'house', [question('roof')])]);

      expect((await columnsOf(FORM)).slice(FIXED)).toEqual([{ name: 'house/roof', type: 'text' }]);
    });

    it('are empty in a response without the group', async () => {
      await store([question('village'), house, question('notes')]);
      const place = { latitude: 1.5, longitude: 2 };
      await save(
        { village: 'A', house: { roof: 'tin', place, page: { walls: 'mud' }, rooms: 2 }, notes: 'x' },
        { village: 'B', notes: 'y' },
        { house: { page: {} } },
        { house: 'tin' },
      );

      const rows = await rowsOf(FORM);

      expect(rows.map((row) => row.slice(FIXED))).toEqual([
        ['A', 'tin', 1.5, 2, null, null, 'mud', 2, 'x'],
        ['B', null, null, null, null, null, null, null, 'y'],
        Array.from({ length: 9 }, () => null),
        Array.from({ length: 9 }, () => null),
      ]);
    });

    it('come last if they are removed, moved or put into a group', async () => {
      await store([section('group', 'house', [question('roof'), question('walls')]), question('door')]);
      await save({ house: { roof: 'tin', walls: 'mud' }, door: 'oak' });
      await store([section('group', 'house', [question('walls'), question('door')]), question('roof')]);
      await save({ house: { walls: 'brick', door: 'elm' }, roof: 'straw' });

      const columns = (await columnsOf(FORM)).slice(FIXED);
      const rows = await rowsOf(FORM, 2);

      expect(columns.map(({ name }) => name)).toEqual(['house/walls', 'house/door', 'roof', 'house/roof', 'door']);
      expect(rows.map((row) => row.slice(FIXED))).toEqual([
        ['mud', null, null, 'tin', 'oak'],
        ['brick', 'elm', 'straw', null, null],
      ]);
    });

    it('are not shown in the column of an earlier question whose key now belongs to a group or a repeat', async () => {
      const place = { latitude: 1, longitude: 2 };
      await store([
        question('members', 'integer'),
        question('house', 'geopoint'),
        question('wells', 'select_multiple'),
      ]);
      await save({ members: 3, house: place, wells: ['a', 'b'] });
      const inside = [question('name')];
      await store([
        section('repeat', 'members', inside),
        section('group', 'house', inside),
        section('repeat', 'wells', inside),
      ]);
      await save({ members: [{ name: 'Ama' }], house: { name: 'Tin' }, wells: [{ name: 'deep' }] });

      const rows = (await rowsOf(FORM, 2)).map((row) => row.slice(FIXED));

      expect((await columnsOf(FORM)).slice(FIXED).map(({ name }) => name)).toEqual([
        'house/name',
        'members',
        'house_latitude',
        'house_longitude',
        'house_altitude',
        'house_accuracy',
        'wells',
      ]);
      expect(rows).toEqual([
        [null, 3, 1, 2, null, null, 'a b'],
        ['Tin', null, null, null, null, null, null],
      ]);
      expect(await rowsOf(`${FORM}.wells`, 2)).toEqual([
        ['r1', 1, null],
        ['r1', 2, null],
        ['r2', 1, 'deep'],
      ]);
    });
  });

  describe('a repeat', () => {
    it('is a table, which follows that of its form; a repeat inside a repeat is a further table', async () => {
      const labelled = section('repeat', 'people', [VISITS], { key: 'members', label: 'Household members' });
      await store([section('group', 'house', [labelled]), question('village')], { spreadsheet_id: '1'.repeat(20) });
      await save({ house: { members: [{ visits: [{}, {}] }, {}] } });

      const { tables: all } = await proxy.call('listTables', { count_rows: true });

      expect(all.map(({ name }) => name)).toEqual([
        FORM,
        `${FORM}.house.people`,
        `${FORM}.house.people.visits`,
        'household_finances',
        ...SYSTEM_TABLES,
      ]);
      const shared = { spreadsheet_id: '1'.repeat(20) };
      expect(all.slice(0, 3)).toMatchObject([
        { ...shared, kind: 'form', title: 'Clinic', rows: 1 },
        { ...shared, kind: 'repeat', title: 'Clinic: house: Household members', rows: 2 },
        { ...shared, kind: 'repeat', title: 'Clinic: house: Household members: visits', rows: 2 },
      ]);
    });

    it('has the response, the positions, then its questions as columns', async () => {
      const visits = section('repeat', 'visits', [section('group', 'vitals', [question('pulse', 'integer')])]);
      const members = section('repeat', 'people', [question('name', 'text', { label: 'Name' }), visits], {
        key: 'members',
        label: 'Household members',
      });
      await store([section('group', 'house', [members])]);

      expect(await columnsOf(`${FORM}.house.people`)).toEqual([
        { name: 'response_id', type: 'text' },
        { name: 'position', type: 'number' },
        { name: 'house/members/name', short_name: 'house/people/name', label: 'Name', type: 'text' },
      ]);
      expect(await columnsOf(`${FORM}.house.people.visits`)).toEqual([
        { name: 'response_id', type: 'text' },
        { name: 'house/members_position', short_name: 'house/people_position', type: 'number' },
        { name: 'position', type: 'number' },
        {
          name: 'house/members/visits/vitals/pulse',
          short_name: 'house/people/visits/vitals/pulse',
          type: 'number',
        },
      ]);
    });

    it('has a row for each entry, in the order of the responses, then of the entries', async () => {
      await store(QUESTIONS);
      await save(
        {
          members: [
            { name: 'Ama', age: 40, visits: [{ on: '2026-01-01' }, { on: '2026-02-01' }] },
            { name: 'Kofi' },
            { name: 'Esi', visits: [{ on: '2026-03-01' }] },
          ],
        },
        { village: 'empty' },
        { members: [] },
        { members: [{ visits: [{}] }] },
      );

      expect(await rowsOf(`${FORM}.members`)).toEqual([
        ['r1', 1, 'Ama', 40],
        ['r1', 2, 'Kofi', null],
        ['r1', 3, 'Esi', null],
        ['r4', 1, null, null],
      ]);
      expect(await rowsOf(`${FORM}.members.visits`)).toEqual([
        ['r1', 1, 1, '2026-01-01'],
        ['r1', 1, 2, '2026-02-01'],
        ['r1', 3, 1, '2026-03-01'],
        ['r4', 1, 1, null],
      ]);
      expect((await rowsOf(FORM)).map((row) => row.slice(FIXED))).toEqual([
        [null, null],
        ['empty', null],
        [null, null],
        [null, null],
      ]);
      expect((await tables()).map(({ rows }) => rows)).toEqual([4, 4, 4]);
    });

    it('that only earlier versions have is a table too; questions that were removed or moved come last', async () => {
      await store([section('repeat', 'wells', [question('depth', 'integer')]), ...QUESTIONS]);
      await save({ wells: [{ depth: 7 }], members: [{ name: 'Ama', age: 40 }] });
      await store([section('repeat', 'members', [question('age', 'integer'), question('sex')])]);
      await save({ members: [{ age: 3, sex: 'f' }] });

      expect((await tables()).map(({ name }) => name)).toEqual(
        ['', '.members', '.wells', '.members.visits'].map((rest) => FORM + rest),
      );
      expect((await columnsOf(`${FORM}.members`)).slice(2).map(({ name }) => name)).toEqual([
        'members/age',
        'members/sex',
        'members/name',
      ]);
      expect(await rowsOf(`${FORM}.members`, 2)).toEqual([
        ['r1', 1, 40, null, 'Ama'],
        ['r2', 1, 3, 'f', null],
      ]);
      expect(await rowsOf(`${FORM}.wells`, 2)).toEqual([['r1', 1, 7]]);
    });

    it('keeps the columns that it had at the bound; a repeat of a later version has no rows there', async () => {
      await store(QUESTIONS);
      await save({ members: [{ name: 'Ama', age: 40 }] });
      await store([section('repeat', 'members', [question('sex')]), section('repeat', 'wells', [question('depth')])]);

      expect(await rowsOf(`${FORM}.members`)).toEqual([['r1', 1, 'Ama', 40]]);
      expect(await rowsOf(`${FORM}.wells`)).toEqual([]);
    });

    it('has a number after its name if a newer repeat has that name', async () => {
      await store([section('repeat', 'members', [question('name')])]);
      await save({ members: [{ name: 'Ama' }] });
      await store([section('repeat', 'Members', [question('name')], { key: 'people' })]);
      await save({ people: [{ name: 'Kofi' }] });

      expect((await tables()).map(({ name }) => name)).toEqual([FORM, `${FORM}.Members`, `${FORM}.members_2`]);
      expect(await rowsOf(`${FORM}.Members`, 2)).toEqual([['r2', 1, 'Kofi']]);
      expect(await rowsOf(`${FORM}.members_2`, 2)).toEqual([['r1', 1, 'Ama']]);
    });

    it('has the entries of the bound, whatever is saved later', async () => {
      await store(QUESTIONS);
      await save({ members: [{ name: 'Ama' }, { name: 'Kofi' }] });
      const bound = await boundAfterAll();
      const at = '2026-09-01T07:00:00Z';
      const changed = { ...metadata(), response_id: 'r1', last_modified_time: at, members: [{ name: 'Esi' }] };
      await proxy.call('saveResponses', {
        responses: [incoming({ form_id: FORM, response_id: 'r1', at, response: changed })],
      });
      await save({ members: [{ name: 'late' }] });

      expect(await readAll(proxy, bound, { table: `${FORM}.members` })).toEqual([
        ['r1', 1, 'Ama', null],
        ['r1', 2, 'Kofi', null],
      ]);
    });

    it('has the entries of the responses that the filter accepts', async () => {
      await store(QUESTIONS);
      const flags = [{ rule: 'Rule1', message: 'Not met.', questions: ['village'], values: {} }];
      const members = [{ name: 'Ama' }, {}];
      await proxy.call('saveResponses', {
        responses: [response({ members }), response({ members }, { status: 'flagged', flags }), response({ members })],
      });
      const idsOf = async (filter: Input<'readTable'>['filter']) =>
        (await rowsOf(`${FORM}.members`, 1, filter)).map(([id]) => id);

      expect(await idsOf({ status: 'flagged' })).toEqual(['r2', 'r2']);
      expect(await idsOf({ status: 'accepted' })).toEqual(['r1', 'r1', 'r3', 'r3']);
      expect(await idsOf({ updated_since: LONG_AGO })).toHaveLength(6);
      expect(await idsOf({ updated_since: THEN })).toEqual([]);
      const { export: stored } = await claim(
        proxy,
        await ask(proxy, { table: `${FORM}.members`, filter: { status: 'flagged' } }),
      );
      expect(stored.rows_total).toBe(2);
    });

    it('has no row of an erased response', async () => {
      await store(QUESTIONS);
      await save({ members: [{ name: 'Ama' }] }, { members: [{ name: 'Kofi' }] });
      const bound = await boundAfterAll();
      await proxy.call('eraseResponse', { response_id: 'r1' });

      const before = await readAll(proxy, bound, { table: `${FORM}.members` });

      expect(before).toEqual([['r2', 1, 'Kofi', null]]);
      expect(await rowsOf(`${FORM}.members`)).toEqual(before);
      expect(await rowsOf(`${FORM}.members`, 1, { status: 'erased' })).toEqual([]);
      expect((await tables())[1]?.rows).toBe(1);
    });

    it('follows the form: if a deleted form is created again, only its new repeats are tables', async () => {
      await store(QUESTIONS);
      await proxy.call('deleteForm', { form_id: FORM });
      await store([section('repeat', 'wells', [question('depth')])]);
      await save({ wells: [{ depth: '7' }] });

      expect((await tables()).map(({ name }) => name)).toEqual([FORM, `${FORM}.wells`]);
      expect(await rowsOf(`${FORM}.wells`, 2)).toEqual([['r1', 1, '7']]);
    });

    it('can be requested by its name; for another name, the reply has the repeats of that form', async () => {
      await store(QUESTIONS, { spreadsheet_id: '1'.repeat(20) });

      const found = await proxy.call('findTable', { table_name: `${FORM}.members.visits` });
      const unknown = await proxy.call('findTable', { table_name: `${FORM}.visits` });
      const other = await proxy.call('findTable', { table_name: 'clinics.visits' });

      expect(found).toEqual({
        outcome: 'found',
        table: { name: `${FORM}.members.visits`, spreadsheet_id: '1'.repeat(20) },
      });
      expect(unknown).toEqual({
        outcome: 'unknown',
        names: [FORM, `${FORM}.members`, `${FORM}.members.visits`, 'household_finances', ...SYSTEM_TABLES],
      });
      expect(other).toEqual({ outcome: 'unknown', names: [FORM, 'household_finances', ...SYSTEM_TABLES] });
    });

    it.each(['', '.', '.members', 'clinic.', 'clinic.members.', 'clinic.members.name', 'é.😀', 'flags.rule'])(
      'is not found by the name %j',
      async (name) => {
        await store(QUESTIONS);

        expect(await proxy.call('findTable', { table_name: name })).toMatchObject({ outcome: 'unknown' });
      },
    );

    it('can be exported even if its name and the names of the repeats around it have the maximum length', async () => {
      const name = (level: number) => `${level}`.padStart(63, 'n');
      const innermost = section('repeat', name(5), [question('depth')]);
      const nested = [4, 3, 2, 1].reduce((inner, level) => section('repeat', name(level), [inner]), innermost);
      const formId = 'f'.repeat(63);
      await proxy.call('putForm', { form_id: formId, definition: { title: 'Deep', questions: [nested] } });
      const table = [formId, ...[1, 2, 3, 4, 5].map(name)].join('.');

      const request = { spreadsheet_id: '1'.repeat(120), format: { csv: true, sheet: true }, filter: {} };
      const by = { token_id: null, source_ip: '127.0.0.1' };
      const { export: stored } = await proxy.call('requestExport', {
        export_id: randomUUID(),
        table_name: table,
        request,
        by,
      });

      expect(await proxy.call('getExport', { export_id: stored.export_id })).toMatchObject({
        export: { table_name: table },
      });
      expect(await claim(proxy, stored.export_id)).toMatchObject({ table: { name: table, rows: 0 } });
    });
  });

  describe('pages', () => {
    longTest(
      'can end inside a response: 1,000 entries without answers have more cells than Lambda returns',
      async () => {
        const sparse = Array.from({ length: 1_300 }, (_, index) => question(`q${index}`));
        await store([section('repeat', 'members', [...sparse, VISITS])]);
        const members = Array.from({ length: 1_000 }, (_, index) => ({ q7: `answer ${index}`, visits: [{}, {}] }));
        await save({ members }, { members: [{ q7: 'last' }] });

        // The in-process proxy refuses a reply of more than Lambda's 6 MB.
        const rows = await rowsOf(`${FORM}.members`);

        const q7 = 9;
        expect(rows.map((row) => `${row[0]} ${row[1]} ${row[q7]}`)).toEqual([
          ...members.map((_, index) => `r1 ${index + 1} answer ${index}`),
          'r2 1 last',
        ]);
        expect(await rowsOf(`${FORM}.members.visits`)).toHaveLength(2_000);
      },
    );

    it('fit into replies if the answers are large and full of quotes', async () => {
      await store(QUESTIONS);
      const members = Array.from({ length: 100 }, () => ({ name: '"\\'.repeat(500) }));
      await save(...Array.from({ length: 30 }, () => ({ members })));

      const rows = await rowsOf(`${FORM}.members`);

      expect(rows).toHaveLength(3_000);
      expect(new Set(rows.map(([id, position]) => `${id} ${position}`)).size).toBe(3_000);
    });
  });

  describe('the number of rows', () => {
    it('counts only the entries of lists, even if the keys have quotes, brackets and blanks', async () => {
      const key = `he said "a\\b".[0] $ ' é 😀 %s ? /`;
      const inner = section('repeat', 'visits', [question('on')], { key });
      await store([section('group', 'house', [section('repeat', 'members', [inner], { key })], { key })]);
      await save(
        {},
        { [key]: 'text' },
        { [key]: { [key]: 'text' } },
        { [key]: { [key]: { [key]: [1] } } },
        { [key]: [{ [key]: [{}] }] },
        { [key]: { [key]: ['text', null, 3, [{ [key]: [1] }], { [key]: 'text' }, { [key]: { [key]: [1] } }] } },
        { [key]: { [key]: [{ [key]: [1, 2] }, {}, { [key]: [] }, { [key]: [{}] }] } },
      );

      const counts = (await tables()).map(({ rows }) => rows);

      expect(counts).toEqual([7, 10, 3]);
      expect(await rowsOf(`${FORM}.house.members`)).toHaveLength(10);
      expect(await rowsOf(`${FORM}.house.members.visits`)).toHaveLength(3);
    });

    it('is estimated from about 1,000 responses if a form has more', async () => {
      await store(QUESTIONS);
      const other = incoming({ response: {} });
      // Every second id belongs to another form.
      const responses = Array.from({ length: 1_500 }, () => [
        response({ members: [{}, {}, {}] }),
        { ...other, response_id: randomUUID() },
      ]).flat();
      for (let start = 0; start < responses.length; start += 500) {
        await proxy.call('saveResponses', { responses: responses.slice(start, start + 500) });
      }

      expect((await tables()).map(({ rows }) => rows)).toEqual([1_500, 4_500, 0]);
    });
  });

  it('are exported like a plain flattening of any responses', async () => {
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(undefined));
    const visits = fc.option(fc.array(fc.record({ on: scalar }, { requiredKeys: [] }), { maxLength: 3 }), {
      nil: undefined,
    });
    const member = fc.record(
      { name: scalar, age: scalar, more: fc.record({ sex: scalar, visits }, { requiredKeys: [] }) },
      { requiredKeys: [] },
    );
    const members = fc.array(member, { maxLength: 4 });
    const answers = fc.record({ village: scalar, house: fc.record({ roof: scalar, members }, { requiredKeys: [] }) });
    const inner = section('repeat', 'visits', [question('on')]);
    const inMember = [question('name'), section('group', 'more', [question('sex'), inner]), question('age')];
    const questions = [
      question('village'),
      section('group', 'house', [question('roof'), section('repeat', 'members', inMember)]),
    ];
    const cellOf = (value: unknown): Cell =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;

    await fc.assert(
      fc.asyncProperty(fc.array(answers, { maxLength: 5 }), async (all) => {
        await emptyTables(proxy.database);
        order = 0;
        await store(questions);
        await save(...all);

        const expected: { form: Cell[][]; members: Cell[][]; visits: Cell[][] } = { form: [], members: [], visits: [] };
        for (const [index, { village, house }] of all.entries()) {
          const id = `r${index + 1}`;
          expected.form.push([village, house.roof].map(cellOf));
          for (const [at, { name, more, age }] of (house.members ?? []).entries()) {
            expected.members.push([id, at + 1, ...[name, more?.sex, age].map(cellOf)]);
            for (const [visit, { on }] of (more?.visits ?? []).entries()) {
              expected.visits.push([id, at + 1, visit + 1, cellOf(on)]);
            }
          }
        }
        expect({
          form: (await rowsOf(FORM)).map((row) => row.slice(FIXED)),
          members: await rowsOf(`${FORM}.house.members`),
          visits: await rowsOf(`${FORM}.house.members.more.visits`),
        }).toEqual(expected);
        expect((await tables()).map(({ rows }) => rows)).toEqual(Object.values(expected).map(({ length }) => length));
      }),
      runs(50),
    );
  });
});
