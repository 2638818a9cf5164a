/** Starts, for the whole test run, what the suites need. Runs outside of jest's module registry. */
import { execFileSync } from 'node:child_process';
import { startPrivateMysql } from './private-mysql.ts';

/**
 * The functions run with the layer that is in the repository now.
 *
 * Every suite over a database runs on SQLite. It runs on MySQL or MariaDB too, where TEST_DATABASE_URL names one or a
 * server program is on PATH, and says plainly when it does not.
 */
export default async function globalSetup(): Promise<void> {
  execFileSync(process.execPath, ['tracing/build.mjs'], { stdio: 'inherit' });
  if (process.env['TEST_DATABASE_URL'] !== undefined) {
    console.log('\nDatabase suites run on SQLite and on the server of TEST_DATABASE_URL.');
    return;
  }
  const server = await startPrivateMysql();
  if (server === undefined) {
    console.log(
      '\nDatabase suites run on SQLite ONLY: no mariadbd or mysqld is on PATH, and TEST_DATABASE_URL is not set.',
    );
    return;
  }
  console.log(`\nDatabase suites run on SQLite and on a private ${server.program}.`);
  process.env['TEST_DATABASE_URL'] = server.url;
  globalThis.stopTestServer = server.stop;
}

declare global {
  var stopTestServer: (() => Promise<void>) | undefined;
}
