import type { Transaction } from 'kysely';
import type { Collection } from '../contract.ts';
import { lockEntry } from './directory-queries.ts';
import type { Schema } from '../database/schema.ts';

const REFERENCES = [
  ['owner_id', 'people'],
  ['company_id', 'companies'],
  ['status_id', 'task_statuses'],
] as const satisfies [string, Collection][];

type ReferenceMember = (typeof REFERENCES)[number][0];

/**
 * Locks the entries that a task refers to until the transaction ends, so that they cannot be deleted.
 *
 * @returns the members whose entry does not exist
 */
export async function holdReferences(
  trx: Transaction<Schema>,
  values: { [Member in ReferenceMember]?: number | null | undefined },
): Promise<ReferenceMember[]> {
  const unknown: ReferenceMember[] = [];
  for (const [member, collection] of REFERENCES) {
    const id = values[member];
    if (id === undefined || id === null) continue;
    if (!(await lockEntry(trx, collection, id, 'share'))) unknown.push(member);
  }
  return unknown;
}
