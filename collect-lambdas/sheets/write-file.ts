import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type {
  Cell,
  Column,
  ExportBound,
  FileResult,
  StoredExport,
  TableDescription,
} from '../../db-proxy-lambda/contract.ts';
import { csvHeader, csvLines } from './csv.ts';
import { ndjsonLines } from './ndjson.ts';
import { upload } from './upload.ts';

interface FileFormat {
  contentType: string;
  /** The end of the manifest's key. The key begins like the key of the file. */
  manifest: string;
  /** The text before the rows. */
  start: (columns: readonly Column[], request: StoredExport['request']) => string;
  lines: (columns: readonly Column[]) => (rows: readonly (readonly Cell[])[]) => string;
}

/** Excel reads a CSV as UTF-8 only if it begins with this byte order mark. */
const BOM = '\uFEFF';

const FORMATS = {
  csv: {
    contentType: 'text/csv; charset=utf-8',
    manifest: 'manifest.json',
    start: (columns, { bom }) => `${bom === true ? BOM : ''}${csvHeader(columns)}`,
    lines: csvLines,
  },
  ndjson: {
    contentType: 'application/x-ndjson',
    manifest: 'ndjson.manifest.json',
    start: () => '',
    lines: ndjsonLines,
  },
} satisfies Record<string, FileFormat>;

interface Described {
  stored: StoredExport;
  table: TableDescription;
  bound: ExportBound;
}

/**
 * Streams a table to S3. The object appears when it is complete, then its manifest; a failed upload leaves neither.
 *
 * @param pages the table's rows
 */
export async function writeFile(
  s3: S3Client,
  bucket: string,
  format: keyof typeof FORMATS,
  described: Described,
  pages: AsyncIterable<readonly Cell[][]>,
): Promise<FileResult> {
  const { stored, table } = described;
  const { contentType, manifest, start, lines }: FileFormat = FORMATS[format];
  const path = `${table.name}/${stored.export_id}`;
  const key = `${path}.${format}`;
  const toLines = lines(table.columns);
  let rows = 0;
  const text = async function* (): AsyncGenerator<string> {
    yield start(table.columns, stored.request);
    for await (const page of pages) {
      yield toLines(page);
      rows += page.length;
    }
  };
  const object = await upload(s3, { Bucket: bucket, Key: key, ContentType: contentType }, text());
  const file = { bucket, key, rows, ...object };
  await putManifest(s3, `${path}.${manifest}`, file, described);
  return file;
}

async function putManifest(
  s3: S3Client,
  key: string,
  file: FileResult,
  { stored, table, bound }: Described,
): Promise<void> {
  const manifest = {
    export_id: stored.export_id,
    table_name: table.name,
    rows: file.rows,
    columns: table.columns,
    sha256: file.sha256,
    bytes: file.bytes,
    form_version: bound.form_version,
    filter: stored.request.filter,
    snapshot: { at: bound.at, max_id: bound.max_id },
    started_at: stored.started_at,
    finished_at: new Date().toISOString(),
  };
  const body = JSON.stringify(manifest, undefined, 2);
  await s3.send(new PutObjectCommand({ Bucket: file.bucket, Key: key, Body: body, ContentType: 'application/json' }));
}
