import type { CreateTableBuilder } from 'kysely';
import type { Database } from '../database.ts';
import { createIndex, createTable } from './idempotent.ts';

const FIRST_STATUSES = ['IN_REVIEW', 'APPROVED', 'REJECTED'];

/** Tasks, and the people, companies and statuses that they refer to. */
export async function createTasks(database: Database): Promise<void> {
  const { columnTypes: types } = database;

  const withDirectoryColumns = <T extends string>(table: CreateTableBuilder<T>, name: string) =>
    table
      .addColumn('id', types.ascendingId, (column) => column.primaryKey())
      .addColumn('name', types.text(128), (column) => column.notNull())
      .addColumn('creation_key', types.ascii(64))
      .addColumn('created_at', types.ascii(24), (column) => column.notNull())
      .addColumn('updated_at', types.ascii(24), (column) => column.notNull())
      .addUniqueConstraint(`${name}_creation_key`, ['creation_key']);

  for (const name of ['companies', 'task_statuses']) {
    await createTable(database, name, (table) =>
      withDirectoryColumns(table, name).addUniqueConstraint(`${name}_name`, ['name']),
    );
  }
  await createTable(database, 'people', (table) =>
    withDirectoryColumns(table, 'people')
      .addColumn('email', types.text(254))
      .addColumn('user_id', types.text(128))
      .addUniqueConstraint('people_email', ['email'])
      .addUniqueConstraint('people_user_id', ['user_id']),
  );
  await createIndex(database, 'people_by_name', 'people', ['name', 'id']);

  await createTable(database, 'tasks', (table) =>
    table
      .addColumn('id', types.ascendingId, (column) => column.primaryKey())
      .addColumn('owner_id', types.reference, (column) => column.notNull())
      .addColumn('company_id', types.reference)
      .addColumn('status_id', types.reference, (column) => column.notNull())
      .addColumn('task_date', types.ascii(10), (column) => column.notNull())
      .addColumn('description', types.text(4000), (column) => column.notNull())
      .addColumn('response_id', types.text(128))
      .addColumn('creation_key', types.ascii(64))
      .addColumn('created_at', types.ascii(24), (column) => column.notNull())
      .addColumn('updated_at', types.ascii(24), (column) => column.notNull())
      .addUniqueConstraint('tasks_response_id', ['response_id'])
      .addUniqueConstraint('tasks_creation_key', ['creation_key'])
      .addForeignKeyConstraint('tasks_owner', ['owner_id'], 'people', ['id'], (key) => key.onDelete('restrict'))
      .addForeignKeyConstraint('tasks_company', ['company_id'], 'companies', ['id'], (key) => key.onDelete('restrict'))
      .addForeignKeyConstraint('tasks_status', ['status_id'], 'task_statuses', ['id'], (key) =>
        key.onDelete('restrict'),
      ),
  );
  // MySQL creates an index for each foreign key, and drops it when one of these indexes can replace it.
  await createIndex(database, 'tasks_by_owner', 'tasks', ['owner_id', 'id']);
  await createIndex(database, 'tasks_by_company', 'tasks', ['company_id', 'id']);
  await createIndex(database, 'tasks_by_status', 'tasks', ['status_id', 'id']);
  await createIndex(database, 'tasks_by_date', 'tasks', ['task_date', 'id']);

  await createTable(database, 'task_follow_ups', (table) =>
    table
      .addColumn('response_id', types.text(128), (column) => column.primaryKey())
      .addColumn('revision', 'integer', (column) => column.notNull()),
  );

  await addFirstStatuses(database);
}

async function addFirstStatuses({ db }: Database): Promise<void> {
  const now = new Date().toISOString();
  const stored = await db.selectFrom('task_statuses').select('name').where('name', 'in', FIRST_STATUSES).execute();
  const missing = FIRST_STATUSES.filter((name) => !stored.some((row) => row.name === name));
  if (missing.length === 0) return;
  await db
    .insertInto('task_statuses')
    .values(missing.map((name) => ({ name, created_at: now, updated_at: now })))
    .execute();
}
