/** Reads and writes of form definitions. */
import type { Kysely } from 'kysely';
import type { FormSummary, StoredForm } from '../contract.ts';
import type { FormsTable, Schema } from './schema.ts';

/** The last version of a form, or the version asked for. */
export async function findForm(
  db: Kysely<Schema>,
  formId: string,
  version: number | undefined,
): Promise<StoredForm | undefined> {
  const row = await db
    .selectFrom('forms')
    .selectAll()
    .where('form_id', '=', formId)
    .$if(version !== undefined, (query) => query.where('version', '=', version ?? 0))
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && toStored(row);
}

/** The last version of every form, by id. */
export async function findForms(db: Kysely<Schema>): Promise<FormSummary[]> {
  const last = db
    .selectFrom('forms')
    .select((is) => ['form_id', is.fn.max('version').as('version')])
    .groupBy('form_id')
    .as('last');
  const rows = await db
    .selectFrom('forms')
    .innerJoin(last, (join) =>
      join.onRef('last.form_id', '=', 'forms.form_id').onRef('last.version', '=', 'forms.version'),
    )
    .selectAll('forms')
    .orderBy('forms.form_id')
    .execute();
  return rows.map((row) => {
    const { definition, ...form } = toStored(row);
    return { ...form, title: String(definition['title']) };
  });
}

/** Inserts one version; the driver's duplicate-key error when another writer took that number. */
export async function insertForm(db: Kysely<Schema>, form: StoredForm): Promise<void> {
  await db
    .insertInto('forms')
    .values({ ...form, definition: JSON.stringify(form.definition) })
    .execute();
}

function toStored(row: FormsTable): StoredForm {
  return { ...row, definition: JSON.parse(row.definition) };
}
