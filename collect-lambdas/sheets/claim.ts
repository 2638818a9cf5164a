/**
 * The claim of an export and the lease of a tab. One worker holds both; if it dies, they expire and another takes over.
 */
import type { DbProxy } from '../shared/db-proxy-client.ts';
import { withPauses, type Clock } from '../shared/google/clock.ts';
import { SheetError } from '../shared/google/sheet-error.ts';

/** Renewals per lease. The margin allows for a slow proxy. */
const RENEWALS = 12;
const TAB_POLL_MS = 2_000;
/** How long an export waits for a tab: 10 of the function's 15 minutes, which leaves time to report the failure. */
const TAB_TIMEOUT_MS = 600_000;

/** Another worker has taken the export over and writes the same CSV and sheet. */
export class ClaimLost extends Error {}

export interface Claim {
  /** Renews the claim when a renewal is due, and reports the rows that are done. @throws {ClaimLost} */
  keep: (rowsDone?: number) => Promise<void>;
  /** A clock that renews the claim during waits. */
  clock: Clock;
  /** Takes the lease of a tab, which is then renewed together with the claim. @throws {SheetError | ClaimLost} */
  takeTab: (name: string) => Promise<void>;
  releaseTab: () => Promise<void>;
}

/** @param holder a unique name for this run; the export has just been claimed for it */
export function holdClaim(
  dbProxy: DbProxy,
  clock: Clock,
  { exportId, holder, leaseSeconds }: { exportId: string; holder: string; leaseSeconds: number },
): Claim {
  const renewMs = (leaseSeconds * 1_000) / RENEWALS;
  let renewedAt = clock.now();
  let rows = 0;
  let tab: string | undefined;

  const takeLease = async (name: string): Promise<boolean> =>
    (await dbProxy.call('takeLease', { name, holder, seconds: leaseSeconds })).taken;

  const renew = async (): Promise<void> => {
    const askedAt = clock.now();
    const claim = { export_id: exportId, holder, lease_seconds: leaseSeconds, rows_done: rows };
    const { held } = await dbProxy.call('reportExport', claim);
    if (!held || (tab !== undefined && !(await takeLease(tab)))) throw new ClaimLost();
    renewedAt = askedAt;
  };

  const keep = async (rowsDone = rows): Promise<void> => {
    // A pass for another file begins again at zero rows.
    rows = Math.max(rows, rowsDone);
    if (clock.now() - renewedAt >= renewMs) await renew();
  };

  return {
    keep,
    clock: withPauses(clock, renewMs, keep),
    async takeTab(name) {
      const giveUpAt = clock.now() + TAB_TIMEOUT_MS;
      while (!(await takeLease(name))) {
        if (clock.now() > giveUpAt) {
          throw new SheetError(
            'Another export is writing this sheet. Request this export again when the other has ended.',
          );
        }
        await clock.wait(TAB_POLL_MS);
        await renew();
      }
      tab = name;
    },
    async releaseTab() {
      if (tab === undefined) return;
      await dbProxy.call('releaseLease', { name: tab, holder });
      tab = undefined;
    },
  };
}
