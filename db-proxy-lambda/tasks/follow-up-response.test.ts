import * as z from 'zod';
import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { startProxyProcesses } from '../../tests/support/proxy-process.ts';
import { contract, type Input } from '../contract.ts';

const event: Input<'followUpResponse'> = {
  response_id: 'response-1',
  revision: 1,
  type: 'flagged',
  user_id: 'collector-1',
  task_date: '2026-09-01',
  description: 'Food costs more than everything.',
};
const replies = z.array(z.object({ ok: z.literal(true), result: contract.followUpResponse.result }));

describe.each(databaseKinds)('the follow-up of a response on %s', (kind) => {
  let proxy: InProcessProxy;
  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterEach(() => proxy.stop());

  async function tasks() {
    const { items } = await proxy.call('listTasks', {
      filter: { response_id: 'response-1' },
      sort: { column: 'id', descending: false },
      offset: 0,
      limit: 10,
    });
    return items;
  }

  test('creates one task if several proxies get the same event several times at the same time', async () => {
    const processes = await startProxyProcesses(3, proxy.url);

    const outcomes = await Promise.all(
      processes.map((each) =>
        each.ask(Array.from({ length: 4 }, () => ({ operation: 'followUpResponse', input: event }))),
      ),
    );
    await Promise.all(processes.map((each) => each.stop()));

    const counts = Object.groupBy(replies.parse(outcomes.flat()), ({ result }) => result.outcome);
    expect([counts.opened?.length, counts.unchanged?.length]).toEqual([1, 11]);
    expect(await tasks()).toMatchObject([
      { owner: 'collector-1', status: 'IN_REVIEW', description: event.description },
    ]);
    const people = await proxy.database.db
      .selectFrom('people')
      .where('user_id', '=', 'collector-1')
      .selectAll()
      .execute();
    expect(people).toHaveLength(1);
  });

  test('approves the task when the response is accepted, and ignores older events afterwards', async () => {
    const outcomes = [];
    for (const next of [event, { ...event, revision: 2, type: 'corrected' as const }, event]) {
      outcomes.push((await proxy.call('followUpResponse', next)).outcome);
    }

    expect(outcomes).toEqual(['opened', 'approved', 'unchanged']);
    expect(await tasks()).toMatchObject([{ status: 'APPROVED' }]);
  });
});
