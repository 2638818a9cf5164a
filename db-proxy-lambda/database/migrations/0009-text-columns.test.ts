import { sql } from 'kysely';
import { compileForm } from '../../../forms/compiled/compiled-form.ts';
import { householdFinances } from '../../../forms/definition/household-finances.ts';
import { createTestDatabase, everyDatabaseKind, type TestDatabase } from '../../../tests/support/databases.ts';
import { household, incoming } from '../../../tests/support/responses.ts';
import type { IncomingResponse } from '../../contract.ts';
import type { Database } from '../database.ts';
import { migrate } from '../migrate.ts';
import { insertForm } from '../../forms/queries.ts';
import { openDatabase } from '../open-database.ts';
import { prepareOperation } from '../../operations.ts';
import { seedForms } from '../../forms/seed-forms.ts';
import { keepJsonAsWritten } from './0009-text-columns.ts';
import { migrations } from './index.ts';

const form = compileForm(householdFinances, 1);
/** All other migrations, including later ones, because saving needs the columns that later migrations add. */
const others = Object.fromEntries(Object.entries(migrations).filter(([, step]) => step !== keepJsonAsWritten));
const flags = [{ rule: 'Rule1', message: 'Ask.', questions: ['name', 'age'], values: { name: 'Ama', age: 40 } }];

/** More rows than the migration rewrites in one transaction. */
const RESPONSES = 300;
const CONTENT =
  'response_id, form_id, form_version, user_id, status, last_modified, last_modified_time, content_hash, flags, response';

describe.each(everyDatabaseKind)('responses and the migration to text columns on %s', (kind) => {
  let testDatabase: TestDatabase;
  let database: Database;
  beforeEach(async () => {
    testDatabase = await createTestDatabase(kind);
    database = openDatabase(testDatabase.url);
    await migrate(database, { migrations: others, contractSteps: {} });
    await seedForms(database);
  });
  afterEach(async () => {
    await database.close();
    await testDatabase.drop();
  });

  async function save(responses: IncomingResponse[]): Promise<void> {
    const prepared = prepareOperation('saveResponses', { responses });
    if (prepared.ok) await prepared.run(database);
  }

  const texts = async (table: 'responses' | 'response_revisions' | 'late_revisions') => {
    const rows = await database.db.selectFrom(table).select(['response_id', 'response', 'flags']).execute();
    return new Map(rows.map((row) => [row.response_id, [row.response, row.flags]]));
  };
  const written = (responses: IncomingResponse[]) =>
    new Map(responses.map((each) => [each.response_id, [JSON.stringify(each.response), JSON.stringify(each.flags)]]));

  test('responses read back as written, with keys in the order of their form, whether they were saved before or after it', async () => {
    const sent = Array.from({ length: RESPONSES }, (_, index) => {
      const read = form.readSubmission(household({ response_id: `response-${index}`, age: index % 99 }));
      if (!read.ok) throw new Error('The household does not fit its form.');
      return incoming({
        response_id: `response-${index}`,
        status: 'flagged',
        flags,
        response: read.submission.response,
      });
    });
    const early = { key: 'status', column: 'state', type: 'text', required: false };
    const [name] = householdFinances.questions;
    // `PUT /forms/{id}` would refuse this form: newer checks reject the key `status`.
    await insertForm(database.db, {
      form_id: 'early',
      version: 1,
      definition: { form_id: 'early', title: 'Early', questions: [early, name], facts: [], rules: [] },
      created_at: '2026-01-01T00:00:00.000Z',
    });
    for (const [form_id, definition] of Object.entries({ no_list: { questions: null }, no_object: null })) {
      await sql`
        insert into forms (form_id, version, definition, created_at)
        values (${form_id}, 1, ${JSON.stringify(definition)}, '2026-01-01T00:00:00.000Z')
      `.execute(database.db);
    }
    const withoutQuestions = ['no_list', 'no_object'].map((form_id) => incoming({ form_id, response: { a: 1 } }));
    const ofEarlyForm = incoming({ form_id: 'early', response: { response_id: 'early-1', status: 'a', name: 'Ama' } });
    const unknownForm = incoming({ form_id: 'gone', response: { b: 1e21, a: 0.1 } });
    await save([...sent, ...withoutQuestions, ofEarlyForm, unknownForm]);
    for (const [table, columns] of [
      ['response_revisions', sql.raw(`revision, ${CONTENT}`)],
      ['late_revisions', sql.raw(CONTENT)],
    ] as const) {
      await sql`
        insert into ${sql.table(table)} (${columns}, saved_at) select ${columns}, updated_at from responses
      `.execute(database.db);
    }

    await keepJsonAsWritten(database);
    const since = incoming({ response: { longer: 'x', b: 1e21, a: 5.1 } });
    await save([since]);

    const stored = await texts('responses');
    expect(JSON.parse(stored.get(unknownForm.response_id)?.[0] ?? '')).toEqual({ a: 0.1, b: 1e21 });
    expect(stored).toEqual(new Map([...stored, ...written([...sent, ...withoutQuestions, ofEarlyForm, since])]));
    for (const table of ['response_revisions', 'late_revisions'] as const) {
      const copies = await texts(table);
      expect(copies).toEqual(new Map([...copies, ...written(sent)]));
    }
  });

  test('a migrated column refuses text that is not JSON', async () => {
    await keepJsonAsWritten(database);
    await save([incoming()]);

    for (const column of ['flags', 'response'] as const) {
      await expect(
        database.db
          .updateTable('responses')
          .set({ [column]: '{' })
          .execute(),
      ).rejects.toThrow(/is_json|CONSTRAINT/);
    }
  });
});
