/** What lets one worker at a time run an export or write a tab, and another take over when it has died. */
import type { DbProxy } from '../shared/db-proxy-client.ts';
import { SheetError } from './sheet-error.ts';
import { withPauses, type Clock } from './clock.ts';

/** A claim is renewed so many times before it runs out; the margin is for a slow proxy. */
const RENEWALS = 12;
const LEASE_WAIT_MS = 2_000;
/** As long as a worker may run at all, less the time to say so. */
const LEASE_PATIENCE_MS = 600_000;

/** Another worker has taken this export over: whatever we would write now, it writes too. */
export class ClaimLost extends Error {}

export interface Claim {
  /** Says how many rows are done, when it is time to. @throws {ClaimLost} */
  report: (rowsDone: number) => Promise<void>;
  /** Renews the claim when it is time to. @throws {ClaimLost} */
  keep: () => Promise<void>;
  /** A clock in whose waits the claim is kept. */
  clock: Clock;
  /** Takes the lease of a tab, and keeps it with the claim from then on. @throws {SheetError | ClaimLost} */
  takeTab: (name: string) => Promise<void>;
  releaseTab: () => Promise<void>;
}

/** @param holder a name for this run that no other run has; the export has just been claimed for it */
export function holdClaim(
  dbProxy: DbProxy,
  clock: Clock,
  { exportId, holder, leaseSeconds }: { exportId: string; holder: string; leaseSeconds: number },
): Claim {
  const renewMs = (leaseSeconds * 1_000) / RENEWALS;
  let renewed = clock.now();
  let rows = 0;
  let tab: string | undefined;

  const renew = async (): Promise<void> => {
    const asked = clock.now();
    const { held } = await dbProxy.call('reportExport', {
      export_id: exportId,
      holder,
      lease_seconds: leaseSeconds,
      rows_done: rows,
    });
    const taken = tab === undefined || (await takeLease(tab));
    if (!held || !taken) throw new ClaimLost();
    renewed = asked;
  };
  const takeLease = async (name: string): Promise<boolean> => {
    const { taken } = await dbProxy.call('takeLease', { name, holder, seconds: leaseSeconds });
    return taken;
  };

  const keep = async (): Promise<void> => {
    if (clock.now() - renewed >= renewMs) await renew();
  };

  return {
    async report(rowsDone) {
      rows = rowsDone;
      await keep();
    },
    keep,
    clock: withPauses(clock, renewMs, keep),
    async takeTab(name) {
      const giveUpAt = clock.now() + LEASE_PATIENCE_MS;
      while (!(await takeLease(name))) {
        if (clock.now() > giveUpAt) {
          throw new SheetError('Another export is writing this sheet. Ask for this one again when it is done.');
        }
        await clock.wait(LEASE_WAIT_MS);
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
