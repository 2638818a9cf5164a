import { tableOfRows } from '../exports/table-of-rows.ts';
import { findLateRevisions } from './late-revision-queries.ts';
import { bytesOf } from './queries.ts';

/** Late revisions, in order of arrival. */
export const lateRevisionsTable = tableOfRows({
  name: 'late_revisions',
  timeColumn: 'saved_at',
  timeIndex: 'late_revisions_by_time',
  title: 'Responses that came too late',
  columns: [
    ['response_id', 'text', (row) => row.response_id],
    ['form_id', 'text', (row) => row.form_id],
    ['form_version', 'number', (row) => row.form_version],
    ['user_id', 'text', (row) => row.user_id],
    ['status', 'text', (row) => row.status],
    ['last_modified_time', 'time', (row) => row.last_modified_time],
    ['saved_at', 'time', (row) => row.saved_at],
    ['response', 'text', (row) => row.response],
  ],
  read: findLateRevisions,
  bytesOf,
  stateOf: (row) => row,
  rowsPerPage: 100,
});
