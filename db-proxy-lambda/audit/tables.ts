import type { Cell } from '../contract.ts';
import type { Table } from '../exports/table.ts';

const ROWS_A_PAGE = 1_000;

/** The audit, oldest first. */
export const auditEventsTable: Table = {
  name: 'audit_events',
  kind: 'system',
  spreadsheetId: null,
  title: 'Audit: who did what',
  columns: [
    { name: 'id', type: 'number' },
    { name: 'at', type: 'time' },
    { name: 'token_id', type: 'text' },
    { name: 'label', type: 'text' },
    { name: 'action', type: 'text' },
    { name: 'subject_kind', type: 'text' },
    { name: 'subject_id', type: 'text' },
    { name: 'detail', type: 'text' },
    { name: 'source_ip', type: 'text' },
  ],
  count: async ({ db }, bound) => {
    const { count } = await db
      .selectFrom('audit_events')
      .select((is) => is.fn.countAll().as('count'))
      .where('at', '<=', bound.at)
      .executeTakeFirstOrThrow();
    return Number(count);
  },
  page: async ({ db }, bound, { status, updated_since: since }, after) => {
    const events = await db
      .selectFrom('audit_events')
      .selectAll()
      .where('at', '<=', bound.at)
      .where('id', '>', Number(after ?? 0))
      .orderBy('id')
      .limit(ROWS_A_PAGE)
      .execute();
    const rows = events
      // The statuses that requests can ask for are those of responses; no event has one.
      .filter((event) => status === undefined && (since === undefined || event.at >= since))
      .map((event): Cell[] => [
        event.id,
        event.at,
        event.token_id,
        event.label,
        event.action,
        event.subject_kind,
        event.subject_id,
        event.detail,
        event.source_ip,
      ]);
    const last = events.at(-1);
    return { rows, next: events.length < ROWS_A_PAGE || !last ? null : String(last.id) };
  },
};
