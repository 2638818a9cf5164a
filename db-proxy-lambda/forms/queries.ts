import type { Kysely, Transaction } from 'kysely';
import type { StoredForm } from '../contract.ts';
import type { FormSummary } from './contract.ts';
import { inChunks } from '../database/chunks.ts';
import type { Schema } from '../database/schema.ts';
import type { FormsTable } from './rows.ts';

/** Max definitions per statement; each has up to 1 MB. */
const DEFINITIONS_PER_STATEMENT = 20;

/** The given version of a form, or the last one. */
export async function findForm(
  db: Kysely<Schema>,
  formId: string,
  version: number | undefined,
): Promise<StoredForm | undefined> {
  const row = await db
    .selectFrom('forms')
    .selectAll()
    .where('form_id', '=', formId)
    .where('version', '=', (eb) =>
      version === undefined
        ? eb
            .selectFrom('forms as versions')
            .select((all) => all.fn.max('version').as('last'))
            .where('form_id', '=', formId)
        : eb.val(version),
    )
    .executeTakeFirst();
  return row && toStored(row);
}

/** The last version of every form, by id. */
export async function findForms(db: Kysely<Schema>): Promise<FormSummary[]> {
  const last = await db
    .selectFrom('forms')
    .select((eb) => ['form_id', eb.fn.max('version').as('version')])
    .groupBy('form_id')
    .orderBy('form_id')
    .execute();
  const summaries = new Map<string, FormSummary>();
  for (const some of inChunks(last, DEFINITIONS_PER_STATEMENT)) {
    const rows = await db
      .selectFrom('forms')
      .selectAll()
      .where((eb) => eb.or(some.map(({ form_id, version }) => eb.and({ form_id, version }))))
      .execute();
    for (const row of rows) {
      const { definition, ...form } = toStored(row);
      summaries.set(form.form_id, { ...form, title: String(definition['title']), state: stateOf({ definition }) });
    }
  }
  return last.flatMap(({ form_id: formId }) => summaries.get(formId) ?? []);
}

/** The ids of all forms, ascending. */
export async function listFormIds(db: Kysely<Schema>): Promise<string[]> {
  const rows = await db.selectFrom('forms').select('form_id').distinct().orderBy('form_id').execute();
  return rows.map((row) => row.form_id);
}

/**
 * The last version of a form, without its definition.
 *
 * @param upTo the last version to consider, or undefined for all
 */
export function findLastVersion(
  db: Kysely<Schema>,
  formId: string,
  upTo: number | undefined,
): Promise<Pick<FormsTable, 'version' | 'created_at'> | undefined> {
  return versionsUpTo(db, formId, upTo)
    .select(['version', 'created_at'])
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The versions of a form, the newest first, without their definitions. */
export function findVersions(
  db: Kysely<Schema>,
  formId: string,
): Promise<Pick<FormsTable, 'version' | 'created_at'>[]> {
  return versionsUpTo(db, formId, undefined).select(['version', 'created_at']).orderBy('version', 'desc').execute();
}

/** Every definition of a form up to a version, as stored; the last version first. */
export async function findDefinitions(db: Kysely<Schema>, formId: string, upTo: number): Promise<string[]> {
  const rows = await versionsUpTo(db, formId, upTo).select(['version', 'definition']).execute();
  return rows.toSorted((one, other) => other.version - one.version).map((row) => row.definition);
}

function versionsUpTo(db: Kysely<Schema>, formId: string, version: number | undefined) {
  return db
    .selectFrom('forms')
    .where('form_id', '=', formId)
    .$if(version !== undefined, (query) => query.where('version', '<=', version ?? 0));
}

/** @throws the driver's duplicate-key error when another writer took that version */
export async function insertForm(db: Kysely<Schema>, form: StoredForm): Promise<void> {
  await db
    .insertInto('forms')
    .values({ ...form, definition: JSON.stringify(form.definition) })
    .execute();
}

export async function deleteVersions(trx: Transaction<Schema>, formId: string): Promise<void> {
  await trx.deleteFrom('forms').where('form_id', '=', formId).execute();
}

/** A form is open unless its definition says otherwise. */
export function stateOf({ definition }: Pick<StoredForm, 'definition'>): FormSummary['state'] {
  const { state } = definition;
  return state === 'draft' || state === 'closed' ? state : 'open';
}

function toStored(row: FormsTable): StoredForm {
  return { ...row, definition: JSON.parse(row.definition) };
}
