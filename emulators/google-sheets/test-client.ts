/** The real googleapis client, signed in at a Sheets server of ours: for tests. */
import { auth, sheets } from 'googleapis/build/src/apis/sheets/index.js';
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js';
import type { ServiceAccountKey, SheetsServer } from './sheets-server.ts';

const GOOGLE_TOKEN_URL = 'https://oauth2.googleapis.com/token';

export type SheetsClient = sheets_v4.Sheets;

export interface ClientOptions {
  key?: Partial<ServiceAccountKey>;
  scopes?: string[];
  /** Of the assertion, in place of what the library would claim. */
  claims?: Record<string, unknown>;
}

/** A client that retries nothing, so that a test sees every answer. */
export function connect(server: SheetsServer, options: ClientOptions = {}): SheetsClient {
  const key = { ...server.serviceAccountKey, ...options.key };
  const jwt = new auth.JWT({
    email: key.client_email,
    key: key.private_key,
    scopes: options.scopes ?? ['https://www.googleapis.com/auth/spreadsheets'],
    // google-auth-library 11 does not read token_uri: it claims Google's own as the audience, unless told otherwise ...
    additionalClaims: { aud: key.token_uri, ...options.claims },
    // The library loads node-fetch by a dynamic import, which jest does not allow.
    transporterOptions: { fetchImplementation: fetch },
  });
  jwt.transporter.interceptors.request.add({
    // ... and posts there, unless the request is turned round.
    resolved: async (config) => {
      if (config.url.href === GOOGLE_TOKEN_URL) config.url = new URL(key.token_uri);
      return config;
    },
  });
  return sheets({ version: 'v4', auth: jwt, rootUrl: server.url, retry: false });
}

/** What a refused call was answered. */
export interface Refusal {
  status: number | undefined;
  message: string;
  /** Google's status, for example INVALID_ARGUMENT. */
  reason: string | undefined;
  headers: Headers | undefined;
  details: unknown;
}

/**
 * Waits for a call to be refused.
 * @throws Error when it succeeded.
 */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await call.then(
    () => {
      throw new Error('The call succeeded.');
    },
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error(`Not an error: ${String(error)}`);
  const response = isAnswered(error) ? error.response : undefined;
  if (response === undefined && error.message === 'The call succeeded.') throw error;
  const body = response?.data?.error;
  return {
    status: response?.status,
    message: typeof body === 'object' ? body.message : error.message,
    reason: typeof body === 'object' ? body.status : body,
    headers: response?.headers,
    details: typeof body === 'object' ? body.details : undefined,
  };
}

interface AnsweredError {
  response?: {
    status: number;
    headers: Headers;
    data?: { error?: string | { message: string; status: string; details?: unknown } };
  };
}

function isAnswered(error: object): error is AnsweredError {
  return 'response' in error;
}
