import type { Kysely } from 'kysely';
import { PAGE_BYTES } from '../contract.ts';
import { IDS_PER_LOOKUP, inChunks } from '../database/chunks.ts';
import { readByKeys } from '../database/pages.ts';
import type { Schema } from '../database/schema.ts';
import { WRITTEN_RESPONSES } from '../exports/table-queries.ts';
import { matches, systemTable } from '../exports/table.ts';
import {
  countErased,
  countReplaced,
  listRevisionKeys,
  readHistorySizes,
  readReplacedStates,
  REVISIONS_PER_PAGE,
} from './history-queries.ts';
import { bytesOf } from './queries.ts';
import { countAtBound, readAtBound, type State } from './at-bound-queries.ts';

/** Every revision of every response, oldest first within a response. Erased responses are left out. */
export const revisionsTable = systemTable<State>(
  {
    name: 'revisions',
    title: 'Every revision of every response',
    written: WRITTEN_RESPONSES,
    columns: [
      ['response_id', 'text', (row) => row.response_id],
      ['form_id', 'text', (row) => row.form_id],
      ['form_version', 'number', (row) => row.form_version],
      ['user_id', 'text', (row) => row.user_id],
      ['revision', 'number', (row) => row.revision],
      ['status', 'text', (row) => row.status],
      ['last_modified_time', 'time', lastModifiedTime],
      ['saved_at', 'time', (row) => row.saved_at],
      ['response', 'text', (row) => row.response],
    ],
  },
  (toCells) => ({
    count: async (source, bound) => {
      const replaced = await countReplaced(source.db, bound.at);
      // Adds one revision per response: its row in `responses`, or the revision that this row has replaced since.
      const last = await countAtBound(source, undefined, bound, {});
      return replaced + last - (await countErased(source.db, bound.max_id));
    },
    page: async (source, bound, filter, after) => {
      const start = readPosition(after);
      // The response in which the previous page ended is read again, for its remaining revisions.
      const { items, next } = await readAtBound(source, undefined, bound, {}, start.id - 1, (state) => state);
      const page = await withHistory(source.db, items, start);
      const rows = page.revisions.filter((row) => row.status !== 'erased' && matches(row, filter)).map(toCells);
      return { rows, next: page.next ?? (next === null ? null : writePosition({ id: next + 1, revision: 0 })) };
    },
  }),
);

/** Where a page starts: after this revision of the response with this id. */
interface Position {
  id: number;
  revision: number;
}

function readPosition(text: string | null): Position {
  const [id = 1, revision = 0] = text === null ? [] : text.split('.').map(Number);
  return { id, revision };
}

function writePosition({ id, revision }: Position): string {
  return `${id}.${revision}`;
}

/** The revisions of responses up to the given states, limited to what fits on a page. */
async function withHistory(
  db: Kysely<Schema>,
  states: readonly State[],
  start: Position,
): Promise<{ revisions: State[]; next: string | null }> {
  const revisions: State[] = [];
  let bytes = 0;
  for (const batch of inChunks(states, IDS_PER_LOOKUP)) {
    const sizes = await readHistorySizes(db, batch.map(idOf));
    const whole: State[] = [];
    for (const state of batch) {
      const since = state.id === start.id ? start.revision : 0;
      const size = (sizes.get(state.response_id) ?? 0) + Buffer.byteLength(state.response);
      const isFirst = revisions.length === 0 && whole.length === 0;
      if (since === 0 && (bytes + size <= PAGE_BYTES || (isFirst && !sizes.has(state.response_id)))) {
        whole.push(state);
        bytes += size;
        continue;
      }
      revisions.push(...(await histories(db, whole)));
      if (!isFirst) return { revisions, next: writePosition({ id: state.id, revision: 0 }) };
      // A response whose revisions fill more than a page has its own pages.
      const part = await partOfHistory(db, state, since);
      return { revisions: part.revisions, next: writePosition(part.next) };
    }
    revisions.push(...(await histories(db, whole)));
  }
  return { revisions, next: null };
}

/** All revisions of these responses up to their states, response by response. */
async function histories(db: Kysely<Schema>, states: readonly State[]): Promise<State[]> {
  if (states.length === 0) return [];
  const replaced = Map.groupBy(await readReplacedStates(db, states.map(idOf)), idOf);
  return states.flatMap((state) => [
    ...(replaced.get(state.response_id) ?? [])
      .filter((row) => row.revision < state.revision)
      .toSorted((one, other) => one.revision - other.revision)
      .map((row) => ({ id: state.id, ...row })),
    state,
  ]);
}

/** The next revisions of one response up to its state, limited to what fits on a page. */
async function partOfHistory(
  db: Kysely<Schema>,
  state: State,
  since: number,
): Promise<{ revisions: State[]; next: Position }> {
  const { id, response_id: responseId } = state;
  const keys = await listRevisionKeys(db, 'response_revisions', responseId, since, state.revision);
  const { page, next } = await readByKeys(keys, REVISIONS_PER_PAGE, (key) => key.revision, {
    read: (revisions) => readReplacedStates(db, [responseId], revisions),
    nameOf: (row) => row.revision,
    bytesOf,
  });
  const replaced = page.map((row) => ({ id, ...row }));
  return next === null
    ? { revisions: [...replaced, state], next: { id: id + 1, revision: 0 } }
    : { revisions: replaced, next: { id, revision: next.revision } };
}

function idOf(state: Pick<State, 'response_id'>): string {
  return state.response_id;
}

function lastModifiedTime({ response }: State): string | null {
  const { last_modified_time: time }: { last_modified_time?: string } = JSON.parse(response);
  return time ?? null;
}
