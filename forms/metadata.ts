import type { Field } from './form-schema.ts';

const id = (key: string): Field => ({ key, column: key, type: 'id', required: true, max_length: 128 });
const text = (key: string): Field => ({
  key,
  column: key,
  type: 'text',
  required: true,
  max_length: 200,
  multiline: false,
});
const time = (key: string): Field => ({ key, column: key, type: 'time', required: true });

/** What every form's responses carry beside their answers, in the order of their columns. All of them are required. */
export const METADATA: readonly Field[] = [
  id('response_id'),
  id('response_family_id'),
  id('user_id'),
  text('username'),
  text('location'),
  time('submitted_time'),
  time('synced_time'),
  time('last_modified_time'),
];

/** Columns that Collect itself adds beside those of the metadata and the questions; no question may use one. */
export const SYSTEM_COLUMNS: readonly string[] = [
  'form_id',
  'form_version',
  'revision',
  'status',
  'flags',
  'content_hash',
  'received_time',
];

/** What a form's export says of a response beside its metadata and answers; no question may have one as its key. */
export const STATE_HEADERS = ['revision', 'status', 'flags', 'form_version', 'saved_at'] as const;
