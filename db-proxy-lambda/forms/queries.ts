/** Reads and writes of form definitions. */
import type { Kysely } from 'kysely';
import type { FormSummary, StoredForm } from '../contract.ts';
import type { Schema } from '../database/schema.ts';
import type { FormsTable } from './rows.ts';

/** Definitions that one statement reads; each may have almost 1 MB. */
const DEFINITIONS_A_STATEMENT = 20;

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
    .where('version', '=', (is) =>
      version === undefined
        ? is
            .selectFrom('forms as versions')
            .select((all) => all.fn.max('version').as('last'))
            .where('form_id', '=', formId)
        : is.val(version),
    )
    .executeTakeFirst();
  return row && toStored(row);
}

/** The last version of every form, by id. */
export async function findForms(db: Kysely<Schema>): Promise<FormSummary[]> {
  const last = await db
    .selectFrom('forms')
    .select((is) => ['form_id', is.fn.max('version').as('version')])
    .groupBy('form_id')
    .orderBy('form_id')
    .execute();
  const summaries = new Map<string, FormSummary>();
  for (let start = 0; start < last.length; start += DEFINITIONS_A_STATEMENT) {
    const some = last.slice(start, start + DEFINITIONS_A_STATEMENT);
    const rows = await db
      .selectFrom('forms')
      .selectAll()
      .where((is) => is.or(some.map(({ form_id, version }) => is.and({ form_id, version }))))
      .execute();
    for (const row of rows) {
      const { definition, ...form } = toStored(row);
      summaries.set(form.form_id, { ...form, title: String(definition['title']) });
    }
  }
  return last.flatMap(({ form_id: formId }) => summaries.get(formId) ?? []);
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
