import { databaseKinds } from '../../tests/support/databases.ts';
import { httpEvent, readReply } from '../../tests/support/http-event.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { incoming } from '../../tests/support/responses.ts';
import type { IncomingResponse } from '../../db-proxy-lambda/contract.ts';
import { createHandler } from './routes.ts';

const flag = (rule: string) => ({ rule, message: 'Ask again.', questions: [], values: {} });
const TODAY = new Date().toISOString().slice(0, 10);

describe.each(databaseKinds)('GET /forms/{form_id}/quality on %s', (kind) => {
  let proxy: InProcessProxy;
  let handler: ReturnType<typeof createHandler>;
  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
    handler = createHandler({ dbProxy: proxy, logger: new RecordingLogger() });
  });
  afterEach(() => proxy.stop());

  const get = async (query: Record<string, string>, formId = 'household_finances') =>
    readReply(await handler(httpEvent('GET /forms/{form_id}/quality', { path: { form_id: formId }, query })));

  async function save(...responses: IncomingResponse[]): Promise<void> {
    await proxy.call('saveResponses', { responses });
    const claim = { holder: 'publisher-1', lease_seconds: 60, limit: 100, waiting: [] };
    const { events } = await proxy.call('claimResponseEvents', { ...claim, published: [] });
    await proxy.call('claimResponseEvents', { ...claim, published: events.map((event) => event.event_id) });
  }

  test('returns a row for each collector, about the responses whose events are published', async () => {
    await save(
      incoming({ user_id: 'amina' }),
      incoming({ response_id: 'b', user_id: 'amina', status: 'flagged', flags: [flag('Rule1'), flag('Rule2')] }),
      incoming({ user_id: 'ben' }),
    );
    await save(incoming({ response_id: 'b', user_id: 'amina', at: '2026-09-02T06:00:00Z' }));

    const { status, body } = await get({ by: 'collector' });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      form_id: 'household_finances',
      by: 'collector',
      since: null,
      counted_since: expect.stringMatching(/Z$/),
      rows: [
        {
          key: 'amina',
          responses: 2,
          first_passed: 1,
          first_pass_rate: 0.5,
          flagged: 1,
          flags: 2,
          flags_per_hundred: 100,
          returned: 0,
          corrected: 1,
          open: 0,
        },
        { key: 'ben', responses: 1, first_pass_rate: 1, median_correction_seconds: null },
      ],
    });
  });

  test('returns a row for each rule, with the rates of all responses of the period', async () => {
    await save(
      ...Array.from({ length: 7 }, () => incoming()),
      incoming({ status: 'flagged', flags: [flag('Rule1'), flag('Rule1')] }),
    );

    const { body } = await get({ by: 'rule', since: TODAY });

    expect(body).toMatchObject({
      since: TODAY,
      rows: [{ key: 'Rule1', responses: 8, first_pass_rate: 0.875, flags: 2, flags_per_hundred: 25, open: 1 }],
    });
  });

  test('returns one row for the form as a whole', async () => {
    await save(
      incoming({ user_id: 'amina', at: '2026-09-01T06:00:00Z' }),
      incoming({ user_id: 'ben', status: 'flagged', flags: [flag('Rule1')] }),
    );

    const { body } = await get({ by: 'form', since: TODAY });

    expect(body).toMatchObject({
      by: 'form',
      rows: [{ key: 'household_finances', responses: 2, first_pass_rate: 0.5, flagged: 1, open: 1 }],
    });
  });

  test('leaves out the days before `since`', async () => {
    await save(incoming());

    expect(await get({ by: 'day', since: TODAY })).toMatchObject({ body: { rows: [{ key: TODAY, responses: 1 }] } });
    expect(await get({ by: 'day', since: '2999-01-01' })).toMatchObject({ status: 200, body: { rows: [] } });
  });

  test('a form without responses has no rows', async () => {
    expect(await get({ by: 'collector' })).toMatchObject({ status: 200, body: { rows: [] } });
  });

  test('replies 404 for an unknown form', async () => {
    expect(await get({ by: 'day' }, 'no_form')).toMatchObject({ status: 404 });
    expect(await get({ by: 'day' }, 'No Form')).toMatchObject({ status: 404 });
  });

  test('names each unusable parameter', async () => {
    const { status, body } = await get({ by: 'village', since: 'yesterday' });

    expect(status).toBe(422);
    expect(body).toMatchObject({ errors: [{ pointer: '/by' }, { pointer: '/since' }] });
  });
});
