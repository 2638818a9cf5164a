import { hash } from 'node:crypto';
import type { UploadRow } from '../contract.ts';
import { findOrCreate } from './directory-queries.ts';
import { findCreated, insertTasks, type NewTask } from './queries.ts';
import { inTransaction } from '../database/transactions.ts';
import type { OperationHandler } from '../operation-handler.ts';

/**
 * One transaction stores the whole file or nothing. Of two concurrent uploads of one file, the second gets a duplicate key;
 * its retry finds every row stored.
 */
export const uploadTasks: OperationHandler<'uploadTasks'> = (database, { rows }) => {
  const keys = uploadKeys(rows);
  return inTransaction(database, async (trx) => {
    const stored = await findCreated(trx, keys);
    const fresh = rows.flatMap((row, index) => {
      const key = keys[index];
      return key === undefined || stored.has(key) ? [] : [{ row, key }];
    });
    if (fresh.length > 0) {
      const statuses = new Map(fresh.map(({ row: [, , , , , status] }) => [status, { name: status }]));
      const companies = new Map(fresh.map(({ row: [, , company] }) => [company, { name: company }]));
      // A Map keeps the last entry: reversed, it keeps the first name that the file has for an email.
      const people = new Map(fresh.toReversed().map(({ row: [name, email] }) => [email, { name, email }]));
      const statusIds = await findOrCreate(trx, { collection: 'task_statuses', member: 'name', entries: statuses });
      const companyIds = await findOrCreate(trx, { collection: 'companies', member: 'name', entries: companies });
      const ownerIds = await findOrCreate(trx, { collection: 'people', member: 'email', entries: people });
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
  if (id === undefined) throw new Error('An entry that was found or created is missing.');
  return id;
}

/**
 * The idempotency key of each row: the SHA-256 of its cells and of its number among equal rows. Equal rows of a file are
 * separate tasks. The order of the rows does not change the keys, and neither does a change of the tasks. The owner's name is not
 * part of a key, because the email identifies the owner.
 */
export function uploadKeys(rows: readonly UploadRow[]): string[] {
  const seen = new Map<string, number>();
  return rows.map(([, ...cells]) => {
    const text = JSON.stringify(cells);
    const number = (seen.get(text) ?? 0) + 1;
    seen.set(text, number);
    return hash('sha256', `${number} ${text}`);
  });
}
