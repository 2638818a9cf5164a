import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { everyDatabaseKind } from '../tests/support/databases.ts';
import { InProcessProxy } from '../tests/support/in-process-proxy.ts';
import { RecordingLogger } from '../tests/support/recording-logger.ts';
import { incoming } from '../tests/support/responses.ts';
import { createHandler } from './handler.ts';

/** An answer of a respondent. Errors and log lines must not contain it. */
const SECRET = 'earns 4711 and lives at 12 Elm Road';

describe('a request that does not fit the contract', () => {
  const logger = new RecordingLogger();
  const handler = createHandler({
    connection: () => {
      throw new Error('A request that is refused must not reach the database.');
    },
    database: () => Promise.reject(new Error('A request that is refused must not reach the database.')),
    logger,
  });

  test.each([
    ['an operation that does not exist', { operation: 'dropTables', input: {} }],
    ['SQL', { operation: 'select * from responses', input: {} }],
    ['the name of a member that every object inherits', { operation: 'toString', input: {} }],
    ['the name of the prototype member', { operation: '__proto__', input: {} }],
    ['the constructor', { operation: 'constructor', input: {} }],
    ['an operation that is not text', { operation: ['ping'], input: {} }],
    ['no operation', { input: {} }],
    ['nothing', undefined],
    ['null', null],
    ['text', 'ping'],
    ['a message of a queue', { Records: [{ body: '{"operation":"ping"}' }] }],
  ])('is refused if it is %s', async (_what, request) => {
    const reply = await handler(request);

    expect(reply).toEqual({ ok: false, error: { code: 'INVALID_REQUEST', message: 'No such operation.' } });
  });

  const bad = { ...incoming({ response: { answer: SECRET } }), user_id: 5 };
  test.each([
    ['ping', undefined, 'input'],
    ['ping', SECRET, 'input'],
    ['getResponse', {}, 'response_id'],
    ['getResponse', { response_id: SECRET.repeat(10) }, 'response_id'],
    ['getResponse', { response_id: [SECRET] }, 'response_id'],
    ['getResponse', { response_id: '' }, 'response_id'],
    ['listRevisions', { response_id: 'a', after_revision: SECRET }, 'after_revision'],
    ['listRevisions', { response_id: 'a', after_revision: -1 }, 'after_revision'],
    ['listRevisions', { response_id: 'a', after_revision: 0.5 }, 'after_revision'],
    ['listResponses', { limit: 0 }, 'limit'],
    ['listResponses', { limit: 1001 }, 'limit'],
    ['listResponses', { limit: 1, status: SECRET }, 'status'],
    ['listResponses', { limit: 1, form_id: `x' or '1'='1` }, 'form_id'],
    ['listResponses', { limit: 1, updated_since: '2026-09-01' }, 'updated_since'],
    ['listResponses', { limit: 1, after: { id: SECRET } }, 'after.id'],
    ['getForm', { form_id: 'household_finances', version: 0 }, 'version'],
    ['getForm', { form_id: SECRET }, 'form_id'],
    ['putForm', { form_id: 'crops', definition: SECRET }, 'definition'],
    ['saveResponses', { responses: [] }, 'responses'],
    ['saveResponses', { responses: Array.from({ length: 1001 }, () => incoming()) }, 'responses'],
    ['saveResponses', { responses: [incoming(), bad] }, 'responses.1.user_id'],
    ['saveResponses', { responses: [incoming({ content_hash: SECRET })] }, 'responses.0.content_hash'],
    ['saveResponses', { responses: [incoming({ last_modified: SECRET })] }, 'responses.0.last_modified'],
    ['saveResponses', { responses: [incoming({ form_version: 0 })] }, 'responses.0.form_version'],
  ])(
    'is refused by %s, and the error names the field but does not repeat its value (%#)',
    async (operation, input, field) => {
      const reply = await handler({ operation, input });

      const message = `The input of ${operation} does not fit the contract at ${field}.`;
      expect(reply).toEqual({ ok: false, error: { code: 'INVALID_REQUEST', message } });
      expect(logger.lines).toEqual([]);
    },
  );

  test('gets an error that names at most five fields', async () => {
    const responses = Array.from({ length: 10 }, () => ({ ...incoming(), status: SECRET }));

    const reply = await handler({ operation: 'saveResponses', input: { responses } });

    const fields = [0, 1, 2, 3, 4].map((index) => `responses.${index}.status`).join(', ');
    const message = `The input of saveResponses does not fit the contract at ${fields}.`;
    expect(reply).toEqual({ ok: false, error: { code: 'INVALID_REQUEST', message } });
  });
});

describe.each(everyDatabaseKind)('an operation that fails on %s', (kind) => {
  /** A missing table is transient on a server, which may be in the middle of a restore, and permanent in SQLite's file. */
  const code = kind === 'sqlite' ? 'INTERNAL' : 'DATABASE_UNAVAILABLE';
  let proxy: InProcessProxy;
  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterEach(() => proxy.stop());

  test('returns only an error code, and logs where the error occurred, without any value', async () => {
    const response = incoming({ response_id: 'response-1', response: { answer: SECRET } });
    await sql`drop table responses`.execute(proxy.database.db);

    const reply = await proxy.invoke({ operation: 'saveResponses', input: { responses: [response] } });

    const message = 'The operation saveResponses could not be carried out.';
    expect(reply).toEqual({ ok: false, error: { code, message } });
    expect(proxy.logger.lines).toHaveLength(1);
    expect(JSON.parse(proxy.logger.text)).toMatchObject({
      level: 'ERROR',
      response_id: 'response-1',
      operation: 'saveResponses',
      code,
      name: 'Error',
      at: expect.arrayContaining([expect.stringContaining('save-responses.ts')]),
    });
    expect(proxy.logger.text).not.toMatch(/4711|Elm|insert into/);
  });

  test('logs no value that the database puts into its error message', async () => {
    const response = incoming({ response_id: 'Elm-4711' });
    await proxy.call('saveResponses', { responses: [response] });
    await proxy.database.db.deleteFrom('forms').execute();
    await sql`drop table response_revisions`.execute(proxy.database.db);
    await sql`create table response_revisions (response_id varchar(128) primary key)`.execute(proxy.database.db);
    const later = incoming({ response_id: 'Elm-4711', at: '2026-09-02T00:00:00Z', response: { answer: SECRET } });

    const reply = await proxy.invoke({ operation: 'saveResponses', input: { responses: [later] } });

    expect(reply).toMatchObject({ ok: false, error: { code } });
    expect(proxy.logger.lines).toHaveLength(1);
    const { response_id: responseId, ...line } = JSON.parse(proxy.logger.text);
    expect(responseId).toBe('Elm-4711');
    expect(JSON.stringify([reply, line])).not.toMatch(/4711|Elm/);
  });

  test('does not affect the next operation', async () => {
    const table = `responses_${randomUUID().slice(0, 8)}`;
    await proxy.database.db.schema.alterTable('responses').renameTo(table).execute();
    const failed = await proxy.invoke({ operation: 'getResponse', input: { response_id: 'a' } });
    await proxy.database.db.schema.alterTable(table).renameTo('responses').execute();

    const reply = await proxy.invoke({ operation: 'getResponse', input: { response_id: 'a' } });

    expect(failed).toMatchObject({ ok: false });
    expect(reply).toEqual({ ok: true, result: { response: null } });
  });
});
