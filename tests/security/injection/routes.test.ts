/** Attempts at injection in every text and identifier of a request: stored and returned unchanged, or refused. */
import { randomUUID } from 'node:crypto';
import { createHandler as createCollect } from '../../../collect-lambdas/collect/routes.ts';
import { createHandler as createExports } from '../../../collect-lambdas/exports/routes.ts';
import { createHandler as createForms } from '../../../collect-lambdas/forms/routes.ts';
import { createHandler as createHello } from '../../../collect-lambdas/hello/routes.ts';
import { createHandler as createMetrics } from '../../../collect-lambdas/metrics/routes.ts';
import { createHandler as createQuality } from '../../../collect-lambdas/quality/routes.ts';
import { createHandler as createResponses } from '../../../collect-lambdas/responses/routes.ts';
import { createHandler as createReviews } from '../../../collect-lambdas/reviews/routes.ts';
import { createFormStore } from '../../../collect-lambdas/shared/form-store.ts';
import type { HttpEvent, HttpResponse } from '../../../collect-lambdas/shared/http.ts';
import { encodeCursor } from '../../../collect-lambdas/shared/query.ts';
import { createSeal } from '../../../collect-lambdas/shared/webhooks/seal.ts';
import { createSender } from '../../../collect-lambdas/shared/webhooks/sender.ts';
import { createHandler as createTasks } from '../../../collect-lambdas/tasks/routes.ts';
import { createHandler as createTokens } from '../../../collect-lambdas/tokens/routes.ts';
import { createHandler as createWebhooks } from '../../../collect-lambdas/webhooks/routes.ts';
import { readDocument } from '../../../openapi/generated.ts';
import { databaseKinds } from '../../support/databases.ts';
import { ask as askForExport, claim, readAll } from '../../support/exports.ts';
import { httpEvent, readReply, type HttpRequest } from '../../support/http-event.ts';
import { InProcessProxy } from '../../support/in-process-proxy.ts';
import { multipartEvent } from '../../support/multipart.ts';
import { emptySnapshot, changeRecorder, MemoryStore } from '../../support/memory-store.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { anyJob } from '../../support/recording-queue.ts';
import { household, INCOME } from '../../support/responses.ts';
import { ATTEMPTS, HARDLY_TEXT, LONG } from './attempts.ts';

type Table =
  | 'responses'
  | 'forms'
  | 'people'
  | 'companies'
  | 'task_statuses'
  | 'tasks'
  | 'tokens'
  | 'birthdays'
  | 'exports'
  | 'rejudges'
  | 'reviews'
  | 'webhooks';
const TABLES: Table[] = [
  'responses',
  'forms',
  'people',
  'companies',
  'task_statuses',
  'tasks',
  'tokens',
  'birthdays',
  'exports',
  'rejudges',
  'reviews',
  'webhooks',
];
type Reply = ReturnType<typeof readReply>;

