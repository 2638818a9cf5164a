/** What a field app does: posts responses and reads the answers. */

export interface Flag {
  rule: string;
  message: string;
  values: Record<string, string | number | boolean>;
}

export interface Result {
  response_id?: string;
  status: 'accepted' | 'flagged' | 'queued' | 'rejected';
  revision?: number;
  flags?: Flag[];
  problem?: { title: string; detail?: string; errors?: { pointer: string; detail: string }[] };
}

export interface BatchAnswer {
  results: Result[];
  summary: { accepted: number; flagged: number; unchanged: number; queued: number; rejected: number };
}

/** Posts one batch as NDJSON. @throws {Error} with the answer, when the batch as a whole was refused */
export async function postBatch(url: string, lines: readonly string[]): Promise<BatchAnswer> {
  return send<BatchAnswer>(`${url}/collect/batch`, 'application/x-ndjson', lines.join('\n'));
}

/** Posts one response. @throws {Error} with the answer, when it was refused */
export async function postResponse(url: string, response: unknown): Promise<Result> {
  return send<Result>(`${url}/collect`, 'application/json', JSON.stringify(response));
}

async function send<T>(url: string, type: string, body: string): Promise<T> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}
