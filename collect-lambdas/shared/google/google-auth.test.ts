import { startSheetsServer, type SheetsServer } from '../../../emulators/google-sheets/sheets-server.ts';
import { ObjectStore } from '../../../tests/support/exports.ts';
import { readKey } from './account.ts';
import { signIn } from './google-auth.ts';
import { SheetError } from './sheet-error.ts';

const NOT_A_KEY = 'The Google credentials are not the key file of a service account (client_email, private_key).';

describe('signing in', () => {
  let server: SheetsServer;

  beforeAll(async () => {
    server = await startSheetsServer({ port: 0 });
  });
  afterAll(() => server.stop());

  it('requests only the spreadsheets scope, from the token endpoint that the key names', async () => {
    const { client, email } = signIn(JSON.stringify(server.serviceAccountKey), `${server.url}/`);

    const { data } = await client.spreadsheets.get({ spreadsheetId: server.defaultSpreadsheetId });

    expect(email).toBe(server.serviceAccountKey.client_email);
    expect(data.spreadsheetUrl).toContain(server.defaultSpreadsheetId);
  });

  it.each<[string, string]>([
    ['is not JSON', 'secret'],
    ['is something else', '{"api_key":"secret"}'],
    ['has no private key', '{"client_email":"a@b","private_key":"secret"}'],
    ['is cut off', '{"client_email":"a@b","private_key":"-----BEGIN PRIVATE KEY-----\\nsecret\\n"}'],
  ])('refuses a key that %s, and quotes nothing from it', (_what, key) => {
    expect(() => signIn(key, 'https://sheets.googleapis.com/')).toThrow(new SheetError(NOT_A_KEY));
  });
});

describe('the key', () => {
  let store: ObjectStore;

  beforeAll(async () => {
    store = await ObjectStore.start();
  });
  afterAll(() => store.stop());

  it('is asked for in the error message if it is missing from the bucket', async () => {
    const key = readKey(store.s3, store.bucket, 'google.json');

    await expect(key).rejects.toThrow(
      new SheetError(
        'There is no Google service account yet: put its key file into the credentials bucket as google.json.',
      ),
    );
  });
});
