/** Setup of the project `long`: the build of `system`, and the servers of `databases`. */
import setUpSystem from './system.ts';
import { ensureServers } from './test-run.ts';

export default async function setUp(): Promise<void> {
  await setUpSystem();
  await ensureServers();
}
