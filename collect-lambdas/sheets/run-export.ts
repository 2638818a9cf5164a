/** Runs one export from its message to its end. */
import type { FileResult, Input, Result, SheetResult } from '../../db-proxy-lambda/contract.ts';
import { publishMetrics } from '../shared/metrics.ts';
import { ClaimLost, holdClaim, type Claim } from './claim.ts';
import type { Dependencies } from './dependencies.ts';
import { createGoogleSheets, type Tab } from '../shared/google/google-client.ts';
import { withHeaders } from '../shared/google/headers.ts';
import { measure, readPages, type TableSize } from './pages.ts';
import { findTab, tabTitle } from '../shared/google/cells.ts';
import { checkFits, openSheet } from './sheet.ts';
import { SheetError, SignInError } from '../shared/google/sheet-error.ts';
import { writeFile } from './write-file.ts';
import { writeZip } from './write-zip.ts';

/** Max characters of a lease's name. Exports whose leases have the same name wait for each other. */
const MAX_LEASE_NAME = 255;

type Granted = Extract<Result<'claimExport'>, { claim: 'granted' }>;
type Outcome = Omit<Input<'finishExport'>, 'export_id' | 'holder'>;

/**
 * Runs an export, unless it is finished or another worker runs it.
 *
 * The files are written first, so that the sheet is touched only if everything fits. If Google refuses the sheet, the export
 * ends as failed and its files stay. Any other failure is thrown, and another worker runs the export once the claim has
 * expired.
 */
export async function runExport(dependencies: Dependencies, exportId: string): Promise<void> {
  const { dbProxy, clock, logger, leaseSeconds } = dependencies;
  const holder = dependencies.newHolder();
  const claimed = await dbProxy.call('claimExport', { export_id: exportId, holder, lease_seconds: leaseSeconds });
  if (claimed.claim !== 'granted') {
    logger.info('export not claimed', { export_id: exportId, claim: claimed.claim });
    return;
  }
  const began = clock.now();
  const claim = holdClaim(dbProxy, clock, { exportId, holder, leaseSeconds });
  try {
    const table = withHeaders(claimed.table, claimed.export.request);
    const outcome = await write(dependencies, { ...claimed, table }, claim);
    const { held } = await dbProxy.call('finishExport', { export_id: exportId, holder, ...outcome });
    if (!held) throw new ClaimLost();
    publishMetrics({
      ExportRows: (outcome.csv ?? outcome.ndjson ?? outcome.sheet ?? outcome.zip)?.rows ?? 0,
      ExportSeconds: (clock.now() - began) / 1_000,
      ExportFailures: outcome.status === 'failed' ? 1 : 0,
    });
    logger.info('export ended', { export_id: exportId, status: outcome.status });
  } catch (error) {
    if (!(error instanceof ClaimLost)) throw error;
    logger.warn('export taken over by another worker', { export_id: exportId });
  }
}

/** Writes each file and the sheet in a pass of its own. The export's bound makes all passes read the same rows. */
async function write(dependencies: Dependencies, granted: Granted, claim: Claim): Promise<Outcome> {
  const { s3, csvBucket } = dependencies;
  const { format, spreadsheet_id: spreadsheetId } = granted.export.request;
  const described = { stored: granted.export, table: granted.table, bound: granted.bound };
  const size: TableSize = { rows: 0, longestCell: 0 };
  const pages = () => measure(pagesOf(dependencies, granted), size, claim.keep);
  const csv = format.csv ? await writeFile(s3, csvBucket, 'csv', described, pages()) : null;
  const ndjson = format.ndjson === true ? await writeFile(s3, csvBucket, 'ndjson', described, pages()) : null;
  if (csv === null && ndjson === null && format.sheet) await drain(pages());
  const zip = format.zip === true ? await writeAttachments(dependencies, granted, claim) : null;
  const done = { status: 'succeeded', csv, ndjson, zip, sheet: null, error: null } as const;
  if (!format.sheet || spreadsheetId === null) return done;
  try {
    return { ...done, sheet: await writeSheet(dependencies, granted, spreadsheetId, size, claim) };
  } catch (error) {
    if (!(error instanceof SheetError)) throw error;
    if (error instanceof SignInError) dependencies.forgetSignIn();
    return { ...done, status: 'failed', error: error.message };
  } finally {
    await claim.releaseTab();
  }
}

function writeAttachments(dependencies: Dependencies, granted: Granted, claim: Claim): Promise<FileResult> {
  const { table, bound, export: stored } = granted;
  const target = { bucket: dependencies.csvBucket, key: `${table.name}/${stored.export_id}.zip` };
  const selection = { form_id: table.name, until: bound.at, filter: stored.request.filter };
  return writeZip(dependencies, target, selection, () => claim.keep());
}

/** Reads all items and discards them. */
async function drain(items: AsyncIterator<unknown>): Promise<void> {
  let { done } = await items.next();
  while (done !== true) ({ done } = await items.next());
}

async function writeSheet(
  dependencies: Dependencies,
  granted: Granted,
  spreadsheetId: string,
  { rows, longestCell }: TableSize,
  claim: Claim,
): Promise<SheetResult> {
  const { dbProxy } = dependencies;
  const { table } = granted;
  const account = await dependencies.signIn();
  const google = createGoogleSheets(account, dbProxy, claim.clock, claim.keep);
  const title = tabTitle(table.name);
  await claim.takeTab(`sheet:${spreadsheetId}:${title}`.slice(0, MAX_LEASE_NAME));
  const spreadsheet = await google.read(spreadsheetId);
  await checkNotKept(dependencies, spreadsheetId, findTab(spreadsheet, title));
  const { format } = granted.export.request;
  checkFits(spreadsheet, title, { rows, columns: table.columns.length, longestCell }, format);
  const sheet = await openSheet(google, spreadsheetId, spreadsheet, table, rows);
  for await (const page of pagesOf(dependencies, granted)) await sheet.append(page);
  await sheet.finish();
  return { spreadsheet_id: spreadsheetId, tab: sheet.title, url: `${spreadsheet.url}#gid=${sheet.sheetId}`, rows };
}

/**
 * Checks the tab again, by its id: the request checked only its title, and a person may have given this title to the tab of
 * a live sheet.
 *
 * @throws {SheetError} if a live sheet keeps the tab
 */
async function checkNotKept({ dbProxy }: Dependencies, spreadsheetId: string, tab: Tab | undefined): Promise<void> {
  const { sheets } = await dbProxy.call('listLiveSheets', {});
  const kept = sheets.find((each) => each.spreadsheet_id === spreadsheetId && each.sheet_id === tab?.sheetId);
  if (tab === undefined || kept === undefined) return;
  throw new SheetError(
    `The live sheet of the form ${kept.form_id} keeps the tab ${tab.title}; the export would overwrite its rows. Rename the tab, or export to another spreadsheet.`,
  );
}

function pagesOf({ dbProxy }: Dependencies, { export: stored, table, bound }: Granted) {
  const { filter, option_columns: optionColumns } = stored.request;
  return readPages(dbProxy, { table_name: table.name, bound, filter, option_columns: optionColumns });
}
