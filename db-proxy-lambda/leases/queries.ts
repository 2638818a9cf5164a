import type { Kysely, Transaction } from 'kysely';
import type { Schema } from '../database/schema.ts';
import type { LeasesTable } from './rows.ts';

interface Lease {
  name: string;
  holder: string;
  heldUntil: string;
}

/** A lease, locked until the transaction ends. */
export function lockLease(trx: Transaction<Schema>, name: string): Promise<LeasesTable | undefined> {
  return trx.selectFrom('leases').selectAll().where('name', '=', name).forUpdate().executeTakeFirst();
}

/** @throws the driver's duplicate-key error when another transaction inserted it first */
export async function writeLease(trx: Transaction<Schema>, lease: LeasesTable, isStored: boolean): Promise<void> {
  const { name, ...changes } = lease;
  await (isStored
    ? trx.updateTable('leases').set(changes).where('name', '=', name).execute()
    : trx.insertInto('leases').values(lease).execute());
}

/**
 * Takes or renews a lease, unless another holder's lease is valid. The row stays locked until the transaction ends.
 *
 * @returns whether the holder has it
 * @throws the driver's duplicate-key error when another transaction took the free lease at the same time
 */
export async function holdLease(trx: Transaction<Schema>, { name, holder, heldUntil }: Lease): Promise<boolean> {
  const current = await lockLease(trx, name);
  if (current !== undefined && current.holder !== holder && current.held_until > new Date().toISOString()) return false;
  await writeLease(trx, { name, holder, held_until: heldUntil }, current !== undefined);
  return true;
}

export async function deleteLease(db: Kysely<Schema>, name: string, holder: string): Promise<void> {
  await db.deleteFrom('leases').where('name', '=', name).where('holder', '=', holder).execute();
}

export function secondsFromNow(seconds: number): string {
  return new Date(Date.now() + seconds * 1_000).toISOString();
}
