import { sql, type Expression, type Kysely, type SqlBool, type Transaction } from 'kysely';
import { IDS_PER_LOOKUP, inChunks, ROWS_PER_STATEMENT } from '../database/chunks.ts';
import type { StandingStatus } from '../contract.ts';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';
import { addTimes, readTimes, writeTimes } from './correction-times.ts';
import { nameOfRule, noTracks, type ResponseQuality } from './response-quality.ts';
import { FIGURES, type FigureKey, type Kind, type QualityFiguresTable, type QualityResponsesTable } from './rows.ts';
import { nameOf, noFigures, type Change } from './tally.ts';

const STATE_COLUMNS = [
  'form_id',
  'day',
  'collector',
  'owner',
  'assigned',
  'status',
  'returned',
  'tracks',
] as const satisfies (keyof QualityResponsesTable)[];

const KEY = ['form_id', 'kind', 'period', 'name'] as const satisfies (keyof FigureKey)[];

/** The time since which responses are counted. */
export async function findCountedSince(db: Kysely<Schema>): Promise<string> {
  const { counted_since: since } = await db
    .selectFrom('quality_start')
    .select('counted_since')
    .where('id', '=', 1)
    .executeTakeFirstOrThrow();
  return since;
}

/** Makes other transactions that write figures wait until this one ends, so that they cannot deadlock. */
export async function lockFigures(trx: Transaction<Schema>): Promise<void> {
  await trx.selectFrom('quality_start').select('id').where('id', '=', 1).forUpdate().execute();
}

/** The stored figures of these responses, by id. */
export async function findQualities(
  db: Kysely<Schema>,
  responseIds: readonly string[],
): Promise<Map<string, ResponseQuality>> {
  const found = new Map<string, ResponseQuality>();
  for (const some of inChunks(responseIds, IDS_PER_LOOKUP)) {
    const rows = await db.selectFrom('quality_responses').selectAll().where('response_id', 'in', some).execute();
    for (const { response_id: id, ...row } of rows) found.set(id, toQuality(row));
  }
  return found;
}

/**
 * Whether a response was ever flagged (by this rule), or ever returned (having been flagged by this rule), as the figures
 * count it. A condition on a row of `responses`, which looks up one row by its key.
 */
export function wasEver(ever: 'flagged' | 'returned', rule: string | undefined): Expression<SqlBool> {
  const flagged = rule === undefined ? sql`instr(known.tracks, ${NEVER_FLAGGED}) = 0` : wasFlaggedBy(rule);
  const returned = rule === undefined ? sql`known.returned = 1` : sql`known.returned = 1 and ${flagged}`;
  const is = ever === 'flagged' ? flagged : returned;
  // Not EXISTS: MySQL could make it a join that does not begin with the response.
  return sql<SqlBool>`coalesce((select ${is} from quality_responses as known where known.response_id = responses.response_id), 0) = 1`;
}

/** The start of `tracks` of a response that only a re-judge flagged. */
const NEVER_FLAGGED = '{"all":{"first":false,"flags":0,';

/**
 * The track of a rule is a pair in JSON. No rule's name can contain the start of such a pair: JSON escapes its quotes.
 */
function wasFlaggedBy(rule: string): Expression<unknown> {
  const start = `[${JSON.stringify(nameOfRule(rule))},{"first":`;
  const at = (text: string) => sql`instr(known.tracks, ${start + text})`;
  return sql`(${at('true')} > 0 or (${at('false')} > 0 and ${at('false,"flags":0,')} = 0))`;
}

/** The collectors who sent the first revisions of these responses, by id. Erased responses have none. */
export async function findFirstCollectors(
  db: Kysely<Schema>,
  responseIds: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const some of inChunks(responseIds, IDS_PER_LOOKUP)) {
    const current = await db
      .selectFrom('responses')
      .select((eb) => ['response_id', eb.fn.coalesce('collected_by', 'user_id').as('collector')])
      .where('response_id', 'in', some)
      .where('revision', '=', 1)
      .execute();
    const replaced = await db
      .selectFrom('response_revisions')
      .select(['response_id', 'user_id as collector'])
      .where('response_id', 'in', some)
      .where('revision', '=', 1)
      .execute();
    for (const { response_id: id, collector } of [...current, ...replaced]) found.set(id, collector);
  }
  return found;
}

/** The stored revisions and statuses of these responses, by id, without erased ones. */
export async function findStandings(
  db: Kysely<Schema>,
  responseIds: readonly string[],
): Promise<Map<string, { revision: number; status: StandingStatus }>> {
  const found = new Map<string, { revision: number; status: StandingStatus }>();
  for (const some of inChunks(responseIds, IDS_PER_LOOKUP)) {
    const rows = await db
      .selectFrom('responses')
      .select(['response_id', 'revision', 'status'])
      .where('response_id', 'in', some)
      .execute();
    for (const { response_id: id, revision, status } of rows)
      if (status !== 'erased') found.set(id, { revision, status });
  }
  return found;
}

export async function writeQualities(
  trx: Transaction<Schema>,
  { upsert }: Pick<Database, 'upsert'>,
  qualities: readonly (readonly [responseId: string, quality: ResponseQuality])[],
): Promise<void> {
  for (const some of inChunks(qualities, ROWS_PER_STATEMENT)) {
    await trx
      .insertInto('quality_responses')
      .values(some.map(([id, quality]) => ({ response_id: id, ...toRow(quality) })))
      .modifyEnd(upsert(['response_id'], STATE_COLUMNS))
      .execute();
  }
}

