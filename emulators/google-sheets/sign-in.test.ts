import { generateKeyPairSync } from 'node:crypto';
import { startSheetsServer } from './sheets-server.ts';
import type { SheetsServer } from './sheets-server.ts';
import { connect, refusalOf } from './test-client.ts';
import type { ClientOptions } from './test-client.ts';

const HOUR = 3600;

describe('Signing in with a service account', () => {
  let server: SheetsServer;
  let time = Date.now();

  beforeAll(async () => {
    server = await startSheetsServer({ port: 0, now: () => time });
  });
  afterAll(() => server.stop());

  function open(options: ClientOptions = {}) {
    const spreadsheetId = server.defaultSpreadsheetId;
    return connect(server, options).spreadsheets.get({ spreadsheetId, fields: 'spreadsheetId' });
  }

  it('gives the real client a token for the key file, once for many requests', async () => {
    const client = connect(server);
    const before = server.requests.length;

    await client.spreadsheets.get({ spreadsheetId: server.defaultSpreadsheetId });
    await client.spreadsheets.get({ spreadsheetId: server.defaultSpreadsheetId });

    const paths = server.requests.slice(before).map(({ path }) => path);
    expect(paths.filter((path) => path === '/token')).toHaveLength(1);
    expect(server.serviceAccountKey.token_uri).toBe(`${server.url}/token`);
  });

  it('refuses a signature of another key', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

    const refusal = await refusalOf(open({ key: { private_key: pem } }));

    expect(refusal).toMatchObject({ status: 400, reason: 'invalid_grant' });
    expect(refusal.message).toContain('Invalid JWT Signature.');
  });

  it.each([
    ['an unknown account', { iss: 'other@local.iam.gserviceaccount.com' }, 'invalid_grant', 'account not found'],
    ["Google's own audience", { aud: 'https://oauth2.googleapis.com/token' }, 'invalid_grant', 'Failed audience check'],
    ['a time long past', { iat: 1_000_000, exp: 1_003_600 }, 'invalid_grant', 'reasonable timeframe'],
    ['a life of two hours', { iat: time / 1000, exp: time / 1000 + 2 * HOUR }, 'invalid_grant', 'short-lived token'],
    ['another scope', { scope: 'https://www.googleapis.com/auth/drive' }, 'invalid_scope', 'Invalid OAuth scope'],
    [
      'a part of the scope',
      { scope: 'https://www.googleapis.com/auth/spread' },
      'invalid_scope',
      'Invalid OAuth scope',
    ],
  ])('refuses an assertion with %s', async (_, claims, error, sentence) => {
    const refusal = await refusalOf(open({ claims }));

    expect(refusal).toMatchObject({ status: 400, reason: error });
    expect(refusal.message).toContain(sentence);
  });

  it('refuses to act for a person, who never allowed it', async () => {
    const refusal = await refusalOf(open({ claims: { sub: 'manager@example.org' } }));

    expect(refusal).toMatchObject({ status: 401, reason: 'unauthorized_client' });
  });

  it('accepts the scope among others', async () => {
    const scopes = ['https://www.googleapis.com/auth/spreadsheets', 'https://www.googleapis.com/auth/drive.file'];

    const { status } = await open({ scopes });

    expect(status).toBe(200);
  });

  it.each([
    [{ grant_type: 'refresh_token' }, 'unsupported_grant_type'],
    [{ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' }, 'invalid_request'],
    [{ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: 'a.b' }, 'invalid_grant'],
    [{ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: 'e30.e30.' }, 'invalid_grant'],
  ])('refuses the form %j with %s', async (form, error) => {
    const response = await fetch(`${server.url}/token`, { method: 'POST', body: new URLSearchParams(form) });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error });
  });

  it.each([
    [{}, 'CREDENTIALS_MISSING'],
    [{ authorization: 'Bearer ya29.made-up' }, 'ACCESS_TOKEN_TYPE_UNSUPPORTED'],
    [{ authorization: 'Basic abc' }, 'ACCESS_TOKEN_TYPE_UNSUPPORTED'],
  ])('answers 401 to the headers %j', async (headers, reason) => {
    const response = await fetch(`${server.url}/v4/spreadsheets/${server.defaultSpreadsheetId}`, { headers });

    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('invalid_token');
    expect(await response.json()).toMatchObject({
      error: { code: 401, status: 'UNAUTHENTICATED', details: [{ reason }] },
    });
  });

  it('answers 401 to a token of an hour ago', async () => {
    const client = connect(server);
    const spreadsheetId = server.defaultSpreadsheetId;
    await client.spreadsheets.get({ spreadsheetId });

    time += HOUR * 1000;
    const refusal = await refusalOf(client.spreadsheets.get({ spreadsheetId }));

    expect(refusal).toMatchObject({ status: 401, reason: 'UNAUTHENTICATED' });
    expect(refusal.details).toMatchObject([{ reason: 'ACCESS_TOKEN_EXPIRED' }]);
  });
});
