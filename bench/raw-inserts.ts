/** The baseline: mysql2 alone inserts the same rows into the same table. */
import { createPool, type Pool } from 'mysql2/promise';
import type { IncomingResponse } from '../db-proxy-lambda/contract.ts';

export function openRaw(url: string, connections: number): Pool {
  return createPool({ uri: url, connectionLimit: connections, charset: 'utf8mb4' });
}

/** Inserts rows with one statement. */
export async function insertRows(pool: Pool, responses: readonly IncomingResponse[]): Promise<void> {
  const now = new Date().toISOString();
  const rows = responses.map(({ flags, response, ...columns }) => ({
    ...columns,
    revision: 1,
    flags: JSON.stringify(flags),
    response: JSON.stringify(response),
    created_at: now,
    updated_at: now,
  }));
  const names = Object.keys(rows[0] ?? {}).join(', ');
  await pool.query(`insert into responses (${names}) values ?`, [rows.map((row) => Object.values(row))]);
}

export async function emptyResponses(pool: Pool): Promise<void> {
  await pool.query('truncate table responses');
}
