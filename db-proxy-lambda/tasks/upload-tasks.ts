import { hash } from 'node:crypto';
import type { UploadRow } from '../contract.ts';
import { findOrCreate } from './directory-queries.ts';
import { findCreated, insertTasks } from './queries.ts';
import { inTransaction } from '../database/transactions.ts';
import type { OperationHandler } from '../operation-handler.ts';

/**
 * One transaction stores the whole file or nothing. If two uploads of one file run concurrently, the second gets a
 * duplicate key; its retry finds every row stored.
 */
export const uploadTasks: OperationHandler<'uploadTasks'> = (database, { rows }) => {
  const keys = uploadKeys(rows);
  return inTransaction(database, async (trx) => {
    const stored = await findCreated(trx, keys);
    const fresh = rows.flatMap((row, index) => {
      const key = keys[index];
      return key === undefined || stored.has(key) ? [] : [{ row, key }];
    });
    const statuses = fresh.map(({ row: [, , , , , name] }) => ({ name }));
    const companies = fresh.map(({ row: [, , name] }) => ({ name }));
    const people = fresh.map(({ row: [name, email] }) => ({ name, email }));
    const statusId = await findOrCreate(trx, 'task_statuses', 'name', statuses);
    const companyId = await findOrCreate(trx, 'companies', 'name', companies);
    const ownerId = await findOrCreate(trx, 'people', 'email', people);
    const tasks = fresh.map(({ row: [, email, company, task_date, description, status], key }) => ({
      owner_id: ownerId(email),
      company_id: companyId(company),
      status_id: statusId(status),
      task_date,
      description,
      creation_key: key,
    }));
    await insertTasks(trx, tasks, new Date().toISOString());
    return { created: fresh.length, unchanged: rows.length - fresh.length };
  });
};

/**
 * The idempotency key of each row: the SHA-256 of its cells and of its number among equal rows. Equal rows of a file are
 * separate tasks. The keys depend neither on the order of the rows nor on later changes of the tasks. The owner's name is
 * not part of a key, because the email identifies the owner.
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
