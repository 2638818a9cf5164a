import { createHash } from 'node:crypto';
import type { UploadRow } from '../contract.ts';
import { findOrMake } from './directory-queries.ts';
import { findCreated, insertTasks, type NewTask } from './queries.ts';
import { inTransaction } from '../database/transactions.ts';
import type { OperationHandler } from '../operation-handler.ts';

/**
 * In one transaction: the file is stored whole or not at all. Two uploads of the same file at once meet at a unique
 * key; the later one then runs again, and finds everything there.
 */
export const uploadTasks: OperationHandler<'uploadTasks'> = (database, { rows }) => {
  const keys = uploadKeys(rows);
  return inTransaction(database, async (trx) => {
    const { kind } = database;
    const stored = await findCreated(trx, keys);
    const fresh = rows.flatMap((row, index) => {
      const key = keys[index];
      return key === undefined || stored.has(key) ? [] : [{ row, key }];
    });
    if (fresh.length > 0) {
      const statuses = new Map(fresh.map(({ row: [, , , , , status] }) => [status, { name: status }]));
      const companies = new Map(fresh.map(({ row: [, , company] }) => [company, { name: company }]));
      // From the last to the first, so that a person whom the file names twice is called as it does first.
      const people = new Map(fresh.toReversed().map(({ row: [name, email] }) => [email, { name, email }]));
      const statusIds = await findOrMake(trx, kind, { collection: 'task_statuses', member: 'name', entries: statuses });
      const companyIds = await findOrMake(trx, kind, { collection: 'companies', member: 'name', entries: companies });
      const ownerIds = await findOrMake(trx, kind, { collection: 'people', member: 'email', entries: people });
      const tasks = fresh.map(({ row: [, email, company, task_date, description, status], key }): NewTask => {
        const owner_id = idOf(ownerIds, email);
        const company_id = idOf(companyIds, company);
        return { owner_id, company_id, status_id: idOf(statusIds, status), task_date, description, creation_key: key };
      });
      await insertTasks(trx, tasks, new Date().toISOString());
    }
    return { created: fresh.length, unchanged: rows.length - fresh.length };
  });
};

function idOf(ids: ReadonlyMap<string, number>, key: string): number {
  const id = ids.get(key);
  if (id === undefined) throw new Error('An entry that was found or made is not there.');
  return id;
}

/**
 * What tells each row from every other: the SHA-256 of what it says, and its number among the rows that say the same.
 * Equal rows of a file are so many tasks, in whatever order they come, and the same file again has the same keys,
 * whatever has become of its tasks by then. The owner is who has the email; the name is not part of it.
 */
export function uploadKeys(rows: readonly UploadRow[]): string[] {
  const seen = new Map<string, number>();
  return rows.map(([, ...cells]) => {
    const said = JSON.stringify(cells);
    const number = (seen.get(said) ?? 0) + 1;
    seen.set(said, number);
    return createHash('sha256').update(`${number} ${said}`).digest('hex');
  });
}
