/** Brings one live sheet in step with its table. */
import { liveSheetLease, type Cell, type Input } from '../../db-proxy-lambda/contract.ts';
import { withPauses } from '../shared/google/clock.ts';
import { createGoogleSheets, type GoogleSheets } from '../shared/google/google-client.ts';
import { RefusedError, SheetError, SignInError } from '../shared/google/sheet-error.ts';
import { traceOf } from '../shared/logger.ts';
import { publishMetrics } from '../shared/metrics.ts';
import { TransientError } from '../shared/retry.ts';
import type { Dependencies } from './dependencies.ts';
import { openTab } from './open-tab.ts';
import { readKeys } from './keys.ts';
import { repairSheet } from './repair.ts';
import { targetOf, toLiveRow, type LiveRow, type Target } from './target.ts';
import { appendRows, readAgain, updateRows } from './write-rows.ts';

/** A run that died loses its sheet after this time. */
const LEASE_SECONDS = 60;
const RENEW_MS = 10_000;
/** Max comparisons of one run. A comparison is repeated if people move rows during it. */
const MAX_REPAIRS = 5;
/** Max refused requests of one run before the sheet counts as failed. */
const MAX_REFUSALS = 3;
/** Sorts after every response, so that a comparison reads the current table. */
const PRESENT = { max_id: Number.MAX_SAFE_INTEGER, at: '9999-12-31T23:59:59.999Z' };

const NO_REPLY =
  'Google Sheets did not reply, or only with errors, in several tries. No action is needed: the sheet is tried again.';

/** Another worker has taken the sheet over, or a manager chose another tab. */
class SheetLost extends Error {}

/** One run: it holds the sheet's lease. */
interface Run {
  formId: string;
  holder: string;
  google: GoogleSheets;
  wait: (milliseconds: number) => Promise<void>;
  dependencies: Dependencies;
}

/**
 * Writes the changes of a form to its sheet until none is left, or until `deadline` (milliseconds since 1970).
 *
 * @returns `left` if something is left to write, `held` if another worker has the sheet
 * @throws errors that are not Google's, such as the db-proxy's
 */
export async function runSheet(
  dependencies: Dependencies,
  formId: string,
  deadline: number,
): Promise<'done' | 'held' | 'left'> {
  const { dbProxy, clock, logger } = dependencies;
  const holder = dependencies.newHolder();
  const now = () => new Date(clock.now()).toISOString();
  let done: number[] = [];
  let repairs = 0;
  let refusals = 0;
  const release = () => dbProxy.call('releaseLease', { name: liveSheetLease(formId), holder });
  let run: Run | undefined;
  for (;;) {
    const input = { form_id: formId, holder, lease_seconds: LEASE_SECONDS, now: now(), done };
    const claimed = await dbProxy.call('claimLiveSheet', input);
    if (claimed.claim !== 'granted') return claimed.claim === 'held' ? 'held' : 'done';
    const isLate = clock.now() > deadline || (claimed.repair && repairs >= MAX_REPAIRS);
    if (isLate) {
      await release();
      return 'left';
    }
    const target = targetOf(formId, claimed);
    const send = async (outcome: Input<'reportLiveSheet'>['outcome']): Promise<boolean> => {
      const about = { form_id: formId, holder, choice_id: target.choiceId, now: now(), outcome };
      const { held, changed = false } = await dbProxy.call('reportLiveSheet', about);
      if (changed) await dependencies.triggerPublish();
      return held;
    };
    const report: Report = async (outcome) => {
      if (!(await send(outcome))) throw new SheetLost();
    };
    try {
      run ??= await startRun(dependencies, formId, holder);
      if (claimed.repair) {
        repairs += 1;
        await repair(run, target, report);
        done = [];
      } else {
        await writeChanges(run, target, claimed.changes, report);
        done = claimed.changes.map(({ id }) => id);
      }
    } catch (error) {
      if (error instanceof SheetLost) return 'held';
      done = [];
      refusals += 1;
      // A person may have deleted rows or columns since their places were read.
      if (error instanceof RefusedError && refusals < MAX_REFUSALS) continue;
      const failure = failureOf(error);
      if (failure === undefined) {
        await release();
        throw error;
      }
      if (error instanceof SignInError) dependencies.forgetSignIn();
      logger.error('live sheet not written', { form_id: formId, ...traceOf(error) });
      publishMetrics({ LiveSheetFailures: 1 });
      await send({ kind: 'failed', error: failure });
      return 'done';
    }
  }
}

