/** Setup of the project `databases`, which runs on SQLite and on every installed server. */
import path from 'node:path';
import { buildSync } from 'esbuild';
import { ensureServers, ensureTestFolder } from './test-run.ts';

export default async function setUp(): Promise<void> {
  const folder = ensureTestFolder();
  // The bundle loads in half the CPU time of its modules; tests start about 70 of these processes.
  buildSync({
    entryPoints: ['tests/support/proxy-process-main.ts'],
    bundle: true,
    platform: 'node',
    outfile: path.join(folder, 'proxy-process.cjs'),
  });
  await ensureServers();
}
