import type { Generated } from 'kysely';
import type { AuditEvent } from '../contract.ts';

/** One row for each thing that somebody did to a response, an export, a form or a token. */
export interface AuditEventsTable extends Omit<AuditEvent, 'id'> {
  id: Generated<number>;
}

export interface AuditTables {
  audit_events: AuditEventsTable;
}
