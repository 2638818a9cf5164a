import { sql, type Transaction } from 'kysely';
import type { Database } from '../database.ts';
import type { Schema } from '../schema.ts';
import { inTransaction } from '../transactions.ts';
import { METADATA } from '../../../forms/definition/metadata.ts';

const JSON_COLUMNS = {
  forms: ['definition'],
  responses: ['flags', 'response'],
  response_revisions: ['flags', 'response'],
  late_revisions: ['flags', 'response'],
  exports: ['request', 'bound', 'csv', 'sheet'],
};

/** The tables of responses and their primary keys. */
const RESPONSE_TABLES = {
  responses: ['id'],
  late_revisions: ['id'],
  response_revisions: ['response_id', 'revision'],
};

/** Rows per transaction. A response has up to 250 KB, plus its flags. */
const ROWS_AT_ONCE = 50;
/** Keeps a statement below MariaDB's packet limit of 16 MB, even if every character is escaped. */
const BYTES_A_STATEMENT = 4_000_000;

/**
 * JSON columns become text that must be valid JSON. MySQL's JSON type reorders keys and rewrites numbers; text reads back as
 * it was written. Stored responses and flags get their original order back: metadata first, then the questions in the form's
 * order. The order within a form's definition has no meaning and stays.
 *
 * The previous release works with text columns too, so this is an expansion. MySQL copies each table and blocks writes to it
 * meanwhile: docs/runbook.md, "Changing the schema".
 */
export async function keepJsonAsWritten(database: Database): Promise<void> {
  for (const [table, columns] of Object.entries(JSON_COLUMNS)) {
    await database.keepJsonAsText(database.db, table, columns);
  }
  if (!database.reordersJson) return;
  const keysOf = questionKeys();
  for (const [table, primaryKey] of Object.entries(RESPONSE_TABLES)) {
    await restoreOrder(database, table, primaryKey, keysOf);
  }
}

type KeysOf = (trx: Transaction<Schema>, row: StoredRow) => Promise<readonly string[]>;

interface StoredRow {
  [column: string]: unknown;
  form_id: string;
  form_version: number;
  flags: string;
  response: string;
}

/** The keys of a response, in the order of its version of the form. */
function questionKeys(): KeysOf {
  const known = new Map<string, readonly string[]>();
  return async (trx, { form_id: formId, form_version: version }) => {
    const name = `${version} ${formId}`;
    let keys = known.get(name);
    if (keys === undefined) {
      const form = await trx
        .selectFrom('forms')
        .select('definition')
        .where('form_id', '=', formId)
        .where('version', '=', version)
        .executeTakeFirst();
      const { questions }: { questions?: unknown } = Object(JSON.parse(form?.definition ?? '{}'));
      const listed: { key: string }[] = Array.isArray(questions) ? questions : [];
      keys = [...METADATA, ...listed].map(({ key }) => key);
      known.set(name, keys);
    }
    return keys;
  };
}

/** Rewrites rows part by part. Only the rows of a part are locked, so that the live version keeps working. */
async function restoreOrder(
  database: Database,
  table: string,
  primaryKey: readonly string[],
  keysOf: KeysOf,
): Promise<void> {
  const key = sql.join(primaryKey.map((column) => sql.ref(column)));
  const tuple = (row: Record<string, unknown>) => sql`(${sql.join(primaryKey.map((column) => row[column]))})`;
  let last: Record<string, unknown> | undefined;
  for (;;) {
    const [first = ''] = primaryKey;
    const after = last && sql`where ${sql.ref(first)} >= ${last[first]} and (${key}) > ${tuple(last)}`;
    const { rows: keys } = await sql<Record<string, unknown>>`
      select ${key} from ${sql.table(table)} ${after ?? sql``} order by ${key} limit ${sql.lit(ROWS_AT_ONCE)}
    `.execute(database.db);
    if (keys.length === 0) return;
    await inTransaction(database, async (trx) => {
      const { rows } = await sql<StoredRow>`
        select * from ${sql.table(table)} where (${key}) in (${sql.join(keys.map(tuple))}) for update
      `.execute(trx);
      const changed: StoredRow[] = [];
      for (const row of rows) {
        const ordered = inOrder(row, await keysOf(trx, row));
        if (ordered.response !== row.response || ordered.flags !== row.flags) changed.push({ ...row, ...ordered });
      }
      for (const part of inParts(changed)) {
        const columns = sql.join(Object.keys(part[0] ?? {}).map((column) => sql.ref(column)));
        const values = part.map((row) => sql`(${sql.join(Object.values(row))})`);
        await sql`
          insert into ${sql.table(table)} (${columns}) values ${sql.join(values)}
          ${database.upsert(primaryKey, ['flags', 'response'])}
        `.execute(trx);
      }
    });
    last = keys.at(-1);
  }
}

function inParts(rows: readonly StoredRow[]): StoredRow[][] {
  const parts: StoredRow[][] = [];
  let bytes = Infinity;
  for (const row of rows) {
    const size = Buffer.byteLength(row.response) + Buffer.byteLength(row.flags);
    bytes += size;
    if (bytes > BYTES_A_STATEMENT) {
      parts.push([]);
      bytes = size;
    }
    parts.at(-1)?.push(row);
  }
  return parts;
}

/** A row's response and flags in their original order. Keys that the form does not have come last. */
function inOrder({ response, flags }: StoredRow, keys: readonly string[]): Pick<StoredRow, 'response' | 'flags'> {
  const stored: Record<string, unknown>[] = JSON.parse(flags);
  const ordered = stored.map(({ rule, message, questions, values, ...rest }) => ({
    rule,
    message,
    questions,
    values: keysFirst(Object(values), Array.isArray(questions) ? questions.map(String) : []),
    ...rest,
  }));
  return { response: JSON.stringify(keysFirst(JSON.parse(response), keys)), flags: JSON.stringify(ordered) };
}

/** The same object, with these keys first if it has them. */
function keysFirst(object: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  const first = keys.filter((key) => Object.hasOwn(object, key)).map((key) => [key, object[key]]);
  return Object.fromEntries([...first, ...Object.entries(object)]);
}
