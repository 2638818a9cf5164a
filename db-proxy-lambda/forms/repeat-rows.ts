import { PAGE_BYTES, type Cell } from '../contract.ts';
import type { Table } from '../exports/table.ts';
import { countEntriesAtBound, readAtBound, type State } from '../responses/at-bound-queries.ts';
import { addCells, entriesOf } from './entries.ts';
import type { AnswerTable } from './form-columns.ts';

/**
 * Max bytes of a page besides its answers: ids, positions and empty cells. A response has up to 1,000 entries, each
 * with more empty cells than answers, so a page can end inside a response.
 */
const MAX_OVERHEAD = PAGE_BYTES / 2;
/** Bytes of an empty cell in a reply: `null,`. */
const NULL_BYTES = 5;
/** Max bytes of a position in a reply. */
const POSITION_BYTES = 8;

/** A row for each entry of a repeat, in the order of the responses, then of the entries. */
export function repeatRows(formId: string, table: AnswerTable): Pick<Table, 'kind' | 'columns' | 'count' | 'page'> {
  return {
    kind: 'repeat',
    columns: [{ name: 'response_id', type: 'text' }, ...table.positions, ...table.answers],
    count: (source, bound, filter) => countEntriesAtBound(source, formId, table.lists, bound, filter),
    page: async (source, bound, filter, after) => {
      const start = readPosition(after);
      const page = new EntryPage(table, start);
      const { next } = await readAtBound(source, formId, bound, filter, start.responseId - 1, (state) =>
        page.add(state),
      );
      return { rows: page.rows, next: page.next ?? (next === null ? null : `${next + 1}:0`) };
    },
  };
}

/**
 * Where a page starts: the lowest id (in the database) of its responses, and how many entries of the response with that
 * id to skip.
 */
interface Position {
  responseId: number;
  skipped: number;
}

/** A position as text is `RESPONSE:SKIPPED`. */
function readPosition(position: string | null): Position {
  const [responseId = 1, skipped = 0] = position?.split(':').map(Number) ?? [];
  return { responseId, skipped };
}

class EntryPage {
  readonly rows: Cell[][] = [];
  /** Where the next page starts, if this page ends inside a response. */
  next: string | undefined;
  readonly #table: AnswerTable;
  readonly #start: Position;
  #overhead = 0;

  constructor(table: AnswerTable, start: Position) {
    this.#table = table;
    this.#start = start;
  }

  /** Adds the entries of a response, until the page is full. */
  add(state: State): void {
    if (this.next !== undefined) return;
    const skipped = state.id === this.#start.responseId ? this.#start.skipped : 0;
    let count = 0;
    for (const { answers, positions } of entriesOf(JSON.parse(state.response), this.#table.lists)) {
      if (count >= skipped) {
        if (this.#overhead >= MAX_OVERHEAD) {
          this.next = `${state.id}:${count}`;
          return;
        }
        const row: Cell[] = [state.response_id, ...positions];
        addCells(row, answers, this.#table.blocks);
        this.rows.push(row);
        this.#overhead += Buffer.byteLength(state.response_id) + positions.length * POSITION_BYTES;
        for (const cell of row) if (cell === null) this.#overhead += NULL_BYTES;
      }
      count += 1;
    }
  }
}
