/** Setup of the project `lambdas`. Its suites share SQLite templates in the run's folder. TEST_ALL_DATABASES=1 adds servers. */
import { ensureServers, ensureTestFolder } from './test-run.ts';

export default async function setUp(): Promise<void> {
  ensureTestFolder();
  if (process.env['TEST_ALL_DATABASES'] === '1') await ensureServers();
}
