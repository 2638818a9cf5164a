import { tableOfRows } from '../exports/table-of-rows.ts';
import { findFilesToExport } from './queries.ts';

/** The files of responses, in order of arrival. */
export const attachmentsTable = tableOfRows({
  name: 'attachments',
  timeColumn: 'created_at',
  timeIndex: 'attachments_by_time',
  title: 'Attachments: photos, recordings and other files',
  columns: [
    ['response_id', 'text', (file) => file.response_id],
    ['form_id', 'text', (file) => file.form_id],
    ['name', 'text', (file) => file.name],
    ['type', 'text', (file) => file.type],
    ['bytes', 'number', (file) => file.bytes],
    ['sha256', 'text', (file) => file.sha256],
    ['created_at', 'time', (file) => file.created_at],
    ['link', 'text', (file) => `/responses/${encodeURIComponent(file.response_id)}/attachments`],
  ],
  read: findFilesToExport,
  // A row has no large columns: the 600 bytes that readByKeys adds to each row are enough.
  bytesOf: () => 0,
  stateOf: (file) => ({ status: file.status, saved_at: file.created_at }),
});
