/**
 * A service account and its sign-in: OAuth 2.0's JWT bearer grant as Google's token endpoint takes it
 * (https://developers.google.com/identity/protocols/oauth2/service-account#httprest).
 */
import { generateKeyPair, randomBytes, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import * as z from 'zod';
import { unauthenticated } from './api-error.ts';

/** A service account's key file, as Google's console gives it out. */
export interface ServiceAccountKey {
  type: 'service_account';
  project_id: string;
  private_key_id: string;
  private_key: string;
  client_email: string;
  client_id: string;
  auth_uri: string;
  token_uri: string;
  auth_provider_x509_cert_url: string;
  client_x509_cert_url: string;
  universe_domain: string;
}

export interface TokenAnswer {
  status: number;
  body: object;
}

export const SHEETS_SCOPE = 'https://www.googleapis.com/auth/spreadsheets';
const CLIENT_EMAIL = 'collect@local.iam.gserviceaccount.com';
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** "A maximum of 1 hour after the issued time." */
const LONGEST_ASSERTION_SECONDS = 3600;
const CLOCK_SKEW_SECONDS = 300;
const TOKEN_SECONDS = 3599;

const headerSchema = z.object({
  alg: z.literal('RS256'),
  typ: z.literal('JWT').optional(),
  kid: z.string().optional(),
});
const claimsSchema = z.object({
  iss: z.string(),
  scope: z.string().default(''),
  aud: z.string(),
  iat: z.number(),
  exp: z.number(),
  sub: z.string().optional(),
});

export class ServiceAccount {
  readonly #publicKey: KeyObject;
  readonly #privateKey: string;
  readonly #keyId = randomBytes(20).toString('hex');
  readonly #now: () => number;
  /** Until when each access token holds, in milliseconds. */
  readonly #tokens = new Map<string, number>();

  private constructor(publicKey: KeyObject, privateKey: string, now: () => number) {
    this.#publicKey = publicKey;
    this.#privateKey = privateKey;
    this.#now = now;
  }

  /** Makes an account with a fresh key. `now`: milliseconds since 1970. */
  static async create(now: () => number): Promise<ServiceAccount> {
    const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
    return new ServiceAccount(publicKey, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), now);
  }

  get email(): string {
    return CLIENT_EMAIL;
  }

  key(tokenUri: string): ServiceAccountKey {
    return {
      type: 'service_account',
      project_id: 'local',
      private_key_id: this.#keyId,
      private_key: this.#privateKey,
      client_email: CLIENT_EMAIL,
      client_id: '100000000000000000000',
      auth_uri: new URL('/o/oauth2/auth', tokenUri).href,
      token_uri: tokenUri,
      auth_provider_x509_cert_url: new URL('/oauth2/v1/certs', tokenUri).href,
      client_x509_cert_url: new URL(`/robot/v1/metadata/x509/${encodeURIComponent(CLIENT_EMAIL)}`, tokenUri).href,
      universe_domain: 'googleapis.com',
    };
  }

  /** Gives an access token for a signed assertion, or Google's OAuth error. */
  exchange(form: URLSearchParams, tokenUri: string): TokenAnswer {
    const grantType = form.get('grant_type') ?? '';
    if (grantType !== GRANT_TYPE) return refuse('unsupported_grant_type', `Invalid grant_type: ${grantType}`);
    const assertion = form.get('assertion');
    if (assertion === null) return refuse('invalid_request', 'Missing required parameter: assertion');
    const problem = this.#checkAssertion(assertion, tokenUri);
    if (problem !== undefined) return problem;
    const token = `ya29.local-${randomBytes(32).toString('base64url')}`;
    this.#tokens.set(token, this.#now() + TOKEN_SECONDS * 1000);
    return { status: 200, body: { access_token: token, expires_in: TOKEN_SECONDS, token_type: 'Bearer' } };
  }

  /** @throws ApiError 401 when the header holds no token, an unknown one or an expired one. */
  checkAuthorization(header: string | undefined): void {
    if (header === undefined) throw unauthenticated('CREDENTIALS_MISSING');
    const [, token = ''] = /^Bearer (\S+)$/i.exec(header) ?? [];
    const until = this.#tokens.get(token);
    if (until === undefined) throw unauthenticated('ACCESS_TOKEN_TYPE_UNSUPPORTED');
    if (until <= this.#now()) throw unauthenticated('ACCESS_TOKEN_EXPIRED');
  }

  #checkAssertion(assertion: string, tokenUri: string): TokenAnswer | undefined {
    const [header = '', payload = '', signature = '', ...rest] = assertion.split('.');
    const parsedHeader = headerSchema.safeParse(parsePart(header));
    const parsedClaims = claimsSchema.safeParse(parsePart(payload));
    if (rest.length > 0 || !parsedHeader.success || !parsedClaims.success) {
      return refuse('invalid_grant', 'Invalid JWT: Failed to parse the assertion.');
    }
    const claims = parsedClaims.data;
    if (claims.iss !== CLIENT_EMAIL) return refuse('invalid_grant', 'Invalid grant: account not found');
    const { kid } = parsedHeader.data;
    const isSigned = verify(
      'RSA-SHA256',
      Buffer.from(`${header}.${payload}`),
      this.#publicKey,
      Buffer.from(signature, 'base64url'),
    );
    if (!isSigned || (kid !== undefined && kid !== this.#keyId)) {
      return refuse('invalid_grant', 'Invalid JWT Signature.');
    }
    if (claims.aud !== tokenUri) {
      return refuse('invalid_grant', `Invalid JWT: Failed audience check. The right audience is ${tokenUri}`);
    }
    if (!this.#isTimely(claims)) {
      return refuse(
        'invalid_grant',
        'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
      );
    }
    if (claims.sub !== undefined && claims.sub !== CLIENT_EMAIL) {
      return refuse(
        'unauthorized_client',
        'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.',
        401,
      );
    }
    if (!claims.scope.split(' ').includes(SHEETS_SCOPE)) {
      return refuse('invalid_scope', 'Invalid OAuth scope or ID token audience provided.');
    }
    return undefined;
  }

  #isTimely({ iat, exp }: { iat: number; exp: number }): boolean {
    const now = this.#now() / 1000;
    return (
      exp > now - CLOCK_SKEW_SECONDS &&
      iat < now + CLOCK_SKEW_SECONDS &&
      exp > iat &&
      exp - iat <= LONGEST_ASSERTION_SECONDS
    );
  }
}

function refuse(error: string, description: string, status = 400): TokenAnswer {
  return { status, body: { error, error_description: description } };
}

function parsePart(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}
