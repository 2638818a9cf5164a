/** Injects the planned faults, one after another. */
import { setTimeout as wait } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import type { Done } from './done.ts';
import type { FaultKind, PlannedFault } from './plan.ts';
import { BORROW_TIMEOUT } from './statements.ts';
import { FUNCTIONS, type System } from './system.ts';

/** The faults that a run injected. */
export interface Injected {
  faults: Map<FaultKind, number>;
  /** The time from each kill of the database until it accepted connections again, added up. */
  millisecondsWithoutDatabase: number;
}

/** More calls than all devices together make in a second. */
const CALLS_PER_SECOND = 1_000;

/** Injects each fault when `after` responses are done. When this function returns, the database is up. */
export async function injectFaults(system: System, plan: readonly PlannedFault[], done: Done): Promise<Injected> {
  const injected: Injected = { faults: new Map(), millisecondsWithoutDatabase: 0 };
  for (const fault of plan) {
    if (!(await done.reaches(fault.after))) break;
    await carryOut(system, fault, injected);
    injected.faults.set(fault.kind, (injected.faults.get(fault.kind) ?? 0) + 1);
  }
  return injected;
}

async function carryOut(system: System, fault: PlannedFault, injected: Injected): Promise<void> {
  const { functions, faults } = system.stack.host;
  const { relays } = system;
  const { kind, times, milliseconds } = fault;
  switch (kind) {
    case 'kill-database':
      return killDatabase(system, milliseconds, injected);
    case 'kill-database-and-refuse-queue':
      await relays.queue.refuse();
      // Longer than the proxy's retries last.
      await killDatabase(system, 2 * milliseconds, injected);
      return relays.queue.accept();
    case 'kill-proxy':
      return functions.kill(FUNCTIONS.proxy);
    case 'kill-collect':
      return functions.kill(FUNCTIONS.collect);
    case 'kill-odk':
      return functions.kill(FUNCTIONS.odk);
    case 'kill-write':
      return functions.kill(FUNCTIONS.write);
    case 'drop-request':
    case 'drop-reply':
    case 'throttle':
      return faults.inject(FUNCTIONS.proxy, { kind, times });
    case 'refuse-proxy':
      return withoutProxy(system, milliseconds);
    case 'cut-database':
      return relays.database.cutReplies(times);
    case 'no-connection':
      relays.database.refuseStatements(BORROW_TIMEOUT);
      await wait(milliseconds);
      return relays.database.refuseStatements();
    case 'read-only':
      await setReadOnly(system, true);
      await wait(milliseconds);
      return setReadOnly(system, false);
    case 'cut-api':
      return relays.api.cutReplies(times);
    case 'cut-queue':
      relays.queue.cutReplies(times);
      return withoutProxy(system, milliseconds);
    case 'refuse-queue':
      await relays.queue.refuse();
      await withoutProxy(system, milliseconds);
      return relays.queue.accept();
  }
}

async function killDatabase({ database }: System, milliseconds: number, injected: Injected): Promise<void> {
  const began = Date.now();
  await database.kill();
  await wait(milliseconds);
  await database.restart();
  injected.millisecondsWithoutDatabase += Date.now() - began;
}

/** A database is read-only during a failover, or when its disk is full. */
async function setReadOnly({ databaseUrl }: System, isReadOnly: boolean): Promise<void> {
  const connection = await createConnection(databaseUrl);
  await connection.query(`set global read_only = ${isReadOnly ? 1 : 0}`);
  await connection.end();
}

/** The proxy refuses all calls for this time. */
async function withoutProxy({ stack }: System, milliseconds: number): Promise<void> {
  const { faults } = stack.host;
  faults.inject(FUNCTIONS.proxy, { kind: 'unavailable', times: Math.round((CALLS_PER_SECOND * milliseconds) / 1000) });
  await wait(milliseconds);
  faults.clear();
}

/** Ends every active fault. */
export async function heal({ stack, relays }: System): Promise<void> {
  stack.host.faults.clear();
  for (const relay of Object.values(relays)) await relay.heal();
}
