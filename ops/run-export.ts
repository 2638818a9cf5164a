import { setTimeout as wait } from 'node:timers/promises';
import type { Result } from '../db-proxy-lambda/contract.ts';
import { UserError } from '../local/user-error.ts';

type StoredExport = NonNullable<Result<'getExport'>['export']>;

/** The reply to `GET /exports/{export_id}`. */
export type ExportStatus = StoredExport & Record<'csv' | 'ndjson' | 'zip', { url: string } | null>;

const POLL_MS = 200;

/**
 * Requests an export and waits until it ends.
 *
 * @param onProgress called with each status
 * @throws {UserError} with the problem, when the request is refused
 */
export async function runExport(
  api: string,
  token: string | undefined,
  request: unknown,
  onProgress: (status: ExportStatus) => void = () => undefined,
): Promise<ExportStatus> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const accepted = await read<{ status_url: string }>(
    await fetch(`${api}/google-sheet`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(request),
    }),
  );
  for (;;) {
    const status = await read<ExportStatus>(await fetch(`${api}${accepted.status_url}`, { headers }));
    onProgress(status);
    if (status.status === 'succeeded' || status.status === 'failed') return status;
    await wait(POLL_MS);
  }
}

async function read<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (!response.ok) throw new UserError(explain(response.status, text));
  return JSON.parse(text);
}

/** A problem as one line; any other body unchanged. */
function explain(status: number, text: string): string {
  try {
    const problem: { title?: string; detail?: string; errors?: { detail: string }[] } = JSON.parse(text);
    const details = (problem.errors ?? []).map((error) => error.detail);
    return [problem.title, problem.detail, ...details].filter((part) => part !== undefined).join(' ');
  } catch {
    return `${status}: ${text}`;
  }
}
