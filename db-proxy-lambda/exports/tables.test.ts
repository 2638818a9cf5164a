import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { sql, type Transaction } from 'kysely';
import { databaseKinds, describeOnServers } from '../../tests/support/databases.ts';
import { ask, claim, emptyTables, readAll, TABLE } from '../../tests/support/exports.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { recordStatements, type RecordedStatement } from '../../tests/support/statements.ts';
import { FOOD, household, incoming, INCOME, SAVINGS } from '../../tests/support/responses.ts';
import { longTest } from '../../tests/support/thorough.ts';
import householdFinances from '../../forms/definition/household-finances.json' with { type: 'json' };
import { METADATA } from '../../forms/definition/metadata.ts';
import {
  SYSTEM_TABLES,
  type Cell,
  type ExportBound,
  type IncomingResponse,
  type Input,
  type Result,
} from '../contract.ts';
import type { Database } from '../database/database.ts';
import { openDatabase } from '../database/open-database.ts';
import type { Schema } from '../database/schema.ts';
import { insertFiles } from '../attachments/queries.ts';
import { recordEvent } from '../audit/queries.ts';
import { keepLateRevision } from '../responses/late-revision-queries.ts';
import { insertResponses, replaceRevision } from '../responses/queries.ts';
import { insertTasks } from '../tasks/queries.ts';
import { insertExport } from './queries.ts';
import type { TableWithIds } from './table-queries.ts';

const INNODB_TRX_IDLE_MS = 150;
const LONG_AGO = '2020-01-01T00:00:00.000Z';
const THEN = '2021-01-01T00:00:00.000Z';
const unreadable = { definition: '"not a form"', created_at: LONG_AGO };
const hashOf = (index: number) => index.toString(16).padStart(64, '0');
const flag = (rule: string) => ({ rule, message: `${rule} is not met.`, questions: [FOOD, INCOME], values: {} });

