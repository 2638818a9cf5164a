import type { Database } from '../database.ts';
import { createIndex } from './idempotent.ts';

/** Indexes for lists of responses by form and status, and by the time of arrival; and of the audit by subject. */
export async function indexBrowsing(database: Database): Promise<void> {
  await createIndex(database, 'responses_by_form_status', 'responses', ['form_id', 'status', 'id']);
  await createIndex(database, 'responses_by_arrival', 'responses', ['created_at', 'id']);
  await createIndex(database, 'audit_events_by_subject', 'audit_events', ['subject_id', 'at', 'id']);
}