describe.each(databaseKinds)('despite attempts at injection through the routes on %s,', (kind) => {
  let proxy: InProcessProxy;
  let handle: (event: HttpEvent) => Promise<HttpResponse>;

  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    const logger = new RecordingLogger();
    const shared = { dbProxy: proxy, logger, now: Date.now };
    const taken = () => Promise.resolve();
    const collect = createCollect({
      ...shared,
      forms: createFormStore(proxy, emptySnapshot(), logger),
      enqueue: taken,
      triggerPublish: taken,
    });
    const recordChange = changeRecorder(logger);
    const forms = createForms({ ...shared, ...anyJob, files: new MemoryStore(), recordChange });
    const links = {
      enqueue: taken,
      leaveMarker: () => Promise.resolve(true),
      linkTo: () => Promise.resolve(''),
      triggerLiveSheets: () => Promise.resolve(),
      defaultSpreadsheetId: 'sheet-of-the-test',
    };
    const handlers: [RegExp, (event: HttpEvent) => Promise<HttpResponse>][] = [
      [/ \/(collect|health)|\/responses(\/batch)?$/, collect],
      [
        / \/responses\/[^/]+\/(reviews|assign)| \/worklist/,
        createReviews({ ...shared, enqueue: taken, triggerPublish: taken }),
      ],
      [/ \/forms\/[^/]+\/quality/, createQuality(shared)],
      [/ \/forms\/[^/]+\/sheet/, createExports({ ...shared, ...links })],
      [
        / \/webhooks/,
        createWebhooks({
          ...shared,
          seal: createSeal(new MemoryStore()),
          createSender: () => createSender({ allowsLoopback: false }),
          allowsLoopback: false,
          triggerDelivery: taken,
        }),
      ],
      [
        / \/responses/,
        createResponses({
          ...shared,
          files: new MemoryStore(),
          store: new MemoryStore(),
          triggerPublish: () => Promise.resolve(),
        }),
      ],
      [/ \/forms/, forms],
      [/ \/api/, createTasks(shared)],
      [/ \/(tokens|audit)/, createTokens({ ...shared, recordChange })],
      [/ \/hello/, createHello({ ...shared, timeZone: 'UTC' })],
      [/ \/(google-sheet|exports|tables)/, createExports({ ...shared, ...links })],
      [/ \/metrics/, createMetrics(shared)],
    ];
    handle = (event) => {
      const isList = event.routeKey.startsWith('GET /responses');
      const found = handlers.find(([pattern], index) => pattern.test(event.routeKey) && !(isList && index === 0));
      if (found === undefined) throw new Error(`No handler serves ${event.routeKey}.`);
      return found[1](event);
    };
  });
  afterAll(() => proxy.stop());

  const ask = async (route: string, request?: HttpRequest): Promise<Reply> =>
    readReply(await handle(httpEvent(route, request)));

  async function counts(): Promise<Record<Table, number>> {
    const all = await Promise.all(
      TABLES.map(async (table) => {
        const { count } = await proxy.database.db
          .selectFrom(table)
          .select((eb) => eb.fn.countAll().as('count'))
          .executeTakeFirstOrThrow();
        return [table, Number(count)];
      }),
    );
    return Object.fromEntries(all) as Record<Table, number>;
  }

  /** The number of rows that a call adds, by table. */
  async function added(call: () => Promise<unknown>): Promise<Partial<Record<Table, number>>> {
    const before = await counts();
    await call();
    const after = await counts();
    return Object.fromEntries(
      TABLES.flatMap((table) => (after[table] === before[table] ? [] : [[table, after[table] - before[table]]])),
    );
  }

  test('an export is refused if its table, spreadsheet or filter is an attempt', async () => {
    const change = await added(async () => {
      const tables = ['tokens', 'people', 'sqlite_master', 'information_schema.tables', 'responses'];
      for (const attempt of [...ATTEMPTS, ...HARDLY_TEXT.filter((each) => each !== LONG), ...tables]) {
        for (const body of [
          { table_name: attempt },
          { table_name: 'household_finances', spreadsheet_id: `${attempt}!` },
          { table_name: 'household_finances', filter: { status: attempt } },
          { table_name: 'household_finances', filter: { updated_since: attempt } },
          { table_name: 'household_finances', filter: { [attempt]: attempt } },
        ]) {
          expect([body, (await ask('POST /google-sheet', { body })).status]).toEqual([body, 422]);
        }
      }
    });

    expect(change).toEqual({});
  });

  describe('a household', () => {
    const texts = ['username', 'location', 'name', 'email', 'mobile_number', 'gender'];
    const ids = ['response_family_id', 'user_id'];

    test.each(ATTEMPTS)('with %j in every text is stored and returned unchanged', async (attempt) => {
      const everywhere = Object.fromEntries([...texts, ...ids].map((key) => [key, attempt]));
      const response = household({ ...everywhere, response_id: `${attempt}${randomUUID()}` });
      const path = { response_id: String(response['response_id']) };

      expect(await added(() => ask('POST /collect', { body: response }))).toEqual({ responses: 1 });

      expect(await ask('GET /responses/{response_id}', { path })).toMatchObject({ status: 200, body: { response } });
      expect(await ask('GET /responses/{response_id}/revisions', { path })).toMatchObject({
        body: { items: [{ response }] },
      });
      const caller = { role: 'collector', user_id: attempt } as const;
      for (const request of [{ query: { user_id: attempt } }, { caller }]) {
        expect(await ask('GET /responses', request)).toMatchObject({
          body: { items: [{ response: { user_id: attempt, response_id: path.response_id } }], next_cursor: null },
        });
      }
    });

    test.each([...texts, ...ids, 'response_id'])(
      'with unusual text as its %s is refused, or returned unchanged',
      async (key) => {
        for (const text of HARDLY_TEXT) {
          const response = household({ [key]: text });
          const reply = await ask('POST /collect', { body: response });

          expect([201, 422]).toContain(reply.status);
          const path = { response_id: String(response['response_id']) };
          const read = await ask('GET /responses/{response_id}', { path });
          expect(read).toMatchObject(reply.status === 201 ? { status: 200, body: { response } } : { status: 404 });
        }
      },
    );

    test.each([INCOME, 'age', 'submitted_time', 'synced_time', 'last_modified_time'])(
      'is refused with any attempt as its %s',
      async (key) => {
        const attempts = [...ATTEMPTS.filter((each) => !['0', '-1+1'].includes(each)), ...HARDLY_TEXT];
        const change = await added(async () => {
          for (const attempt of attempts) {
            const reply = await ask('POST /collect', { body: household({ [key]: attempt }) });
            expect([attempt, reply]).toMatchObject([
              attempt,
              { status: 422, body: { errors: [{ pointer: `/${key}` }] } },
            ]);
          }
        });

        expect(change).toEqual({});
      },
    );

    test('is refused with unknown keys, and no key changes a prototype', async () => {
      const change = await added(async () => {
        for (const attempt of [...ATTEMPTS, LONG, '__proto__']) {
          const body = JSON.stringify(household()).replace('{', `{${JSON.stringify(attempt)}:{"polluted":1},`);
          expect([attempt, await ask('POST /collect', { body })]).toMatchObject([attempt, { status: 422 }]);
        }
      });

      expect(change).toEqual({});
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
    });
  });

  describe('a form', () => {
    const question = { key: 'depth', column: 'depth', type: 'decimal' };
    const rule = { name: 'Deep', message: 'x', conditions: { fact: 'depth', operator: 'lessThan', value: 9 } };
    const wells = { title: 'Wells', questions: [question], rules: [rule] };
    const put = (formId: string, changes: object) =>
      ask('PUT /forms/{form_id}', { path: { form_id: formId }, body: { ...wells, ...changes } });
    const newId = () => `form_${randomUUID().replaceAll('-', '')}`;
    const storable = ATTEMPTS.filter((each) => !/[{}]|^(__proto__|constructor|\d+)$/.test(each));

    test.each(storable)(
      'may use %j in its texts, keys and options; responses are stored and exported',
      async (attempt) => {
        const formId = newId();
        const questions = [
          { key: attempt, column: 'asked', type: 'text', required: true, max_length: 500, multiline: false },
          { key: `${attempt} too`, column: 'chosen', type: 'choice', required: true, options: [attempt] },
        ];
        const conditions = { fact: attempt, operator: 'equal', value: 'nothing of the kind' };
        const rules = [{ name: attempt, message: `${attempt} {${attempt}}`, conditions }];
        const definition = { title: attempt, questions, rules };

        expect(await added(() => put(formId, definition))).toEqual({ forms: 1 });

        const path = { form_id: formId };
        expect(await ask('GET /forms/{form_id}', { path })).toMatchObject({ status: 200, body: definition });
        const metadata = Object.fromEntries(Object.entries(household()).slice(0, 8));
        const body = { ...metadata, [attempt]: attempt, [`${attempt} too`]: attempt };
        expect(await ask('POST /forms/{form_id}/responses', { path, body })).toMatchObject({
          status: 201,
          body: {
            status: 'flagged',
            flags: [
              { rule: attempt, message: `${attempt} ${attempt}`, questions: [attempt], values: { [attempt]: attempt } },
            ],
            response: body,
          },
        });
        const exportId = await askForExport(proxy, { table: formId });
        const { bound, table } = await claim(proxy, exportId);
        const [row = []] = await readAll(proxy, bound, { table: formId });
        const cells = Object.fromEntries(table.columns.map(({ name }, index) => [name, row[index]]));
        expect(cells).toMatchObject({ ...metadata, [attempt]: attempt, [`${attempt} too`]: attempt });
        expect(await ask('POST /forms/{form_id}/dry-run', { path, body: { rules } })).toMatchObject({
          body: { checked: 1, rules: [{ rule: attempt, flagged: 1 }] },
        });
      },
    );

    test('is refused if an attempt is an id, a column, a fact, an operator or a type', async () => {
      const stored = newId();
      await put(stored, {});
      const ruleOf = (conditions: object) => ({
        rules: [{ ...rule, conditions: { ...rule.conditions, ...conditions } }],
      });

      const change = await added(async () => {
        for (const attempt of [...ATTEMPTS, ...HARDLY_TEXT]) {
          const refused = [
            await put(stored, { questions: [{ ...question, column: `${attempt}!` }] }),
            await put(stored, { questions: [{ ...question, type: attempt }] }),
            await put(stored, { facts: [{ name: `${attempt}!`, add: ['depth'] }] }),
            await put(stored, { facts: [{ name: 'sum', add: [attempt] }] }),
            await put(stored, ruleOf({ fact: attempt })),
            await put(stored, ruleOf({ operator: attempt })),
            await put(stored, ruleOf({ value: { fact: attempt } })),
            await put(stored, ruleOf({ path: attempt })),
            await put(stored, { spreadsheet_id: `${attempt}/` }),
            await put(stored, { [attempt]: attempt }),
            await ask('POST /forms/{form_id}/dry-run', { path: { form_id: stored }, body: ruleOf({ fact: attempt }) }),
            await ask('POST /forms/{form_id}/rejudge', { path: { form_id: stored }, body: { since: attempt } }),
          ];
          expect([attempt, refused.map(({ status }) => status)]).toEqual([attempt, refused.map(() => 422)]);
        }
      });

      expect(change).toEqual({});
    });

    test('is neither found nor created if its id is an attempt', async () => {
      const bad = [...ATTEMPTS, ...HARDLY_TEXT].filter((each) => !/^[a-z][a-z0-9_]{0,62}$/.test(each));
      const change = await added(async () => {
        for (const attempt of bad) {
          const path = { form_id: attempt };
          const statuses = [
            await ask('GET /forms/{form_id}', { path }),
            await ask('PUT /forms/{form_id}', { path, body: wells }),
            await ask('POST /forms/{form_id}/dry-run', { path, body: { rules: [rule] } }),
            await ask('POST /forms/{form_id}/rejudge', { path, body: {} }),
            await ask('GET /forms/{form_id}/rejudge/{rejudge_id}', { path: { ...path, rejudge_id: attempt } }),
            await ask('POST /forms/{form_id}/responses', { path, body: household() }),
            await ask('POST /forms/{form_id}/responses/batch', { path, body: [household()] }),
          ].map(({ status }) => status);
          expect([attempt, statuses]).toEqual([attempt, [404, 422, 404, 404, 404, 404, 404]]);
        }
      });

      expect(change).toEqual({});
    });
  });

  describe('tasks', () => {
    const day = '2026-09-01';
    /** The stored form of a task's text: Unicode's normal form NFC. */
    const stored = (text: string): string => text.normalize('NFC');

    test.each(ATTEMPTS)(
      'with the text %j are stored, found by exactly this text, and changed separately',
      async (attempt) => {
        const name = stored(attempt);
        const make = async (collection: string, body: object) => {
          const reply = await ask(`POST /api/v1/${collection}`, { body });
          expect(reply).toMatchObject({ status: 201 });
          return reply.body as { id: number };
        };
        let ids = { owner_id: 0, company_id: 0, status_id: 0 };
        let task = { id: 0 };

        const change = await added(async () => {
          ids = {
            owner_id: (await make('people', { name: attempt, user_id: attempt })).id,
            company_id: (await make('companies', { name: attempt })).id,
            status_id: (await make('task_status', { name: attempt })).id,
          };
          task = await make('tasks', { ...ids, task_date: day, description: attempt });
        });

        expect(change).toEqual({ people: 1, companies: 1, task_statuses: 1, tasks: 1 });
        for (const collection of ['people', 'companies', 'task_status']) {
          expect(await ask(`GET /api/v1/${collection}`, { query: { name: attempt } })).toMatchObject({
            body: [{ name }],
          });
        }
        expect(await ask('GET /api/v1/people', { query: { user_id: attempt } })).toMatchObject({
          body: [{ user_id: name }],
        });
        expect(await ask('GET /api/v1/tasks/{id}', { path: { id: String(task.id) } })).toMatchObject({
          body: { owner: name, company: name, status: name, description: name },
        });
        expect(await ask('POST /api/v1/companies', { body: { name: attempt } })).toMatchObject({ status: 409 });
        const changes = { description: `${attempt} again` };
        await ask('PATCH /api/v1/tasks/{id}', { path: { id: String(task.id) }, body: changes });
        const { body } = await ask('GET /api/v1/tasks', { query: { limit: '100' } });
        expect(
          (body as { description: string }[]).filter(({ description }) => description.endsWith('again')),
        ).toMatchObject([{ id: task.id, description: stored(changes.description) }]);
        expect(await ask('DELETE /api/v1/tasks/{id}', { path: { id: String(task.id) } })).toMatchObject({
          status: 204,
        });
      },
    );

    test.each(ATTEMPTS)('of a file with the text %j are stored', async (attempt) => {
      const quoted = `"${attempt.replaceAll('"', '""')}"`;
      const header = 'task_owner,email,company_name,task_date,task_description,task_status';
      const email = `${randomUUID()}@example.org`;
      const otherName = `"of ${attempt.replaceAll('"', '""')}"`;
      const content = `${header}\n${quoted},${email},${otherName},${day},${quoted},${otherName}\n`;
      const upload = () =>
        handle(multipartEvent('POST /api/v1/tasks/upload/', [{ name: 'file', filename: attempt, content }]));

      expect(await added(upload)).toEqual({ people: 1, companies: 1, task_statuses: 1, tasks: 1 });

      const { body } = await ask('GET /api/v1/tasks', { query: { owner: email } });
      const of = stored(`of ${attempt}`);
      expect(body).toMatchObject([{ owner: stored(attempt), description: stored(attempt), company: of, status: of }]);
    });

    test('with unusual text are refused, or stored without leading and trailing blanks', async () => {
      for (const text of HARDLY_TEXT) {
        for (const [collection, body] of [
          ['companies', { name: text }],
          ['task_status', { name: text }],
          ['people', { name: text }],
          ['people', { name: 'x', user_id: text }],
          ['people', { name: 'x', email: text }],
        ] as const) {
          const reply = await ask(`POST /api/v1/${collection}`, { body });
          expect([201, 409, 422]).toContain(reply.status);
          expect(JSON.stringify(reply.body)).not.toMatch(/\\u0000|\\ud800|\\udc00|\ufffd/);
        }
      }
    });

    test('are refused with any attempt as an id or a day', async () => {
      const good = { owner_id: 1, status_id: 1, task_date: day, description: 'x' };
      const change = await added(async () => {
        for (const attempt of [...ATTEMPTS, ...HARDLY_TEXT]) {
          for (const member of ['owner_id', 'company_id', 'status_id', 'task_date']) {
            const reply = await ask('POST /api/v1/tasks', { body: { ...good, [member]: attempt } });
            expect([attempt, member, reply.status]).toEqual([attempt, member, 422]);
          }
        }
      });

      expect(change).toEqual({});
    });
  });

  describe('a token', () => {
    test.each(ATTEMPTS)('with the label and user_id %j is stored unchanged', async (attempt) => {
      const body = { role: 'collector', user_id: attempt, label: attempt };

      expect(await added(() => ask('POST /tokens', { body }))).toEqual({ tokens: 1 });

      const { body: page } = await ask('GET /tokens', { query: { limit: '100' } });
      const { items } = page as { items: { label: string; user_id: string }[] };
      expect(items.filter(({ label }) => label === attempt)).toMatchObject([{ user_id: attempt }]);
    });

    test.each(['label', 'user_id'])('with unusual text as its %s is refused, or stored unchanged', async (key) => {
      for (const text of HARDLY_TEXT) {
        const reply = await ask('POST /tokens', {
          body: { role: 'collector', user_id: 'collector-1', label: 'x', [key]: text },
        });

        expect([201, 422]).toContain(reply.status);
        expect([text, reply]).toMatchObject([text, reply.status === 201 ? { body: { [key]: text } } : { status: 422 }]);
      }
    });

    test('is refused with a user_id that no response can have', async () => {
      for (const userId of ['a\u0000b', '\u001b[31m', 'a\r\nb: c', '\ud800', 'a\udc00']) {
        const reply = await ask('POST /tokens', { body: { role: 'collector', user_id: userId } });

        expect([userId, reply]).toMatchObject([userId, { status: 422, body: { errors: [{ pointer: '/user_id' }] } }]);
      }
    });
  });

  test('a birthday is stored only if the username consists of letters', async () => {
    for (const attempt of [...ATTEMPTS, ...HARDLY_TEXT]) {
      const path = { username: attempt };
      const isName = attempt.length <= 64 && /^(?:\p{L}\p{M}*)+$/u.test(attempt.normalize('NFC'));
      const change = await added(async () => {
        const reply = await ask('PUT /hello/{username}', { path, body: { dateOfBirth: '1990-05-17' } });
        expect([attempt, reply.status]).toEqual([attempt, isName ? 204 : 422]);
      });
      expect([attempt, change]).toEqual([attempt, isName ? { birthdays: 1 } : {}]);
    }
  });

  describe('a URL', () => {
    const WITHOUT_DATABASE = /calculation|docs|openapi|console|fill|assets|GET \/$/;
    const routes = Object.entries(readDocument().paths)
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
      .filter((route) => !WITHOUT_DATABASE.test(route));

    test.each(routes.filter((route) => route.includes('{') && route !== 'PUT /hello/{username}'))(
      'of %s with an attempt in its path causes no server error and no change',
      async (route) => {
        const names = [...route.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
        const change = await added(async () => {
          for (const attempt of [...ATTEMPTS.filter((each) => each !== '0'), ...HARDLY_TEXT, '99999999999999999999']) {
            const path = Object.fromEntries(names.map((name) => [name, attempt]));
            const bodies = /^(GET|DELETE)/.test(route) ? [{}] : [{ body: {} }, { body: '' }, {}];
            for (const request of bodies) {
              const { status = 0 } = await ask(route, { path, ...request });
              expect([attempt, status >= 200 && status < 500]).toEqual([attempt, true]);
            }
          }
        });

        expect(change).toEqual({});
      },
    );

    /** Each documented route with the names of its query parameters. */
    const queries = Object.entries(readDocument().paths).flatMap(([path, { get }]) => {
      const names = (get?.parameters ?? []).flatMap((each) => (each.in === 'query' ? [each.name] : []));
      return names.length > 0 && !WITHOUT_DATABASE.test(path) ? [{ route: `GET ${path}`, names }] : [];
    });

    test.each(queries)(
      'of $route with an attempt as a query parameter is accepted or refused with 422: $names',
      async ({ route, names }) => {
        const good: Record<string, string> = route.endsWith('/chart') ? { country: 'COL' } : {};
        for (const attempt of [...ATTEMPTS, ...HARDLY_TEXT]) {
          for (const name of [...names, attempt]) {
            const { status = 0 } = await ask(route, { query: { ...good, [name]: attempt } });
            expect([name, attempt, status]).toEqual([name, attempt, status === 200 ? 200 : 422]);
          }
        }
      },
    );

    test.each(['GET /responses', 'GET /exports', 'GET /tokens'])(
      'of %s with an attempt in its cursor is accepted or refused with 422',
      async (route) => {
        const moment = '2026-09-01T06:00:00.000Z';
        for (const attempt of [...ATTEMPTS, ...HARDLY_TEXT, 0, -1, 2 ** 53 - 1, 1e300, null, [], {}]) {
          for (const position of [
            attempt,
            { id: attempt },
            { id: 1, updated_at: attempt },
            { created_at: attempt, export_id: randomUUID(), token_id: randomUUID() },
            { created_at: moment, export_id: attempt, token_id: attempt },
          ]) {
            const { status } = await ask(route, { query: { cursor: encodeCursor(position) } });
            expect([200, 422]).toContain(status);
          }
        }
      },
    );
  });
});
