/**
 * A service account and its sign-in: the JWT bearer grant of OAuth 2.0, as at Google's token endpoint
 * (https://developers.google.com/identity/protocols/oauth2/service-account#httprest).
 */
import { generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import * as z from 'zod';
import { ApiError } from './api-error.ts';

/** The part of a service account's key file that clients use. */
export interface ServiceAccountKey {
  type: 'service_account';
  private_key: string;
  client_email: string;
  token_uri: string;
}

const SHEETS_SCOPE = 'https://www.googleapis.com/auth/spreadsheets';
const CLIENT_EMAIL = 'collect@local.iam.gserviceaccount.com';
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const MAX_ASSERTION_SECONDS = 3600;
const CLOCK_SKEW_SECONDS = 300;
const TOKEN_SECONDS = 3599;

const headerSchema = z.object({ alg: z.literal('RS256') });
const claimsSchema = z.object({
  iss: z.string(),
  scope: z.string(),
  aud: z.string(),
  iat: z.number(),
  exp: z.number(),
});

export class ServiceAccount {
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  readonly #now: () => number;
  /** When each access token expires, in milliseconds. */
  readonly #tokens = new Map<string, number>();

  /** Creates an account with a new key. `now` returns milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  key(tokenUri: string): ServiceAccountKey {
    return {
      type: 'service_account',
      private_key: this.#keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      client_email: CLIENT_EMAIL,
      token_uri: tokenUri,
    };
  }

  /** Exchanges a signed assertion for an access token. A refusal is an OAuth error. */
  exchange(form: URLSearchParams, tokenUri: string): { status: number; body: object } {
    const problem = this.#problemOf(form, tokenUri);
    if (problem !== undefined) {
      const [error, description] = problem;
      return { status: 400, body: { error, error_description: description } };
    }
    const token = `ya29.local-${randomBytes(32).toString('base64url')}`;
    this.#tokens.set(token, this.#now() + TOKEN_SECONDS * 1000);
    return { status: 200, body: { access_token: token, expires_in: TOKEN_SECONDS, token_type: 'Bearer' } };
  }

  /** @throws {ApiError} 401 when the header has no token, an unknown one or an expired one */
  checkAuthorization(header = ''): void {
    const token = /^Bearer (\S+)$/.exec(header)?.[1] ?? '';
    if ((this.#tokens.get(token) ?? 0) > this.#now()) return;
    throw new ApiError(401, 'Request had invalid authentication credentials. Expected OAuth 2 access token.');
  }

  #problemOf(form: URLSearchParams, tokenUri: string): [error: string, description: string] | undefined {
    if (form.get('grant_type') !== GRANT_TYPE) return ['unsupported_grant_type', 'Invalid grant_type'];
    const [header = '', payload = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    const claims = claimsSchema.safeParse(parsePart(payload)).data;
    if (claims === undefined || !headerSchema.safeParse(parsePart(header)).success) {
      return ['invalid_grant', 'Invalid JWT: Failed to parse the assertion.'];
    }
    if (claims.iss !== CLIENT_EMAIL) return ['invalid_grant', 'Invalid grant: account not found'];
    const signed = Buffer.from(`${header}.${payload}`);
    if (!verify('RSA-SHA256', signed, this.#keys.publicKey, Buffer.from(signature, 'base64url'))) {
      return ['invalid_grant', 'Invalid JWT Signature.'];
    }
    if (claims.aud !== tokenUri) {
      return ['invalid_grant', `Invalid JWT: Failed audience check. The right audience is ${tokenUri}`];
    }
    if (!this.#isTimely(claims))
      return ['invalid_grant', 'Invalid JWT: Token must be a short-lived token (60 minutes).'];
    const hasScope = claims.scope.split(' ').includes(SHEETS_SCOPE);
    return hasScope ? undefined : ['invalid_scope', 'Invalid OAuth scope or ID token audience provided.'];
  }

  #isTimely({ iat, exp }: { iat: number; exp: number }): boolean {
    const now = this.#now() / 1000;
    const isCurrent = exp > now - CLOCK_SKEW_SECONDS && iat < now + CLOCK_SKEW_SECONDS;
    return isCurrent && exp > iat && exp - iat <= MAX_ASSERTION_SECONDS;
  }
}

function parsePart(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}
