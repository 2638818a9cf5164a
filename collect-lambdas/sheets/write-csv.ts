import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Cell, CsvResult, ExportBound, StoredExport, TableDescription } from '../../db-proxy-lambda/contract.ts';
import { csvHeader, csvLines } from './csv.ts';
import { upload } from './upload.ts';

/**
 * Streams a table to S3. The object appears when it is complete, then its manifest; a failed upload leaves neither.
 *
 * @param pages the table's rows
 */
export async function writeCsv(
  s3: S3Client,
  bucket: string,
  { stored, table, bound }: { stored: StoredExport; table: TableDescription; bound: ExportBound },
  pages: AsyncIterable<readonly Cell[][]>,
): Promise<CsvResult> {
  const key = `${table.name}/${stored.export_id}.csv`;
  const toLines = csvLines(table.columns);
  let rows = 0;
  const text = async function* (): AsyncGenerator<string> {
    yield csvHeader(table.columns);
    for await (const page of pages) {
      yield toLines(page);
      rows += page.length;
    }
  };
  const object = await upload(s3, { Bucket: bucket, Key: key, ContentType: 'text/csv; charset=utf-8' }, text());
  const csv = { bucket, key, rows, ...object };
  await putManifest(s3, { csv, stored, table, bound });
  return csv;
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
