import * as z from 'zod';
import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { startProxyProcesses } from '../../tests/support/proxy-process.ts';
import { contract, type UploadRow } from '../contract.ts';
import { uploadKeys } from './upload-tasks.ts';

/** @param changes other values for cells, by index */
function row(changes: Partial<Record<number, string>> = {}): UploadRow {
  const cells: UploadRow = ['Ama', 'ama@example.org', 'Harvest', '2026-09-01', 'Call back', 'IN_REVIEW'];
  for (const [index, cell] of Object.entries(changes)) cells.splice(Number(index), 1, cell ?? '');
  return cells;
}

const uploaded = z.array(z.object({ ok: z.literal(true), result: contract.uploadTasks.result }));

describe('The keys of uploaded rows', () => {
  it('do not depend on the order of the rows', () => {
    const rows = [row(), row({ 4: 'Visit' }), row(), row({ 5: 'APPROVED' })];
    expect(new Set(uploadKeys(rows.toReversed()))).toEqual(new Set(uploadKeys(rows)));
    expect(new Set(uploadKeys(rows)).size).toBe(4);
  });

  it.each([1, 2, 3, 4, 5])('differ if cell %i differs', (index) => {
    expect(new Set(uploadKeys([row(), row({ [index]: 'another' })])).size).toBe(2);
  });

  it('depend on the borders between cells', () => {
    expect(new Set(uploadKeys([row({ 4: 'a","b' }), row({ 4: 'a', 5: 'b' })])).size).toBe(2);
  });
});

describe.each(databaseKinds)('Uploads of the same file at the same time, on %s', (kind) => {
  it('from several proxies store it once', async () => {
    const proxy = await InProcessProxy.start(kind);
    const processes = await startProxyProcesses(3, proxy.url);
    try {
      const rows = Array.from({ length: 1_500 }, (_, index) =>
        row({ 1: `p${index % 400}@example.org`, 2: `Company ${index % 90}`, 4: `Visit ${index}`, 5: `S${index % 7}` }),
      );
      // Each upload has another order, so that they conflict at different rows.
      const orders = [rows, rows.toReversed(), [...rows.slice(700), ...rows.slice(0, 700)]];
      const replies = await Promise.all(
        processes.map((each, index) => each.ask([{ operation: 'uploadTasks', input: { rows: orders[index] } }])),
      );
      const results = uploaded.parse(replies.flat());
      expect(results.map(({ result }) => result.created).toSorted((a, b) => a - b)).toEqual([0, 0, 1_500]);
      const total = async (table: 'tasks' | 'people' | 'companies') =>
        (await proxy.database.db.selectFrom(table).select('id').execute()).length;
      expect([await total('tasks'), await total('people'), await total('companies')]).toEqual([1_500, 400, 90]);
    } finally {
      await Promise.all(processes.map((each) => each.stop()));
      await proxy.stop();
    }
  });
});
