/** Calls an emulator with plain JSON, so that tests can also send requests that no client library sends. */
import { createSign, type KeyObject } from 'node:crypto';
import type { SheetsServer } from './sheets-server.ts';

export const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** A JWT of the emulator's service account, with some claims replaced. `time`: milliseconds since 1970. */
export function assertionOf(
  { serviceAccountKey: { client_email: iss, token_uri: aud, private_key: ownKey } }: SheetsServer,
  { time = Date.now(), claims = {}, key = ownKey }: { time?: number; claims?: object; key?: KeyObject | string },
): string {
  const iat = Math.floor(time / 1000);
  const scope = 'https://www.googleapis.com/auth/spreadsheets';
  const parts = [{ alg: 'RS256' }, { iss, aud, scope, iat, exp: iat + 3600, ...claims }];
  const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`;
}

export async function exchange(server: SheetsServer, form: Record<string, string>) {
  const response = await fetch(`${server.url}/token`, { method: 'POST', body: new URLSearchParams(form) });
  const body: Record<string, string> = JSON.parse(await response.text());
  return { status: response.status, body };
}

/** Signs in. @returns a function that calls the API and never retries */
export async function createCaller(server: SheetsServer, time = Date.now()) {
  const { body: token } = await exchange(server, { grant_type: GRANT_TYPE, assertion: assertionOf(server, { time }) });
  const headers = { authorization: `Bearer ${token['access_token']}` };
  /** A status of 0: the connection was closed without a reply. */
  return async (method: string, path: string, body?: unknown) => {
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await fetch(`${server.url}/v4/spreadsheets/${path}`, init).catch(() => undefined);
    const text = (await response?.text()) ?? '';
    const data: { error?: { message: string } } = text.startsWith('{') ? JSON.parse(text) : {};
    return { status: response?.status ?? 0, message: data.error?.message ?? '', data, headers: response?.headers };
  };
}

export type Caller = Awaited<ReturnType<typeof createCaller>>;