describe.each(databaseKinds)('tables on %s', (kind) => {
  let proxy: InProcessProxy;

  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  beforeEach(() => emptyTables(proxy.database));
  afterAll(() => proxy.stop());

  async function save(...responses: IncomingResponse[]): Promise<void> {
    for (const response of responses) await proxy.call('saveResponses', { responses: [response] });
  }

  /** Responses `r1`, `r2`, ... in order of arrival. */
  function numbered(count: number, answers: Record<string, unknown> = {}): IncomingResponse[] {
    return Array.from({ length: count }, (_, index) => {
      const response = household({ response_id: `r${index + 1}`, ...answers });
      return incoming({ response_id: `r${index + 1}`, response });
    });
  }

  /** A later revision. */
  function corrected(id: string, minute: number, changes: Partial<IncomingResponse> = {}): IncomingResponse {
    const at = `2026-09-01T07:${String(minute).padStart(2, '0')}:00Z`;
    const response = household({ response_id: id, last_modified_time: at, name: `corrected at ${minute}` });
    return incoming({ response_id: id, at, response, ...changes });
  }

  /** Sets all stored rows to an old time, and returns a bound between them and all later rows. */
  async function boundAfterAll(): Promise<ExportBound> {
    const { db } = proxy.database;
    await db.updateTable('responses').set({ updated_at: LONG_AGO, created_at: LONG_AGO }).execute();
    await db.updateTable('response_revisions').set({ saved_at: LONG_AGO }).execute();
    await db.updateTable('attachments').set({ created_at: LONG_AGO }).execute();
    const { id } = await db
      .selectFrom('responses')
      .select((eb) => eb.fn.max('id').as('id'))
      .executeTakeFirstOrThrow();
    return { max_id: id ?? 0, at: THEN, form_version: 1 };
  }

  async function columnsOf(table: string) {
    const { tables } = await proxy.call('listTables', { count_rows: true });
    const found = tables.find(({ name }) => name === table);
    if (found === undefined) throw new Error(`There is no table ${table}.`);
    return found;
  }

  async function column(rows: readonly Cell[][], name: string, table = TABLE): Promise<Cell[]> {
    const { columns } = await columnsOf(table);
    const index = columns.findIndex((each) => each.name === name);
    return rows.map((row) => row[index] ?? null);
  }

  describe('the table of a form', () => {
    it('has metadata, then status and flags, then every question verbatim in the form’s order', async () => {
      const { columns } = await columnsOf(TABLE);

      expect(columns.map(({ name }) => name)).toEqual([
        ...METADATA.map(({ key }) => key),
        'revision',
        'status',
        'flags',
        'form_version',
        'saved_at',
        ...householdFinances.questions.map(({ key }) => key),
      ]);
      expect(columns.find(({ name }) => name === INCOME)?.type).toBe('number');
      expect(columns.find(({ name }) => name === 'submitted_time')?.type).toBe('time');
    });

    it('returns amounts as they were stored: text as text, numbers as numbers', async () => {
      const response = household({ response_id: 'r1', [INCOME]: '758.10', [SAVINGS]: 12.5 });
      await save(incoming({ response_id: 'r1', response }));

      const rows = await readAll(proxy, await boundAfterAll());

      expect(await column(rows, INCOME)).toEqual(['758.10']);
      expect(await column(rows, SAVINGS)).toEqual([12.5]);
    });

    it('names the rules that a flagged response breaks, and no rule of an accepted response', async () => {
      const flags = [flag('Rule1'), flag('Rule2'), flag('Rule1')];
      await save(incoming({ status: 'flagged', flags, response: household() }), incoming({ response: household() }));

      const rows = await readAll(proxy, await boundAfterAll());

      expect(await column(rows, 'flags')).toEqual(['Rule1, Rule2', '']);
    });

    it('leaves a question without an answer empty', async () => {
      const { email: _left, ...response } = household({ response_id: 'r1' });
      await save(incoming({ response_id: 'r1', response }));

      const rows = await readAll(proxy, await boundAfterAll());

      expect(await column(rows, 'email')).toEqual([null]);
    });

    it('has columns for the questions of earlier versions, after those of the last', async () => {
      const questions = householdFinances.questions.filter(({ key }) => key !== 'age');
      const added = { key: 'roof', column: 'roof', type: 'text', required: false };
      const definition = { ...householdFinances, questions: [...questions, added] };
      await save(...numbered(1));
      await proxy.call('putForm', { form_id: TABLE, definition });

      const { columns } = await columnsOf(TABLE);
      const rows = await readAll(proxy, { ...(await boundAfterAll()), form_version: 2 });

      expect(columns.slice(-2).map(({ name }) => name)).toEqual(['roof', 'age']);
      expect(await column(rows, 'age')).toEqual([40]);
    });

    it('describes a column by its question’s key, name and label, in English or else in its first language', async () => {
      const questions = [
        { name: 'depth', key: 'How deep?', type: 'decimal', label: 'How\ndeep?  ' },
        { name: 'place', key: 'place', type: 'geopoint', label: { fr: 'Où ?', en: 'Where?' } },
        { name: 'used', key: 'used', type: 'boolean', label: { fr: 'Utilisé ?' } },
        { name: 'notes', key: 'notes', type: 'text' },
      ];
      await proxy.call('putForm', { form_id: 'wells', definition: { title: 'Wells', questions } });

      const { columns } = await columnsOf('wells');

      expect(columns.slice(-7)).toEqual([
        { name: 'How deep?', short_name: 'depth', label: 'How deep?', type: 'number' },
        { name: 'place_latitude', label: 'Where? latitude', type: 'number' },
        { name: 'place_longitude', label: 'Where? longitude', type: 'number' },
        { name: 'place_altitude', label: 'Where? altitude', type: 'number' },
        { name: 'place_accuracy', label: 'Where? accuracy', type: 'number' },
        { name: 'used', label: 'Utilisé ?', type: 'boolean' },
        { name: 'notes', type: 'text' },
      ]);
    });

    describe('with a column for each option', () => {
      const answers: Record<string, unknown> = {
        list: ['rash', 'fever'],
        none: [],
        removed: ['cough'],
        text: 'fever',
        number: 5,
        unanswered: undefined,
      };
      const symptoms = { name: 'symptoms', key: 'Which?', type: 'select_multiple' };

      async function putForms() {
        const earlier = [
          { key: 'used', name: 'used', type: 'select_multiple', options: ['yes'] },
          { ...symptoms, name: 'signs', options: ['cough', 'fever'] },
        ];
        const last = { ...symptoms, options: ['fever', { name: 'rash', label: { fr: 'Éruption', en: 'A\nrash' } }] };
        const place = { key: 'place', name: 'place', type: 'select_one', options: ['north'] };
        for (const questions of [earlier, [{ ...last, label: 'Which symptoms?' }, place]]) {
          await proxy.call('putForm', { form_id: 'visits', definition: { title: 'Visits', questions } });
        }
      }
      const claimVisits = async () => claim(proxy, await ask(proxy, { table: 'visits', option_columns: true }));

      it('describes these columns after the question’s own; options of earlier versions come last', async () => {
        await putForms();

        const { table } = await claimVisits();

        expect(table.columns.slice(-7)).toEqual([
          { name: 'Which?', short_name: 'symptoms', label: 'Which symptoms?', type: 'text' },
          { name: 'Which?/fever', short_name: 'symptoms/fever', label: 'Which symptoms?/fever', type: 'number' },
          { name: 'Which?/rash', short_name: 'symptoms/rash', label: 'Which symptoms?/A rash', type: 'number' },
          { name: 'Which?/cough', short_name: 'symptoms/cough', label: 'Which symptoms?/cough', type: 'number' },
          { name: 'place', type: 'text' },
          { name: 'used', type: 'text' },
          { name: 'used/yes', type: 'number' },
        ]);
      });

      it('heads these columns with the question’s key if only the option has a label', async () => {
        const options = ['fever', { name: 'rash', label: 'A rash' }];
        await proxy.call('putForm', {
          form_id: 'visits',
          definition: { title: 'Visits', questions: [{ ...symptoms, options }] },
        });

        const { table } = await claimVisits();

        expect(table.columns.slice(-2)).toEqual([
          { name: 'Which?/fever', short_name: 'symptoms/fever', type: 'number' },
          { name: 'Which?/rash', short_name: 'symptoms/rash', label: 'Which?/A rash', type: 'number' },
        ]);
      });

      it('has 1 for each option of the answer, 0 for the others, and empty cells if there is no answer', async () => {
        await putForms();
        await save(
          ...Object.entries(answers).map(([id, answer]) => {
            const response = { ...household({ response_id: id }), 'Which?': answer };
            return incoming({ response_id: id, form_id: 'visits', response });
          }),
        );
        await proxy.call('eraseResponse', { response_id: 'removed' });
        const bound = { ...(await boundAfterAll()), form_version: 2 };

        const rows = await readAll(proxy, bound, { table: 'visits', option_columns: true });
        const without = await readAll(proxy, bound, { table: 'visits' });

        const { table } = await claimVisits();
        expect(rows.every((row) => row.length === table.columns.length)).toBe(true);
        expect(Object.fromEntries(rows.map((row) => [row[0], row.slice(-7)]))).toEqual({
          list: ['rash fever', 1, 1, 0, null, null, null],
          none: ['', 0, 0, 0, null, null, null],
          removed: [null, null, null, null, null, null, null],
          text: ['fever', 1, 0, 0, null, null, null],
          number: [5, null, null, null, null, null, null],
          unanswered: [null, null, null, null, null, null, null],
        });
        expect(without.map((row) => row.length)).toEqual(rows.map((row) => row.length - 4));
      });

      it('fails if there are too many columns for a reply, and says so', async () => {
        const questions = Array.from({ length: 60 }, (_, index) => ({
          key: `${index} ${'k'.repeat(190)}`,
          name: `q${index}`,
          type: 'select_multiple',
          options: Array.from({ length: 500 }, (_each, option) => `${option}`),
        }));
        await proxy.call('putForm', { form_id: 'visits', definition: { title: 'Visits', questions } });
        const exportId = await ask(proxy, { table: 'visits', option_columns: true });

        await expect(claim(proxy, exportId)).rejects.toThrow('finished');

        const { export: stored } = await proxy.call('getExport', { export_id: exportId });
        expect(stored).toMatchObject({
          status: 'failed',
          error: 'The table would have 30073 columns, which are too many. Request the export without option_columns.',
        });
        expect((await claim(proxy, await ask(proxy, { table: 'visits' }))).table.columns).toHaveLength(73);
      });
    });

    it('cuts a long label between characters', async () => {
      const label = '😀'.repeat(199) + 'é😀';
      const questions = [{ name: 'depth', key: 'depth', type: 'decimal', label: `How deep? ${label}` }];
      await proxy.call('putForm', { form_id: 'wells', definition: { title: 'Wells', questions } });

      const { columns } = await columnsOf('wells');

      expect(columns.at(-1)?.label).toBe(`How deep? ${'😀'.repeat(190)}`);
    });

    it('reads no definition for the second page', async () => {
      await save(...numbered(2));
      await proxy.call('putForm', { form_id: TABLE, definition: { ...householdFinances, title: 'Two versions' } });
      const page = {
        table_name: TABLE,
        bound: { ...(await boundAfterAll()), form_version: 2 },
        filter: {},
        after: null,
      };

      const first = await recordStatements(proxy.database, 'readTable', page);
      const second = await recordStatements(proxy.database, 'readTable', { ...page, after: '1' });

      const reads = (recorded: RecordedStatement[]) =>
        recorded.filter(({ statement }) => statement.sql.includes('definition')).length;
      expect([reads(first), reads(second)]).toEqual([1, 0]);
    });

    longTest('has pages that Lambda can return, even if most of its 2,000 questions are unanswered', async () => {
      const questions = Array.from({ length: 2_000 }, (_, index) => ({
        key: `question ${index}`,
        column: `q${index}`,
        type: 'text',
        required: false,
      }));
      await proxy.call('putForm', { form_id: 'sparse', definition: { title: 'Sparse', questions } });
      const responses = numbered(620).map((each) => ({ ...each, form_id: 'sparse' }));
      await proxy.call('saveResponses', { responses });
      const bound = await boundAfterAll();

      const first = await proxy.call('readTable', { table_name: 'sparse', bound, filter: {}, after: null });

      expect(JSON.stringify(first).length).toBeLessThan(4_000_000);
      expect(await column(first.rows, 'response_id', 'sparse')).toEqual(
        responses.slice(0, first.rows.length).map(({ response_id: id }) => id),
      );
      expect(first.next).not.toBeNull();
    });

    it('has short names for its questions', async () => {
      const { columns } = await columnsOf(TABLE);

      expect(columns.find(({ name }) => name === INCOME)?.short_name).toBe('monthly_income');
      expect(columns.filter(({ name }) => name === 'user_id' || name === 'age')).toEqual([
        { name: 'user_id', type: 'text' },
        { name: 'age', type: 'number' },
      ]);
    });

    it('keeps the columns of the bound when a new version is stored', async () => {
      await save(...numbered(1));
      const bound = await boundAfterAll();
      const before = await columnsOf(TABLE);
      const added = { key: 'roof', column: 'roof', type: 'text', required: false };
      const definition = { ...householdFinances, questions: [added, ...householdFinances.questions] };
      await proxy.call('putForm', { form_id: TABLE, definition });

      const [row] = await readAll(proxy, bound);

      expect(row).toHaveLength(before.columns.length);
    });
  });

  describe('the responses at the bound', () => {
    const LARGE = { name: 'x'.repeat(100_000) };

    it('are complete and in order of arrival, in pages', async () => {
      await save(...numbered(50, LARGE));
      const bound = await boundAfterAll();

      const first = await proxy.call('readTable', { table_name: TABLE, bound, filter: {}, after: null });
      const rows = await readAll(proxy, bound);

      expect(first.rows.length).toBeLessThan(50);
      expect(await column(rows, 'response_id')).toEqual(numbered(50).map((each) => each.response_id));
    });

    it('do not change when responses are inserted and changed between pages', async () => {
      await save(...numbered(60, LARGE));
      const bound = await boundAfterAll();
      const before = await readAll(proxy, bound);

      const during: Cell[][] = [];
      let after: string | null = null;
      for (let page = 0; page === 0 || after !== null; page += 1) {
        const read: Result<'readTable'> = await proxy.call('readTable', {
          table_name: TABLE,
          bound,
          filter: {},
          after,
        });
        during.push(...read.rows);
        after = read.next;
        // Changes a response that was read already and one that was not, adds a new response, and changes `r30` again.
        await save(corrected(`r${page + 1}`, 1), corrected(`r${60 - page}`, 2), incoming(), corrected('r30', page + 3));
      }

      expect(during).toEqual(before);
      expect(await readAll(proxy, bound)).toEqual(before);
    });

    it('are filtered by their status at the bound, not by the current one', async () => {
      const flagged: Partial<IncomingResponse> = { status: 'flagged', flags: [flag('Rule1')] };
      const [r1, r2, r3, r4] = numbered(4);
      if (!r1 || !r2 || !r3 || !r4) throw new Error('Four were made.');
      await save(r1, { ...r2, ...flagged }, r3, { ...r4, ...flagged });
      const bound = await boundAfterAll();
      await save(corrected('r1', 1, flagged), corrected('r2', 1));

      const ids = async (status: 'accepted' | 'flagged') =>
        column(await readAll(proxy, bound, { filter: { status } }), 'response_id');

      expect(await ids('flagged')).toEqual(['r2', 'r4']);
      expect(await ids('accepted')).toEqual(['r1', 'r3']);
    });

    it('are filtered by their time at the bound', async () => {
      await save(...numbered(3));
      const bound = await boundAfterAll();
      const { db } = proxy.database;
      await db
        .updateTable('responses')
        .set({ updated_at: '2020-06-01T00:00:00.000Z' })
        .where('response_id', '=', 'r2')
        .execute();
      await save(corrected('r3', 1));

      const rows = await readAll(proxy, bound, { filter: { updated_since: '2020-03-01T00:00:00.000Z' } });

      expect(await column(rows, 'response_id')).toEqual(['r2']);
    });

    it('have the last of several revisions before the bound', async () => {
      await save(...numbered(1), corrected('r1', 1), corrected('r1', 2));
      const bound = await boundAfterAll();
      await save(corrected('r1', 3), corrected('r1', 4));

      const rows = await readAll(proxy, bound);

      expect(await column(rows, 'revision')).toEqual([3]);
      expect(await column(rows, 'name')).toEqual(['corrected at 2']);
    });

    it.each([
      ['of many bytes', 'x'.repeat(10_000)],
      ['of three bytes a character', '数'.repeat(4_000)],
      ['that JSON escapes', '"\\'.repeat(3_000)],
    ])('with answers %s fit into replies', async (_what, name) => {
      const responses = numbered(1_000, { name });
      for (let start = 0; start < 1_000; start += 100) {
        await proxy.call('saveResponses', { responses: responses.slice(start, start + 100) });
      }

      // The in-process proxy refuses a reply of more than Lambda's 6 MB.
      const bound = await boundAfterAll();
      const rows = await readAll(proxy, bound);
      const revisions = await readAll(proxy, bound, { table: 'revisions' });

      expect([rows.length, revisions.length]).toEqual([1_000, 1_000]);
    });
  });

  describe('the revisions', () => {
    it('are complete at the bound, oldest first within a response', async () => {
      await save(...numbered(2), corrected('r1', 1), corrected('r1', 2), ...numbered(3).slice(2), corrected('r2', 1));
      const bound = await boundAfterAll();
      const { rows: count } = await columnsOf('revisions');
      await save(corrected('r1', 3), corrected('r3', 1));

      const rows = await readAll(proxy, bound, { table: 'revisions' });

      expect(rows.map((row) => `${row[0]} ${row[4]}`)).toEqual(['r1 1', 'r1 2', 'r1 3', 'r2 1', 'r2 2', 'r3 1']);
      expect(count).toBe(6);
    });

    it('of one response can fill several pages', async () => {
      const large = (minute: number) => ({
        response: household({ response_id: 'r2', name: `${minute}${'x'.repeat(200_000)}` }),
      });
      const [r1, r2, r3] = numbered(3);
      if (!r1 || !r2 || !r3) throw new Error('Three were made.');
      await save(r1, { ...r2, ...large(0) });
      for (let minute = 1; minute < 55; minute += 1) await save(corrected('r2', minute, large(minute)));
      await save(r3, corrected('r3', 1));

      const rows = await readAll(proxy, await boundAfterAll(), { table: 'revisions' });

      const expected = ['r1 1', ...Array.from({ length: 55 }, (_, index) => `r2 ${index + 1}`), 'r3 1', 'r3 2'];
      expect(rows.map((row) => `${row[0]} ${row[4]}`)).toEqual(expected);
    });

    it('are filtered by status and time', async () => {
      await save(...numbered(1), corrected('r1', 1, { status: 'flagged', flags: [flag('Rule1')] }), corrected('r1', 2));
      const bound = await boundAfterAll();

      const flagged = await readAll(proxy, bound, { table: 'revisions', filter: { status: 'flagged' } });
      const later = await readAll(proxy, bound, { table: 'revisions', filter: { updated_since: THEN } });

      expect(flagged.map((row) => row[4])).toEqual([2]);
      expect(later).toEqual([]);
    });
  });

  describe('the flags', () => {
    it('are one row each, and are counted', async () => {
      const two: Partial<IncomingResponse> = { status: 'flagged', flags: [flag('Rule1'), flag('Rule2')] };
      const [r1, r2, r3] = numbered(3);
      if (!r1 || !r2 || !r3) throw new Error('Three were made.');
      await save({ ...r1, ...two }, r2, { ...r3, status: 'flagged', flags: [flag('Rule2')] });
      const bound = await boundAfterAll();
      const { rows: count } = await columnsOf('flags');
      await save(corrected('r1', 1));

      const rows = await readAll(proxy, bound, { table: 'flags' });

      expect(rows.map((row) => `${row[0]} ${row[6]}`)).toEqual(['r1 Rule1', 'r1 Rule2', 'r3 Rule2']);
      expect(rows[0]?.slice(7)).toEqual(['Rule1 is not met.', `${FOOD}; ${INCOME}`, null, false]);
      expect(count).toBe(3);
    });

    it('have no row for an accepted response', async () => {
      await save({ ...incoming(), status: 'flagged', flags: [flag('Rule1')] });

      const rows = await readAll(proxy, await boundAfterAll(), { table: 'flags', filter: { status: 'accepted' } });

      expect(rows).toEqual([]);
    });
  });

  describe('the late revisions', () => {
    const tooLate = (id: string, minute: number, changes: Partial<IncomingResponse> = {}) =>
      incoming({ response_id: id, at: `2026-08-01T06:${String(minute).padStart(2, '0')}:00Z`, ...changes });
    const saveLate = (...responses: IncomingResponse[]) => proxy.call('saveResponses', { responses, late: true });
    const positions = async (bound: ExportBound, filter: Input<'readTable'>['filter'] = {}) =>
      (await readAll(proxy, bound, { table: 'late_revisions', filter })).map((row) => `${row[0]} ${row[5]}`);

    it('are listed in order of arrival, up to the bound', async () => {
      await save(...numbered(2));
      await saveLate(tooLate('r2', 2), tooLate('r1', 3));
      await proxy.database.db.updateTable('late_revisions').set({ saved_at: LONG_AGO }).execute();
      const bound = await boundAfterAll();
      await saveLate(tooLate('r1', 1));

      expect(await positions(bound)).toEqual(['r2 2026-08-01T06:02:00Z', 'r1 2026-08-01T06:03:00Z']);
      expect(await columnsOf('late_revisions')).toMatchObject({ rows: 3 });
    });

    it('are filtered by status and time', async () => {
      await save(...numbered(1));
      await saveLate(tooLate('r1', 1, { status: 'flagged', flags: [flag('Rule1')] }), tooLate('r1', 2));
      const bound = { ...(await boundAfterAll()), at: new Date().toISOString() };

      expect(await positions(bound, { status: 'flagged' })).toEqual(['r1 2026-08-01T06:01:00Z']);
      expect(await positions(bound, { status: 'erased' })).toEqual([]);
      expect(await positions(bound, { updated_since: THEN })).toHaveLength(2);
      expect(await positions(bound, { updated_since: '2999-01-01T00:00:00.000Z' })).toEqual([]);
    });

    it('come in pages that are cut by rows and by bytes', async () => {
      await save(...numbered(1));
      const small = Array.from({ length: 130 }, (_, index) => tooLate('r1', 0, { content_hash: hashOf(index) }));
      const large = Array.from({ length: 20 }, (_, index) =>
        tooLate('r1', 1, { content_hash: hashOf(1_000 + index), response: { text: 'x'.repeat(200_000) } }),
      );
      await saveLate(...small);
      await saveLate(...large);

      expect(await positions({ ...(await boundAfterAll()), at: new Date().toISOString() })).toHaveLength(150);
    });
  });

  describe('an erased response', () => {
    const SECRET = 'secret-4711';
    const answers = { name: SECRET, [FOOD]: 4711 };
    const erase = (responseId: string) => proxy.call('eraseResponse', { response_id: responseId });
    const all: Input<'readTable'>['filter'][] = [
      {},
      { status: 'erased' },
      { status: 'flagged' },
      { status: 'accepted' },
      { updated_since: LONG_AGO },
    ];

    /** Saves `r1` to `r3`; `r2` has a history, flags, a late revision and a task. */
    async function saveThree(): Promise<void> {
      const flags = [{ ...flag('Rule1'), message: SECRET }];
      const flagged: Partial<IncomingResponse> = { status: 'flagged', flags };
      const [r1, r2, r3] = numbered(3, answers);
      if (!r1 || !r2 || !r3) throw new Error('Three were made.');
      const response = household({ response_id: 'r2', ...answers });
      await save(r1, { ...r2, ...flagged }, corrected('r2', 1, { ...flagged, response }), r3);
      await proxy.call('saveResponses', {
        responses: [incoming({ response_id: 'r2', at: '2026-08-01T06:00:00Z', response })],
        late: true,
      });
      await proxy.call('followUpResponse', {
        response_id: 'r2',
        revision: 2,
        type: 'flagged',
        user_id: 'collector-1',
        task_date: '2026-09-01',
        description: SECRET,
      });
    }

    it('is a row of its form in the next export, with its status and without answers', async () => {
      await saveThree();
      await erase('r2');

      const rows = await readAll(proxy, await boundAfterAll());

      expect(await column(rows, 'response_id')).toEqual(['r1', 'r2', 'r3']);
      const { columns } = await columnsOf(TABLE);
      const cells = columns.map(({ name }, index): [string, Cell] => [name, rows[1]?.[index] ?? null]);
      expect(cells.filter(([, cell]) => cell !== null && cell !== '')).toEqual([
        ['response_id', 'r2'],
        ['user_id', 'collector-1'],
        ['revision', 3],
        ['status', 'erased'],
        ['form_version', 1],
        ['saved_at', LONG_AGO],
      ]);
    });

    it('shows no answer in an export that began before the erasure, in any table, with any filter', async () => {
      await saveThree();
      await proxy.database.db.updateTable('late_revisions').set({ saved_at: LONG_AGO }).execute();
      const bound = await boundAfterAll();
      const before = await readAll(proxy, bound);
      await erase('r2');
      await proxy.database.db.deleteFrom('responses').where('response_id', 'in', ['r1', 'r3']).execute();

      const tables = [TABLE, ...SYSTEM_TABLES];
      const later = { ...bound, at: new Date(Date.now() + 1_000).toISOString() };
      const read = await Promise.all(
        tables.flatMap((table) =>
          all.flatMap((filter) => [bound, later].map((each) => readAll(proxy, each, { table, filter }))),
        ),
      );

      expect(before).toHaveLength(3);
      expect(await column(await readAll(proxy, bound), 'status')).toEqual(['erased']);
      expect(JSON.stringify(read)).not.toMatch(/4711/);
    });

    it('is found by a filter for the status `erased`, and by no other status', async () => {
      await saveThree();
      await erase('r2');
      const bound = await boundAfterAll();
      const ids = async (status: 'accepted' | 'flagged' | 'erased') =>
        column(await readAll(proxy, bound, { filter: { status } }), 'response_id');

      expect(await ids('erased')).toEqual(['r2']);
      expect(await ids('flagged')).toEqual([]);
      expect(await ids('accepted')).toEqual(['r1', 'r3']);
    });

    it('is excluded from revisions, flags and late revisions, and from their counts', async () => {
      await saveThree();
      await erase('r2');
      const bound = await boundAfterAll();

      const rows = async (table: string) => (await readAll(proxy, bound, { table })).map((row) => row[0]);

      expect(await rows('revisions')).toEqual(['r1', 'r3']);
      expect(await columnsOf('revisions')).toMatchObject({ rows: 2 });
      expect(await rows('flags')).toEqual([]);
      expect(await columnsOf('flags')).toMatchObject({ rows: 0 });
      expect(await rows('late_revisions')).toEqual([]);
    });
  });

  describe('the exports', () => {
    it('have the state that they had at the bound', async () => {
      const done = await ask(proxy, { table: 'flags' });
      await claim(proxy, done);
      const end = { holder: 'worker-1', status: 'succeeded', csv: null, sheet: null, error: null } as const;
      await proxy.call('finishExport', { export_id: done, ...end });
      const own = await ask(proxy, { table: 'exports' });
      const { bound } = await claim(proxy, own);
      const at = new Date(Date.parse(bound.at) + 1).toISOString();
      const before = await readAll(proxy, { ...bound, at }, { table: 'exports' });
      await proxy.database.db
        .updateTable('exports')
        .set({ status: 'failed', rows_done: 5, error: 'late', finished_at: '2999-01-01T00:00:00.000Z' })
        .where('export_id', '=', own)
        .execute();

      const after = await readAll(proxy, { ...bound, at }, { table: 'exports' });

      expect(after).toEqual(before);
      expect(new Map(after.map((row) => [row[0], row[2]]))).toEqual(
        new Map([
          [done, 'succeeded'],
          [own, 'running'],
        ]),
      );
    });

    it('come in pages, however many there are', async () => {
      const exportId = await ask(proxy);
      const { db } = proxy.database;
      const row = await db
        .selectFrom('exports')
        .selectAll()
        .where('export_id', '=', exportId)
        .executeTakeFirstOrThrow();
      const copies = Array.from({ length: 2_500 }, (_, index) => {
        const second = String(index % 50).padStart(2, '0');
        return { ...row, export_id: randomUUID(), active_key: null, created_at: `2020-01-01T00:00:${second}.000Z` };
      });
      for (let start = 0; start < copies.length; start += 500) {
        await db
          .insertInto('exports')
          .values(copies.slice(start, start + 500))
          .execute();
      }

      const bound = { max_id: 0, at: THEN, form_version: 0 };
      const rows = await readAll(proxy, bound, { table: 'exports' });

      const keys = rows.map(([id, , , , at]) => `${String(at)} ${String(id)}`);
      expect(new Set(keys).size).toBe(2_500);
      expect(keys).toEqual(keys.toSorted());
    });
  });

  describe('the attachments', () => {
    it('are one row for each file of a stored response, with the path that links to it', async () => {
      const file = { name: 'a.jpg', object_key: 'responses/a', sha256: 'a'.repeat(64), bytes: 3, type: 'image/jpeg' };
      await save(...numbered(2));
      await proxy.call('addAttachments', { response_id: 'r1', files: [file] });
      await proxy.call('addAttachments', { response_id: 'not yet', files: [file] });

      const rows = await readAll(proxy, await boundAfterAll(), { table: 'attachments' });

      const link = '/responses/r1/attachments';
      expect(rows).toEqual([['r1', TABLE, 'a.jpg', 'image/jpeg', 3, file.sha256, LONG_AGO, link]]);
    });
  });

  describe('the audit', () => {
    it('has the events up to the bound, oldest first', async () => {
      const by = { token_id: randomUUID(), source_ip: '192.0.2.1' };
      await save(...numbered(2));
      await proxy.call('eraseResponse', { response_id: 'r2', by });
      await proxy.database.db.updateTable('audit_events').set({ at: LONG_AGO }).execute();
      await proxy.call('eraseResponse', { response_id: 'r1', by });

      const rows = await readAll(proxy, await boundAfterAll(), { table: 'audit_events' });

      expect(rows.map(([, ...row]) => row)).toEqual([
        [LONG_AGO, by.token_id, null, 'response_erased', 'response', 'r2', null, '192.0.2.1'],
      ]);
      expect(await columnsOf('audit_events')).toMatchObject({ rows: 2 });
    });
  });

  describe('one table', () => {
    it('is found without reading any other form, or an earlier version of its own', async () => {
      const sheet = { title: 'Crops', spreadsheet_id: 'a-spreadsheet-of-crops' };
      await proxy.call('putForm', { form_id: 'crops', definition: sheet });
      const { db } = proxy.database;
      await db
        .insertInto('forms')
        .values({ form_id: 'wells', version: 1, ...unreadable })
        .execute();
      await db
        .insertInto('forms')
        .values({ form_id: 'crops', version: -1, ...unreadable })
        .execute();
      const find = (name: string) => proxy.call('findTable', { table_name: name });

      expect(await find('crops')).toEqual({
        outcome: 'found',
        table: { name: 'crops', spreadsheet_id: 'a-spreadsheet-of-crops' },
      });
      expect(await find('flags')).toEqual({ outcome: 'found', table: { name: 'flags', spreadsheet_id: null } });
      expect(await find("' or 1=1 --")).toEqual({
        outcome: 'unknown',
        names: ['crops', TABLE, 'wells', ...SYSTEM_TABLES],
      });
    });
  });

  describe('the list of tables', () => {
    it('has the forms, then the system tables, with numbers of rows only on request', async () => {
      await save(...numbered(2));

      const counted = await proxy.call('listTables', { count_rows: true });
      const bare = await proxy.call('listTables', { count_rows: false });

      const { tables } = counted;
      expect(tables.map(({ name, rows }) => [name, rows])).toEqual([
        [TABLE, 2],
        ...SYSTEM_TABLES.map((name) => [name, name === 'revisions' ? 2 : 0]),
      ]);
      expect(bare.tables).toEqual(tables.map((table) => ({ ...table, rows: null })));
    });
  });
});

