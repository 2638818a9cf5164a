import { createRecordingLogger } from '../../tests/support/recording-logger.ts';
import { bind } from '../shared/environment.ts';
import { createDependencies } from './dependencies.ts';

describe('the environment', () => {
  const read = (variables: NodeJS.ProcessEnv) => bind(createDependencies, variables, createRecordingLogger().logger);

  it('is refused with the names of all missing variables', () => {
    expect(() => read({})).toThrow(
      /DB_PROXY_FUNCTION.*CSV_BUCKET.*CREDENTIALS_BUCKET.*CREDENTIALS_KEY.*GOOGLE_SHEETS_URL/,
    );
  });

  it('may shorten the lease', () => {
    const variables = {
      DB_PROXY_FUNCTION: 'proxy',
      CSV_BUCKET: 'csv',
      FILES_BUCKET: 'files',
      CREDENTIALS_BUCKET: 'credentials',
      CREDENTIALS_KEY: 'key',
      GOOGLE_SHEETS_URL: 'https://sheets.googleapis.com/',
    };

    expect(read({ ...variables, AWS_REGION: 'us-east-1' }).leaseSeconds).toBe(60);
    expect(read({ ...variables, EXPORT_LEASE_SECONDS: '2' }).leaseSeconds).toBe(2);
    expect(() => read({ ...variables, EXPORT_LEASE_SECONDS: 'long' })).toThrow('EXPORT_LEASE_SECONDS');
  });
});
