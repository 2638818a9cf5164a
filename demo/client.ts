/** Posts responses and reads the replies. */

/** Where to post, and with whose token. */
export interface Api {
  url: string;
  token: string;
}

export interface Result {
  response_id?: string;
  status: 'accepted' | 'flagged' | 'queued' | 'rejected';
  revision?: number;
  flags?: { rule: string; message: string }[];
  problem?: { title: string; detail?: string; errors?: { pointer: string; detail: string }[] };
}

export interface BatchReply {
  results: Result[];
  summary: { accepted: number; flagged: number; unchanged: number; queued?: number; rejected: number };
}

/** Posts one batch as NDJSON. @throws {Error} with the reply, when the whole batch is refused */
export async function postBatch({ url, token }: Api, lines: readonly string[]): Promise<BatchReply> {
  return send<BatchReply>(`${url}/collect/batch`, token, 'application/x-ndjson', lines.join('\n'));
}

/** Posts one response. @throws {Error} with the reply, when it is refused */
export async function postResponse({ url, token }: Api, response: unknown): Promise<Result> {
  return send<Result>(`${url}/collect`, token, 'application/json', JSON.stringify(response));
}

async function send<T>(url: string, token: string, type: string, body: string): Promise<T> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': type };
  const response = await fetch(url, { method: 'POST', headers, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} replied ${response.status}: ${text}`);
  return JSON.parse(text);
}
