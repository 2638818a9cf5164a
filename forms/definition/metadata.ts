import type { FormDefinition } from './form-definition.ts';
import type { Field, Item } from '../question-types/index.ts';

/** Max length of an id in Unicode code points. */
export const MAX_ID_LENGTH = 128;

const id = (key: string): Field => ({ key, column: key, type: 'id', required: true, max_length: MAX_ID_LENGTH });
const text = (key: string): Field => ({
  key,
  column: key,
  type: 'text',
  required: true,
  max_length: 200,
  multiline: false,
});
const time = (key: string): Field => ({ key, column: key, type: 'time', required: true });

const FIELDS = {
  response_id: id,
  response_family_id: id,
  user_id: id,
  username: text,
  location: text,
  submitted_time: time,
  synced_time: time,
  last_modified_time: time,
} as const;

export type MetadataKey = keyof typeof FIELDS;

/** The metadata of every form's responses, in the order of their columns. All of it is required. */
export const METADATA: readonly Field[] = Object.entries(FIELDS).map(([key, field]) => field(key));

/** Whether a key is that of metadata. */
export function isMetadata(key: string): boolean {
  return METADATA.some((field) => field.key === key);
}

/**
 * The member of a response that says with which version of its form it was filled in. Optional metadata of every form.
 */
export const VERSION_KEY = 'form_version';

/** The metadata, then the questions of a form: the order of a response's keys and of a table's columns. */
export function fieldsOf(definition: Pick<FormDefinition, 'questions'>): readonly (Field | Item)[] {
  return [...METADATA, ...definition.questions];
}

/** Collect's own columns besides the metadata; no question may use them. */
export const SYSTEM_COLUMNS: readonly string[] = [
  'form_id',
  'form_version',
  'revision',
  'status',
  'flags',
  'content_hash',
  'received_time',
];

/** The columns of a form's export besides metadata and answers; no question may use them as its key. */
export const STATE_HEADERS = ['revision', 'status', 'flags', 'form_version', 'saved_at'] as const;

/**
 * The names of Collect's own flags: for answers that do not fit the form, for responses that arrive after the form was
 * closed, and for attachments that have not arrived.
 */
export const OWN_FLAGS = {
  doesNotFit: 'DoesNotFit',
  formClosed: 'FormClosed',
  missingAttachment: 'MissingAttachment',
} as const;

/** Names that no rule of a new version may have. */
export const RESERVED_RULES: ReadonlySet<string> = new Set(Object.values(OWN_FLAGS));