export async function deleteQualities(trx: Transaction<Schema>, responseIds: readonly string[]): Promise<void> {
  for (const some of inChunks(responseIds, IDS_PER_LOOKUP)) {
    await trx.deleteFrom('quality_responses').where('response_id', 'in', some).execute();
  }
}

/** Adds these changes to the sums. */
export async function addChanges(
  trx: Transaction<Schema>,
  { addUp, upsert }: Pick<Database, 'addUp' | 'upsert'>,
  changes: readonly Change[],
): Promise<void> {
  for (const some of inChunks(changes, ROWS_PER_STATEMENT)) {
    await trx
      .insertInto('quality_figures')
      .values(some.map(({ key, figures }) => ({ ...key, ...figures, times: null })))
      .modifyEnd(addUp(KEY, FIGURES))
      .execute();
  }
  const timed = changes.filter(({ times }) => times.size > 0);
  const stored = await findTimes(trx, timed);
  for (const some of inChunks(timed, ROWS_PER_STATEMENT)) {
    const rows = some.map(({ key, times }) => {
      const sum = new Map(readTimes(stored.get(nameOf(key)) ?? null));
      addTimes(sum, times);
      // The rows exist already, so only their times are written.
      return { ...key, ...noFigures(), times: writeTimes(sum) };
    });
    await trx
      .insertInto('quality_figures')
      .values(rows)
      .modifyEnd(upsert(KEY, ['times']))
      .execute();
  }
}

/** The histograms of these sums, by the names of the sums (`nameOf`). */
async function findTimes(db: Kysely<Schema>, changes: readonly Change[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const groups = Map.groupBy(changes, ({ key }) => `${key.form_id} ${key.kind} ${key.period}`);
  for (const group of groups.values()) {
    for (const some of inChunks(group, IDS_PER_LOOKUP)) {
      const [first] = some;
      if (first === undefined) continue;
      const rows = await db
        .selectFrom('quality_figures')
        .select([...KEY, 'times'])
        .where('form_id', '=', first.key.form_id)
        .where('kind', '=', first.key.kind)
        .where('period', '=', first.key.period)
        .where(
          'name',
          'in',
          some.map(({ key }) => key.name),
        )
        .execute();
      for (const { times, ...key } of rows) if (times !== null) found.set(nameOf(key), times);
    }
  }
  return found;
}

/** Which sums to read: of the periods from `from` on, and before `before`. */
export interface Range {
  kind: Kind;
  from: string;
  before?: string;
}

/** A sum of a known form and kind. */
export type SumRow = Omit<QualityFiguresTable, 'form_id' | 'kind'>;

export function findFigures(db: Kysely<Schema>, formId: string, { kind, from, before }: Range): Promise<SumRow[]> {
  return db
    .selectFrom('quality_figures')
    .select(['period', 'name', ...FIGURES, 'times'])
    .where('form_id', '=', formId)
    .where('kind', '=', kind)
    .where('period', '>=', from)
    .$if(before !== undefined, (query) => query.where('period', '<', before ?? ''))
    .execute();
}

/** The numbers of counted and of open responses, by form; forms without counted responses are left out. */
export async function countByForm(
  db: Kysely<Schema>,
  formIds: readonly string[],
): Promise<Map<string, { responses: number; open: number }>> {
  const counts = new Map<string, { responses: number; open: number }>();
  for (const some of inChunks(formIds, IDS_PER_LOOKUP)) {
    const rows = await db
      .selectFrom('quality_figures')
      .select(({ fn }) => ['form_id', fn.sum('responses').as('responses'), fn.sum('still_open').as('open')])
      .where('form_id', 'in', some)
      .where('kind', '=', 'day')
      .groupBy('form_id')
      .execute();
    for (const { form_id: id, responses, open } of rows) {
      counts.set(id, { responses: Number(responses), open: Number(open) });
    }
  }
  return counts;
}

/** The number of counted responses of the days from `from`. */
export async function countResponses(db: Kysely<Schema>, formId: string, from: string): Promise<number> {
  const { responses } = await db
    .selectFrom('quality_figures')
    .select((eb) => eb.fn.sum('responses').as('responses'))
    .where('form_id', '=', formId)
    .where('kind', '=', 'day')
    .where('period', '>=', from)
    .executeTakeFirstOrThrow();
  return Number(responses ?? 0);
}

function toRow({ assigned, returned, tracks, ...rest }: ResponseQuality): Omit<QualityResponsesTable, 'response_id'> {
  return {
    ...rest,
    assigned: Number(assigned),
    returned: Number(returned),
    tracks: tracks.rules.length === 0 ? null : JSON.stringify(tracks),
  };
}

function toQuality({
  form_id,
  day,
  collector,
  owner,
  assigned,
  status,
  returned,
  tracks,
}: Omit<QualityResponsesTable, 'response_id'>): ResponseQuality {
  return {
    form_id,
    day,
    collector,
    owner,
    assigned: assigned === 1,
    status,
    returned: returned === 1,
    tracks: tracks === null ? noTracks() : JSON.parse(tracks),
  };
}
