import { tableOfRows } from '../exports/table-of-rows.ts';
import { findAuditEvents } from './queries.ts';

/** The audit, oldest first. */
export const auditEventsTable = tableOfRows({
  name: 'audit_events',
  timeColumn: 'at',
  timeIndex: 'audit_events_by_time',
  title: 'Audit: who did what',
  columns: [
    ['id', 'number', (event) => event.id],
    ['at', 'time', (event) => event.at],
    ['token_id', 'text', (event) => event.token_id],
    ['label', 'text', (event) => event.label],
    ['action', 'text', (event) => event.action],
    ['subject_kind', 'text', (event) => event.subject_kind],
    ['subject_id', 'text', (event) => event.subject_id],
    ['detail', 'text', (event) => event.detail],
    ['source_ip', 'text', (event) => event.source_ip],
  ],
  read: findAuditEvents,
  // A row has no large columns: the 600 bytes that readByKeys adds to each row are enough.
  bytesOf: () => 0,
  stateOf: (event) => ({ saved_at: event.at }),
});