/** Starts a claim; returns as soon as the claim waits for a lock. Fails if the claim is granted without a wait. */
async function claimUntilItWaits(proxy: InProcessProxy, exportId: string, { db }: Database) {
  const progress = { isClaimed: false };
  const claimed = claim(proxy, exportId).finally(() => (progress.isClaimed = true));
  for (let waiting = 0; waiting === 0 && !progress.isClaimed;) {
    // InnoDB refreshes innodb_trx only if nothing has read it for a tenth of a second.
    await wait(INNODB_TRX_IDLE_MS);
    const { rows } = await sql<{ waiting: number }>`
      select count(*) as waiting from information_schema.innodb_trx where trx_state = 'LOCK WAIT'
    `.execute(db);
    waiting = Number(rows[0]?.waiting);
  }
  expect(progress.isClaimed).toBe(false);
  return { claimed };
}

type Trx = Transaction<Schema>;

/** Writes one row to a table. */
const WRITES: Record<string, (trx: Trx, now: string) => Promise<unknown>> = {
  late_revisions: (trx, now) => keepLateRevision(trx, incoming(), now),
  tasks: async (trx, now) => {
    const { insertId } = await trx
      .insertInto('people')
      .values({ name: 'Ama', created_at: now, updated_at: now })
      .executeTakeFirst();
    const task = { owner_id: Number(insertId), company_id: null, status_id: 1, task_date: '2026-09-01' };
    return insertTasks(trx, [{ ...task, description: 'Call back' }], now);
  },
  attachments: async (trx, now) => {
    const response = incoming();
    await insertResponses(trx, [{ incoming: response, revision: 1 }], now);
    const file = { name: 'a.jpg', object_key: 'a', sha256: 'a'.repeat(64), bytes: 3, type: 'image/jpeg' };
    await insertFiles(trx, response.response_id, [file], { now });
  },
  audit_events: (trx, at) =>
    recordEvent(trx, undefined, { at, action: 'form_changed', subject_id: 'crops', detail: null }),
  exports: (trx, now) => {
    const request = { spreadsheet_id: null, format: { csv: true, sheet: false }, filter: {} };
    return insertExport(trx, { export_id: randomUUID(), table_name: TABLE, request }, 'key', now);
  },
};

