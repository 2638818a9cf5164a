import type { Generated } from 'kysely';
import type { AuditEvent } from './contract.ts';

/** One row per action on a response, an export, a form, a token or a webhook. */
interface AuditEventsTable extends Omit<AuditEvent, 'id'> {
  id: Generated<number>;
}

export interface AuditTables {
  audit_events: AuditEventsTable;
}
