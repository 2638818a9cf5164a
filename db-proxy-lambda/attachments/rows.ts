import type { Generated } from 'kysely';

/** One row per file of a response. `id` is the order of arrival. */
export interface AttachmentsTable {
  id: Generated<number>;
  /** SHA-256 of the response's id, the name and the content's hash: a file is stored once. */
  file_key: string;
  response_id: string;
  name: string;
  object_key: string;
  sha256: string;
  bytes: number;
  type: string;
  /** If set, the file counts only if the response belongs to this collector, who sent the file before the response came. */
  only_of: string | null;
  created_at: string;
}

/** Files that will be uploaded, and those that were. Only erasure deletes a row: an object without a row is removed. */
export type AwaitedUploadsTable = Omit<AttachmentsTable, 'id' | 'file_key'>;

/**
 * The names of files in a response's answers. A transaction that adds files, or that saves a response with such names,
 * first locks or inserts the response's row. So of two concurrent transactions, the second sees what the first wrote.
 */
export interface ExpectedFilesTable {
  response_id: string;
  /** A JSON list. */
  names: string;
}

export interface AttachmentTables {
  attachments: AttachmentsTable;
  awaited_uploads: AwaitedUploadsTable;
  expected_files: ExpectedFilesTable;
}
