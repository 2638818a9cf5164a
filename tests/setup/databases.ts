/** The project `databases` runs on SQLite and on every server that is installed. */
import { ensureServers, ensureTestFolder } from './test-run.ts';

export default async function setUp(): Promise<void> {
  ensureTestFolder();
  await ensureServers();
}
