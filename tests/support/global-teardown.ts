import { rmSync } from 'node:fs';

export default async function globalTeardown(): Promise<void> {
  await Promise.all((globalThis.testServers ?? []).map((server) => server.stop()));
  rmSync(process.env['COLLECT_TEST_TEMPLATES'] ?? '', { recursive: true, force: true });
}
