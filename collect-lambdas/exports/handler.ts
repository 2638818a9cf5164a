/** Requests exports of tables to files and to a Google sheet, and shows their progress. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { FileResult, StoredExport } from '../../db-proxy-lambda/contract.ts';
import { EXPORT, startJob } from '../shared/background-job.ts';
import { readJson } from '../shared/body.ts';
import { isSameTitle, tabTitle } from '../shared/google/cells.ts';
import { askedBy, jsonResponse, pathParameter, type HttpResponse } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import { pageResponse } from '../shared/query.ts';
import type { Request } from '../shared/route.ts';
import type { Dependencies } from './dependencies.ts';
import { readExportRequest, tableNameIn, type listQuery } from './request.ts';

const MAX_REQUEST_BYTES = 10_000;

export async function requestExport(dependencies: Dependencies, { event, caller }: Request): Promise<HttpResponse> {
  const { dbProxy, defaultSpreadsheetId } = dependencies;
  const body = readJson(event, MAX_REQUEST_BYTES);
  const found = await dbProxy.call('findTable', { table_name: tableNameIn(body) ?? '' });
  const request = readExportRequest(body, found, defaultSpreadsheetId);
  await checkTab(dependencies, request);
  const by = askedBy(event, caller);
  const exportId = randomUUID();
  const store = async () => {
    const { export: stored } = await dbProxy.call('requestExport', { export_id: exportId, ...request, by });
    return { id: stored.export_id, status: stored.status };
  };
  return startJob(dependencies, EXPORT, exportId, store, (id) => `/exports/${id}`);
}

/** @throws {Problem} 409 if a live sheet keeps the tab: the export would overwrite its rows and columns */
async function checkTab(
  { dbProxy }: Dependencies,
  { table_name: table, request: { spreadsheet_id: spreadsheetId } }: ReturnType<typeof readExportRequest>,
): Promise<void> {
  if (spreadsheetId === null) return;
  const title = tabTitle(table);
  const { sheets } = await dbProxy.call('listLiveSheets', {});
  const kept = sheets.find((each) => each.spreadsheet_id === spreadsheetId && isSameTitle(each.tab, title));
  if (kept === undefined) return;
  const detail = `The live sheet of the form ${kept.form_id} keeps the tab ${kept.tab} of this spreadsheet in step; an export would overwrite its rows. Send the id of another spreadsheet, leave the sheet out ("format": {"sheet": false}), or choose another tab for the live sheet with PUT /forms/${kept.form_id}/sheet.`;
  throw new Problem('tab-in-use', { errors: [{ pointer: '/spreadsheet_id', detail }] });
}

export async function getExport(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const exportId = z.uuid().safeParse(pathParameter(event, 'export_id'));
  const { export: stored } = exportId.success
    ? await dependencies.dbProxy.call('getExport', { export_id: exportId.data })
    : { export: null };
  if (stored === null) throw new Problem('not-found', { detail: 'There is no export with this id.' });
  return jsonResponse(200, await toBody(dependencies, stored));
}

export async function listExports(
  dependencies: Dependencies,
  { query: { cursor: after, ...query } }: Request<typeof listQuery>,
): Promise<HttpResponse> {
  const { items, next } = await dependencies.dbProxy.call('listExports', { ...query, after });
  return pageResponse({ items: await Promise.all(items.map((stored) => toBody(dependencies, stored))), next });
}

export async function listTables({ dbProxy }: Dependencies): Promise<HttpResponse> {
  const { tables } = await dbProxy.call('listTables', { count_rows: true });
  return jsonResponse(200, { items: tables });
}

/** An export as a reply, with new links to its files. */
async function toBody({ linkTo }: Dependencies, { request, csv, ndjson, zip, ...stored }: StoredExport) {
  const linked = async (file: FileResult | null) => file && { ...file, url: await linkTo(file.bucket, file.key) };
  return {
    ...stored,
    filter: request.filter,
    request,
    csv: await linked(csv),
    ndjson: await linked(ndjson),
    zip: await linked(zip),
  };
}