/** A failure of Google's in words for a manager; undefined for other failures. */
function failureOf(error: unknown): string | undefined {
  if (error instanceof TransientError) return NO_REPLY;
  if (!(error instanceof SheetError)) return undefined;
  return error.cause instanceof TransientError ? NO_REPLY : error.message.slice(0, 2_000);
}

async function startRun(dependencies: Dependencies, formId: string, holder: string): Promise<Run> {
  const { dbProxy, clock } = dependencies;
  let renewedAt = clock.now();
  const keep = async (): Promise<void> => {
    if (clock.now() - renewedAt < RENEW_MS) return;
    const lease = { name: liveSheetLease(formId), holder, seconds: LEASE_SECONDS };
    if (!(await dbProxy.call('takeLease', lease)).taken) throw new SheetLost();
    renewedAt = clock.now();
  };
  const patient = withPauses(clock, RENEW_MS, keep);
  const google = createGoogleSheets(await dependencies.signIn(), dbProxy, patient, keep);
  return { formId, holder, google, wait: patient.wait, dependencies };
}

type Report = (outcome: Input<'reportLiveSheet'>['outcome']) => Promise<void>;

async function open({ google }: Run, target: Target, report: Report) {
  const opened = await openTab(google, target);
  const { tab, known } = opened.layout;
  await report({ kind: 'found', sheet_id: tab.sheetId, headers: { ...known } });
  return opened;
}

/** Writes the rows of changed responses: in place, or at the end of the tab. */
async function writeChanges(
  run: Run,
  target: Target,
  changes: readonly { response_id: string }[],
  report: Report,
): Promise<void> {
  const { google, wait } = run;
  const opened = await open(run, target, report);
  const { layout } = opened;
  const keys = await readKeys(google, target.spreadsheetId, layout);
  const rows = await readRows(run, target, [...new Set(changes.map((change) => change.response_id))]);
  const isThere = ({ id }: LiveRow): boolean => keys.rows.has(id);
  const again = await readAgain(
    google,
    target,
    layout,
    await updateRows(google, target, layout, keys, rows.filter(isThere)),
  );
  const added = rows.filter((row) => !isThere(row));
  const after = added.length === 0 ? again.keys : await appendRows(google, target, opened, added, wait);
  if (again.moved || again.differs || after.copies.length > 0) await report({ kind: 'repair' });
}

async function repair(run: Run, target: Target, report: Report): Promise<void> {
  const { google, wait, dependencies } = run;
  const opened = await open(run, target, report);
  const pages = () => readTable(dependencies, target);
  const isWhole = await repairSheet({ google, wait, pages }, target, opened);
  await report({ kind: isWhole ? 'repaired' : 'repair' });
}

/** The current rows of responses. */
async function readRows({ dependencies }: Run, target: Target, ids: readonly string[]): Promise<LiveRow[]> {
  const rows: LiveRow[] = [];
  let left = [...ids];
  while (left.length > 0) {
    const input = { form_id: target.formId, form_version: target.formVersion, response_ids: left };
    const { next, rows: page } = await dependencies.dbProxy.call('readLiveRows', input);
    for (const cells of page) rows.push(toLiveRow(target, cells));
    left = next === null ? [] : left.slice(left.indexOf(next));
  }
  return rows;
}

async function* readTable(
  { dbProxy }: Dependencies,
  { formId, formVersion }: Target,
): AsyncGenerator<readonly Cell[][], void, void> {
  let after: string | null = null;
  do {
    const input = { table_name: formId, bound: { ...PRESENT, form_version: formVersion }, filter: {}, after };
    const page: { rows: Cell[][]; next: string | null } = await dbProxy.call('readTable', input);
    yield page.rows;
    after = page.next;
  } while (after !== null);
}
