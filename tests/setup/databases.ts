/** Setup of the project `databases`, which runs on SQLite and on every installed server. */
import { ensureServers, ensureTestFolder } from './test-run.ts';

export default async function setUp(): Promise<void> {
  ensureTestFolder();
  await ensureServers();
}