describeOnServers('the bound of an export', (kind) => {
  let proxy: InProcessProxy;
  let other: Database;
  let settleMs: number;

  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    other = openDatabase(proxy.url);
    ({ settleMs } = proxy.database);
  });
  beforeEach(async () => {
    Object.assign(proxy.database, { settleMs });
    await emptyTables(proxy.database);
  });
  /** For tests in which the open write has already inserted its row. */
  const settleAtOnce = () => Object.assign(proxy.database, { settleMs: 1 });
  afterAll(async () => {
    await other.close();
    await proxy.stop();
  });

  it.each([
    ['below the last id', 3],
    ['above the last id', 2],
  ])('waits for open writes of responses with ids %s, and includes them', async (_where, expected) => {
    settleAtOnce();
    await proxy.call('saveResponses', { responses: [incoming()] });
    const exportId = await ask(proxy);
    const trx = await other.db.startTransaction().execute();
    const row = await trx.selectFrom('responses').selectAll().executeTakeFirstOrThrow();
    const { id: _id, ...copy } = { ...row, updated_at: new Date().toISOString() };
    await trx
      .insertInto('responses')
      .values({ ...copy, response_id: 'slow' })
      .execute();
    if (expected > 2) await proxy.call('saveResponses', { responses: [incoming()] });

    const { claimed } = await claimUntilItWaits(proxy, exportId, other);
    await trx.commit().execute();

    const { bound, export: stored } = await claimed;
    expect(stored.rows_total).toBe(expected);
    expect(await readAll(proxy, bound)).toHaveLength(expected);
  });

  it.each(Object.entries(WRITES))('waits for open writes to the table %s', async (table, write) => {
    settleAtOnce();
    const exportId = await ask(proxy, { table });
    const trx = await other.db.startTransaction().execute();
    await write(trx, new Date().toISOString());

    const { claimed } = await claimUntilItWaits(proxy, exportId, other);
    // Exports are not locked while the claim waits.
    await proxy.database.db.updateTable('exports').set({ claims: 0 }).where('export_id', '=', exportId).execute();
    await trx.commit().execute();

    const { bound, export: stored } = await claimed;
    expect(await readAll(proxy, bound, { table })).toHaveLength(stored.rows_total ?? 0);
    // The request for this export has itself added a row to `exports` and to `audit_events`.
    expect(stored.rows_total).toBe(table === 'exports' || table === 'audit_events' ? 2 : 1);
  });

  it.each(['late_revisions', 'tasks', 'audit_events'] as const)('does not wait for old rows of %s', async (table) => {
    settleAtOnce();
    await proxy.database.db.transaction().execute(async (trx) => WRITES[table]?.(trx, LONG_AGO));
    const exportId = await ask(proxy, { table });
    const trx = await other.db.startTransaction().execute();
    const old = await trx.selectFrom<TableWithIds>(table).select('id').orderBy('id').limit(1).forUpdate().execute();

    try {
      const { export: stored } = await claim(proxy, exportId);

      expect(old).toHaveLength(1);
      expect(stored.status).toBe('running');
    } finally {
      await trx.rollback().execute();
    }
  });

  it.each([
    ['just now', false],
    ['long ago', true],
  ])('excludes a write that commits after it, if the last finished write was %s', async (_when, isLongAgo) => {
    const stored = incoming({ response: household() });
    await proxy.call('saveResponses', { responses: [stored] });
    if (isLongAgo) await proxy.database.db.updateTable('responses').set({ updated_at: LONG_AGO }).execute();
    const exportId = await ask(proxy);
    const correction = { ...stored, last_modified: '2026-09-02T00:00:00.000000000Z', content_hash: hashOf(1) };
    const trx = await other.db.startTransaction().execute();
    const time = new Date().toISOString();

    const claiming = claim(proxy, exportId);
    const writing = (async () => {
      await wait(proxy.database.settleMs / 5);
      await replaceRevision(trx, { incoming: correction, revision: 2 }, time);
      await trx.commit().execute();
    })();

    const { bound } = await claiming;
    const atOnce = await readAll(proxy, bound);
    await writing;
    expect(await readAll(proxy, bound)).toEqual(atOnce);
  });

  it('is earlier than the claim if the last write was long ago', async () => {
    const proxy = await InProcessProxy.start(kind);
    try {
      const { bound, export: stored } = await claim(proxy, await ask(proxy));

      expect(bound.at < (stored.started_at ?? '')).toBe(true);
    } finally {
      await proxy.stop();
    }
  });
});
