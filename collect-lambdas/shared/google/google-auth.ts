/** Signs in to Google as a service account. */
import { createPrivateKey } from 'node:crypto';
import { auth, sheets, type sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js';
import * as z from 'zod';
import { SheetError } from './sheet-error.ts';

const SCOPE = 'https://www.googleapis.com/auth/spreadsheets';
/** The token endpoint that google-auth-library always uses. */
const BUILT_IN_TOKEN_URL = 'https://oauth2.googleapis.com/token';
/** Shorter than a lease (claim.ts): a request ends before another worker may write to the same tab. */
const REQUEST_TIMEOUT_MS = 45_000;

/** The members of a service account's key file that the client needs. */
const serviceAccountKey = z.object({
  client_email: z.string().min(1),
  private_key: z.string().refine(isPrivateKey),
  token_uri: z.url().default(BUILT_IN_TOKEN_URL),
});

/** A client of the Sheets API, and the email address of the service account that signs in. */
export interface GoogleAccount {
  client: sheets_v4.Sheets;
  email: string;
}

/**
 * Makes a client of the Sheets API that signs in with a service account's key, with the scope spreadsheets only.
 *
 * The library ignores the key's `token_uri`, so an interceptor replaces the built-in token endpoint.
 *
 * @param rootUrl of the Sheets API
 * @throws {SheetError} if the text is not a service account's key; the message quotes nothing from it
 */
export function signIn(keyText: string, rootUrl: string): GoogleAccount {
  const key = readKey(keyText);
  const jwt = new auth.JWT({
    email: key.client_email,
    key: key.private_key,
    scopes: [SCOPE],
    additionalClaims: { aud: key.token_uri },
    // Otherwise gaxios loads node-fetch, which the bundle leaves out.
    transporterOptions: { fetchImplementation: fetch },
  });
  jwt.transporter.interceptors.request.add({
    resolved: (config) => {
      if (config.url.href === BUILT_IN_TOKEN_URL) config.url = new URL(key.token_uri);
      return Promise.resolve(config);
    },
  });
  // No retries here: google-client.ts retries.
  const client = sheets({ version: 'v4', auth: jwt, rootUrl, retry: false, timeout: REQUEST_TIMEOUT_MS });
  return { client, email: key.client_email };
}

function readKey(text: string): z.infer<typeof serviceAccountKey> {
  try {
    return serviceAccountKey.parse(JSON.parse(text));
  } catch {
    throw new SheetError(
      'The Google credentials are not the key file of a service account (client_email, private_key).',
    );
  }
}

function isPrivateKey(pem: string): boolean {
  try {
    createPrivateKey(pem);
    return true;
  } catch {
    return false;
  }
}
