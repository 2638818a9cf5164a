/** A manager asks for a table as CSV and as a Google sheet, and sees how far it is. */
import * as z from 'zod';
import type { StoredExport } from '../../db-proxy-lambda/contract.ts';
import { parseJson } from '../../forms/json.ts';
import type { Caller } from '../shared/access.ts';
import {
  askedBy,
  jsonResponse,
  pathParameter,
  readText,
  routeRequests,
  type HttpEvent,
  type HttpResponse,
} from '../shared/http.ts';
import { traceOf } from '../shared/logger.ts';
import { exportMarker } from '../shared/owed.ts';
import { Problem, RETRY_AFTER_SECONDS } from '../shared/problem.ts';
import { encodeCursor, readQuery } from '../shared/query.ts';
import type { Dependencies } from './dependencies.ts';
import { listQuery, readExportRequest, tableNameIn } from './request.ts';

const MAX_REQUEST_BYTES = 10_000;

export function createHandler(dependencies: Dependencies) {
  return routeRequests(
    {
      'POST /google-sheet': (event, caller) => requestExport(dependencies, event, caller),
      'GET /exports': (event) => listExports(dependencies, event),
      'GET /exports/{export_id}': (event) => getExport(dependencies, event),
      'GET /tables': () => listTables(dependencies),
    },
    dependencies.logger,
  );
}

async function requestExport(dependencies: Dependencies, event: HttpEvent, caller: Caller): Promise<HttpResponse> {
  const { dbProxy, defaultSpreadsheetId, newId } = dependencies;
  const { text } = readText(event, ['application/json'], MAX_REQUEST_BYTES);
  const body = parseJson(text);
  if (!body.ok) throw new Problem('not-json', { errors: [body.fault] });
  const found = await dbProxy.call('findTable', { table_name: tableNameIn(body.value) ?? '' });
  const request = readExportRequest(body.value, found, defaultSpreadsheetId);
  const by = askedBy(event, caller);
  const exportId = newId();
  await noteOwed(dependencies, exportId);
  const { export: stored } = await dbProxy.call('requestExport', { export_id: exportId, ...request, by });
  // Also for one that was queued before: should its message have been lost, this brings it back, and two messages
  // start one run.
  if (stored.status === 'queued') await send(dependencies, stored.export_id);
  const statusUrl = `/exports/${stored.export_id}`;
  return jsonResponse(
    202,
    { export_id: stored.export_id, status: stored.status, status_url: statusUrl },
    { location: statusUrl },
  );
}

/** Comes before the export is stored: the marker tells the sweep to look after exports. */
async function noteOwed({ leaveMarker }: Dependencies, exportId: string): Promise<void> {
  if (await leaveMarker(exportMarker(exportId))) return;
  throw new Problem('unavailable', {
    detail: 'The export is not noted; ask for it again.',
    headers: { 'retry-after': RETRY_AFTER_SECONDS },
  });
}

async function send({ enqueue, logger }: Dependencies, exportId: string): Promise<void> {
  try {
    await enqueue({ export_id: exportId });
  } catch (error) {
    logger.error('export not queued', { export_id: exportId, ...traceOf(error) });
    throw new Problem('unavailable', {
      detail: 'The export is noted and will be started within minutes; ask for it again to start it at once.',
      headers: { 'retry-after': RETRY_AFTER_SECONDS },
    });
  }
}

async function getExport(dependencies: Dependencies, event: HttpEvent): Promise<HttpResponse> {
  const exportId = z.uuid().safeParse(pathParameter(event, 'export_id'));
  const { export: stored } = exportId.success
    ? await dependencies.dbProxy.call('getExport', { export_id: exportId.data })
    : { export: null };
  if (stored === null) throw new Problem('not-found', { detail: 'There is no export with this id.' });
  return jsonResponse(200, await toBody(dependencies, stored));
}

async function listExports(dependencies: Dependencies, event: HttpEvent): Promise<HttpResponse> {
  const { limit, cursor: after } = readQuery(event, listQuery);
  const { items, next } = await dependencies.dbProxy.call('listExports', { limit, after });
  return jsonResponse(200, {
    items: await Promise.all(items.map((stored) => toBody(dependencies, stored))),
    next_cursor: next === null ? null : encodeCursor(next),
  });
}

async function listTables({ dbProxy }: Dependencies): Promise<HttpResponse> {
  const { tables } = await dbProxy.call('listTables', { count_rows: true });
  return jsonResponse(200, { items: tables });
}

/** What a manager sees of an export; the link to its CSV is made anew each time. */
async function toBody({ linkTo }: Dependencies, { request, csv, ...stored }: StoredExport) {
  return {
    ...stored,
    filter: request.filter,
    csv: csv && { ...csv, url: await linkTo(csv.bucket, csv.key) },
  };
}
