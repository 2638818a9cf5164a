/** The floor to compare with: the same rows into the same table by mysql2 alone. */
import { createPool, type Pool } from 'mysql2/promise';
import type { IncomingResponse } from '../db-proxy-lambda/contract.ts';

const COLUMNS = [
  'response_id',
  'form_id',
  'form_version',
  'user_id',
  'status',
  'revision',
  'last_modified',
  'last_modified_time',
  'content_hash',
  'flags',
  'response',
  'created_at',
  'updated_at',
].join(', ');

export function openRaw(url: string, connections: number): Pool {
  return createPool({ uri: url, connectionLimit: connections, charset: 'utf8mb4' });
}

/** Inserts rows by one statement. */
export async function insertRows(pool: Pool, responses: readonly IncomingResponse[]): Promise<void> {
  const now = new Date().toISOString();
  const rows = responses.map((each) => [
    each.response_id,
    each.form_id,
    each.form_version,
    each.user_id,
    each.status,
    1,
    each.last_modified,
    each.last_modified_time,
    each.content_hash,
    JSON.stringify(each.flags),
    JSON.stringify(each.response),
    now,
    now,
  ]);
  await pool.query(`insert into responses (${COLUMNS}) values ?`, [rows]);
}

export async function emptyResponses(pool: Pool): Promise<void> {
  await pool.query('truncate table responses');
}
