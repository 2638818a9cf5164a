import type { StoredRevision } from '../contract.ts';
import type { ExportFilter } from '../exports/contract.ts';
import { WRITTEN_RESPONSES } from '../exports/table-queries.ts';
import { systemTable } from '../exports/table.ts';
import { countFlags, readAtBound, type State } from './at-bound-queries.ts';

interface OpenFlag {
  state: State;
  flag: { rule: string; message: string; entry?: string; questions: string[]; acknowledged?: true };
}

/** One row for each open flag of a response's last revision. */
export const flagsTable = systemTable<OpenFlag>(
  {
    name: 'flags',
    title: 'Open flags',
    written: WRITTEN_RESPONSES,
    columns: [
      ['response_id', 'text', ({ state }) => state.response_id],
      ['form_id', 'text', ({ state }) => state.form_id],
      ['form_version', 'number', ({ state }) => state.form_version],
      ['user_id', 'text', ({ state }) => state.user_id],
      ['revision', 'number', ({ state }) => state.revision],
      ['saved_at', 'time', ({ state }) => state.saved_at],
      ['rule', 'text', ({ flag }) => flag.rule],
      ['message', 'text', ({ flag }) => flag.message],
      ['questions', 'text', ({ flag }) => flag.questions.join('; ')],
      ['entry', 'text', ({ flag }) => flag.entry ?? null],
      ['acknowledged', 'boolean', ({ flag }) => flag.acknowledged ?? false],
    ],
  },
  (toCells) => {
    const toRows = (state: State) => {
      const flags: OpenFlag['flag'][] = JSON.parse(state.flags);
      return flags.map((flag) => toCells({ state, flag }));
    };
    return {
      count: async (source, bound, filter) => countFlags(source, bound, statusesOf(filter), filter),
      page: async (source, bound, filter, after) => {
        const status = statusesOf(filter);
        if (status.length === 0) return { rows: [], next: null };
        const flagged = { ...filter, status };
        const { items, next } = await readAtBound(source, undefined, bound, flagged, Number(after ?? 0), toRows);
        return { rows: items.flat(), next: next === null ? null : String(next) };
      },
    };
  },
);

/** The statuses with open flags. A manager's approval or rejection closes them. */
const OPEN: readonly StoredRevision['status'][] = ['flagged', 'returned'];

function statusesOf({ status: wanted }: ExportFilter): readonly StoredRevision['status'][] {
  return OPEN.filter((status) => wanted === undefined || status === wanted);
}
