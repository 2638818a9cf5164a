import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Cell, CsvResult, ExportBound, StoredExport, TableDescription } from '../../db-proxy-lambda/contract.ts';
import { csvHeader, csvLines } from './csv.ts';
import { startUpload } from './upload.ts';

/** What a sheet must know of a table before it begins. */
export interface Measured {
  rows: number;
  /** Characters of the longest cell; 0 where nobody asked. */
  longestCell: number;
}

/** Reads a table through and writes nothing. */
export async function measure(
  pages: AsyncIterable<readonly Cell[][]>,
  onRows: (rows: number) => Promise<void>,
): Promise<Measured> {
  let rows = 0;
  let longest = 0;
  for await (const page of pages) {
    rows += page.length;
    longest = Math.max(longest, longestCellOf(page));
    await onRows(rows);
  }
  return { rows, longestCell: longest };
}

/**
 * Streams a table to S3. The object and its manifest appear when it is complete; a failure leaves neither.
 *
 * @param pages the table's rows
 * @param isForSheet whether a sheet follows: only then is the longest cell looked for
 * @param onRows told after each page how many rows are written
 */
export async function writeCsv(
  s3: S3Client,
  bucket: string,
  { stored, table, bound }: { stored: StoredExport; table: TableDescription; bound: ExportBound },
  pages: AsyncIterable<readonly Cell[][]>,
  isForSheet: boolean,
  onRows: (rows: number) => Promise<void>,
): Promise<Measured & { csv: CsvResult }> {
  const key = `${table.name}/${stored.export_id}.csv`;
  const upload = await startUpload(s3, bucket, key, 'text/csv; charset=utf-8');
  const toLines = csvLines(table.columns);
  let rows = 0;
  let longest = 0;
  let object: { bytes: number; sha256: string };
  try {
    await upload.write(csvHeader(table.columns));
    for await (const page of pages) {
      await upload.write(toLines(page));
      rows += page.length;
      if (isForSheet) longest = Math.max(longest, longestCellOf(page));
      await onRows(rows);
    }
    object = await upload.complete();
  } catch (error) {
    // What is left of an upload that cannot even be aborted, the bucket drops by itself in a day.
    await upload.abort().catch(() => undefined);
    throw error;
  }
  const csv = { bucket, key, rows, ...object };
  await putManifest(s3, { csv, stored, table, bound });
  return { csv, rows, longestCell: longest };
}

async function putManifest(
  s3: S3Client,
  parts: { csv: CsvResult; stored: StoredExport; table: TableDescription; bound: ExportBound },
): Promise<void> {
  const { csv, stored, table, bound } = parts;
  const manifest = {
    export_id: stored.export_id,
    table_name: table.name,
    rows: csv.rows,
    columns: table.columns,
    sha256: csv.sha256,
    bytes: csv.bytes,
    form_version: bound.form_version,
    filter: stored.request.filter,
    snapshot: { at: bound.at, max_id: bound.max_id },
    started_at: stored.started_at,
    finished_at: new Date().toISOString(),
  };
  const key = csv.key.replace(/\.csv$/, '.manifest.json');
  const body = JSON.stringify(manifest, undefined, 2);
  await s3.send(new PutObjectCommand({ Bucket: csv.bucket, Key: key, Body: body, ContentType: 'application/json' }));
}

function longestCellOf(page: readonly Cell[][]): number {
  let longest = 0;
  for (const row of page) {
    for (const cell of row) if (typeof cell === 'string' && cell.length > longest) longest = cell.length;
  }
  return longest;
}
