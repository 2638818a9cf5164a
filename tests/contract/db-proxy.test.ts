/** Checks that the real proxy keeps the contract, on every database. */
import { contract, ERROR_CODES, type Input, type Operation } from '../../db-proxy-lambda/contract.ts';
import { everyDatabaseKind } from '../support/databases.ts';
import { InProcessProxy } from '../support/in-process-proxy.ts';
import { incoming } from '../support/responses.ts';

const stored = incoming({ response_id: 'stored', status: 'flagged' });
const flags = [{ rule: 'Rule1', message: 'Ask.', questions: ['a'], values: { a: '1.10', b: 2, c: true } }];

/** For each operation on responses, forms and the audit, inputs that cause each shape of its result. */
const examples: [Operation, Input<Operation>][] = [
  ['ping', {}],
  ['saveResponses', { responses: [incoming({ status: 'flagged', flags }), incoming()] }],
  [
    'saveResponses',
    {
      responses: [
        stored,
        incoming({ response_id: 'stored', at: '2026-08-01T00:00:00Z' }),
        { ...stored, content_hash: 'f'.repeat(64) },
        { ...stored, form_id: 'crops' },
        incoming({ response_id: 'stored', at: '2026-10-01T00:00:00Z' }),
      ],
    },
  ],
  [
    'saveResponses',
    {
      responses: [incoming({ response_id: 'stored', at: '2026-07-01T00:00:00Z', only_of: 'collector-1' })],
      late: true,
    },
  ],
  [
    'saveResponses',
    { responses: [incoming({ response_id: 'stored', at: '2026-11-01T00:00:00Z', only_of: 'collector-2' })] },
  ],
  ['getResponse', { response_id: 'stored' }],
  ['getResponse', { response_id: 'unknown' }],
  ['listResponses', { limit: 1 }],
  ['listResponses', { limit: 1, updated_since: '2026-01-01T00:00:00.000Z' }],
  ['listResponses', { limit: 1000, status: 'flagged', user_id: 'collector-1', form_id: 'household_finances' }],
  ['listResponses', { limit: 10, after: { id: 1 } }],
  ['listRevisions', { response_id: 'stored', after_revision: 0 }],
  ['listRevisions', { response_id: 'stored', after_revision: 5 }],
  ['listLateRevisions', { response_id: 'stored' }],
  ['eraseResponse', { response_id: 'stored' }],
  ['eraseResponse', { response_id: 'unknown' }],
  ['saveResponses', { responses: [stored], late: true }],
  ['getResponse', { response_id: 'stored' }],
  ['listResponses', { limit: 10, status: 'erased' }],
  ['putForm', { form_id: 'crops', definition: { title: 'Crops' } }],
  ['putForm', { form_id: 'household_finances', definition: { title: 'Other' } }],
  ['putForm', { form_id: 'crops', definition: { title: 'Trees' }, expected_version: 7 }],
  ['putForm', { form_id: 'wells', definition: { title: 'Wells' }, expected_version: 1 }],
  ['listAuditEvents', { limit: 1 }],
  ['listAuditEvents', { limit: 100, action: 'form_changed', since: '2026-01-01T00:00:00.000Z' }],
  ['findTable', { table_name: 'crops' }],
  ['findTable', { table_name: 'nothing' }],
  ['getForm', { form_id: 'household_finances' }],
  ['getForm', { form_id: 'household_finances', version: 1 }],
  ['getForm', { form_id: 'nothing' }],
  ['listForms', {}],
];

describe.each(everyDatabaseKind)('the proxy on %s', (kind) => {
  let proxy: InProcessProxy;
  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
    await proxy.call('saveResponses', { responses: [stored, incoming()] });
  });
  afterEach(() => proxy.stop());

  test('replies to every example exactly as the contract describes', async () => {
    for (const [operation, input] of examples) {
      expect(contract[operation].input.parse(input)).toEqual(input);

      const reply = await proxy.invoke({ operation, input });

      const result: unknown = Reflect.get(Object(reply), 'result');
      expect(reply).toEqual({ ok: true, result: contract[operation].result.parse(result) });
    }
  });

  test('returns the bytes of a response exactly as they were written', async () => {
    const numbers = [5.1, 1e3, -0, 1e21, 1e-7, 0.1 + 0.2, Number.MAX_SAFE_INTEGER];
    const sent = { zz: { bb: 1, a: numbers }, name: `O'Neil \\ "q"`, 'é 🏠 ключ': true, a: '5.10', '': '\n\u2028' };
    const response = incoming({ response: sent, status: 'flagged', flags });
    await proxy.call('saveResponses', { responses: [response] });
    await proxy.call('saveResponses', {
      responses: [incoming({ response_id: response.response_id, at: '2026-10-01T00:00:00Z' })],
    });

    const { items } = await proxy.call('listRevisions', { response_id: response.response_id, after_revision: 0 });

    const text =
      '{"zz":{"bb":1,"a":[5.1,1000,0,1e+21,1e-7,0.30000000000000004,9007199254740991]},"name":"O\'Neil \\\\ \\"q\\"",' +
      '"é 🏠 ключ":true,"a":"5.10","":"\\n\u2028"}';
    expect(JSON.stringify(items[0]?.response)).toBe(text);
    expect(JSON.stringify(items[0]?.flags)).toBe(JSON.stringify(flags));
    const stored = await proxy.database.db.selectFrom('response_revisions').select(['response', 'flags']).execute();
    expect(stored).toContainEqual({ response: text, flags: JSON.stringify(flags) });
  });

  test('fails only with error codes of the contract', async () => {
    const replies = [
      await proxy.invoke({ operation: 'nothing', input: {} }),
      await proxy.invoke({ operation: 'getResponse', input: {} }),
      await proxy.database.db.schema
        .dropTable('responses')
        .execute()
        .then(() => proxy.invoke({ operation: 'getResponse', input: { response_id: 'a' } })),
    ];

    for (const reply of replies) {
      expect(reply).toEqual({ ok: false, error: { code: expect.any(String), message: expect.any(String) } });
      expect(Object.keys(ERROR_CODES)).toContain(Reflect.get(Object(Reflect.get(Object(reply), 'error')), 'code'));
    }
  });

  test('has only idempotent operations', async () => {
    for (const [operation, input] of examples) {
      await proxy.invoke({ operation, input });
      const before = await everything();

      await proxy.invoke({ operation, input });

      expect(await everything()).toEqual(before);
    }
  });

  async function everything() {
    const { db } = proxy.database;
    return [
      await db.selectFrom('responses').selectAll().orderBy('id').execute(),
      await db.selectFrom('response_revisions').selectAll().orderBy('response_id').orderBy('revision').execute(),
      await db.selectFrom('late_revisions').selectAll().orderBy('id').execute(),
      await db.selectFrom('forms').selectAll().orderBy('form_id').orderBy('version').execute(),
      await db.selectFrom('audit_events').selectAll().orderBy('id').execute(),
    ];
  }
});
