/**
 * No statement sorts wide rows: MySQL sorts whole rows, and fails (error 1038) if one is larger than its sort buffer. Runs
 * every operation, and checks the server's plan of each statement.
 */
import { randomUUID } from 'node:crypto';
import type { CompiledQuery } from 'kysely';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { describeOnServers } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { incomingReview } from '../../tests/support/reviews.ts';
import { incoming } from '../../tests/support/responses.ts';
import { recordStatements } from '../../tests/support/statements.ts';
import { longTest } from '../../tests/support/thorough.ts';
import { SYSTEM_TABLES, type Input, type Operation } from '../contract.ts';

/** A column that can hold more bytes than this is wide. Names have up to 1,016 bytes; the sort buffer has 262,144. */
const NARROW_BYTES = 2_048;

const at = '2026-09-01T06:00:00.000Z';
const later = '2099-01-01T00:00:00.000Z';
const exportId = randomUUID();
const tokenId = randomUUID();
const held = { export_id: exportId, holder: 'worker-1' };
const run = { webhook_id: tokenId, holder: 'worker-1', now: later };
const outcomes = { delivered: [1], failed: [{ delivery_id: 2, reason: 'It replied 500.', due_at: later }] };
const shown = { prefix: 'clt_1', sha256: 'a'.repeat(64) };
const company = { collection: 'companies', sort: { column: 'name', descending: true }, offset: 0, limit: 10 } as const;
const task = { owner_id: 1, company_id: null, status_id: 1, task_date: '2026-09-01', description: 'Ask again.' };
const bound = { max_id: 1_000, at: later, form_version: 1 };
const flag = { rule: 'Rule1', message: 'Ask again.', questions: [], values: {} };
const file = { name: 'a.jpg', object_key: 'responses/a', sha256: 'a'.repeat(64), bytes: 3, type: 'image/jpeg' };
const area = { area_id: 1, name: 'Area', population: 10 };
const day = { day: '2026-09-01', data_type: 'ACTUAL', indicator: 'fcs' } as const;

/** Two responses whose answers must be unique but are equal. `hash` stands for the answers. */
const equal = (at: string, hash: string) =>
  [1, 2].map((number) => {
    const response = incoming({ response_id: `equal-${number}`, at });
    const { last_modified: submitted } = response;
    const within = { from: submitted, to: submitted };
    const flag = { rule: 'Same', message: 'Same.', questions: [], values: {} };
    return { ...response, unique: [{ hash: hash.repeat(64), at: submitted, within, flag }] };
  });

const some = Array.from({ length: 30 }, (_, index) =>
  incoming({
    response_id: `response-${index}`,
    form_id: index % 3 === 0 ? 'crops' : 'household_finances',
    status: index % 2 === 0 ? 'flagged' : 'accepted',
    user_id: `collector-${index % 4}`,
  }),
);
const again = (time: string) => some.map((each) => incoming({ ...each, ...timeOf(time, each.response_id) }));
const filters = [{}, { form_id: 'crops' }, { status: 'flagged' }, { user_id: 'collector-1' }] as const;
const everyFilter = { form_id: 'crops', status: 'flagged', user_id: 'collector-2' } as const;

/** For each operation, inputs that make it run each of its statements; in the order of execution. */
const examples: { [O in Operation]: Input<O>[] } = {
  saveResponses: [
    { responses: some },
    { responses: again('2026-09-02T06:00:00Z') },
    { responses: again('2026-08-01T06:00:00Z'), late: true },
    { responses: [incoming({ response_id: 'photo-1', files: [file], expects: ['a.jpg', 'b.jpg'] })] },
    { responses: equal('2026-09-01T06:00:00Z', 'a') },
    { responses: equal('2026-09-02T06:00:00Z', 'a') },
    { responses: equal('2026-09-03T06:00:00Z', 'b') },
  ],
  saveReviews: [
    {
      reviews: [
        incomingReview({ response_id: 'response-1', action: 'comment' }),
        incomingReview({ response_id: 'response-1', action: 'return', revision: 1 }),
      ],
    },
    { reviews: [incomingReview({ response_id: 'response-1', action: 'assign', assignee: 'collector-3' })] },
    { reviews: [incomingReview({ response_id: 'response-1', action: 'approve', revision: 2 })], late: true },
  ],
  listReviews: [{ response_id: 'response-1', limit: 1 }],
  listWork: [{ limit: 10 }, { user_id: 'collector-2', limit: 10, after: 1 }],
  addAttachments: [
    { response_id: 'response-1', files: [file] },
    { response_id: 'response-later', only_of: 'collector-1', files: [file, { ...file, name: 'b.jpg' }] },
  ],
  awaitUpload: [{ response_id: 'response-1', file: { ...file, name: 'c.jpg', object_key: 'uploads/c' } }],
  receiveUpload: [{ object_key: 'uploads/c', type: 'image/jpeg' }],
  listAttachments: [{ response_id: 'response-1' }],
  listFilesOfForm: [
    { form_id: 'crops', until: later, filter: {}, after: 0 },
    { form_id: 'crops', until: later, filter: { status: 'flagged', updated_since: at }, after: 1 },
  ],
  listResponses: [...filters, everyFilter].flatMap((filter) => [
    { ...filter, limit: 10 },
    { ...filter, limit: 10, after: { id: 3 } },
    { ...filter, limit: 10, updated_since: at },
    { ...filter, limit: 10, updated_since: at, after: { id: 3, updated_at: at } },
  ]),
  browseResponses: [
    {},
    { form_id: 'crops' },
    { user_id: 'collector-1' },
    { statuses: ['flagged' as const, 'returned' as const] },
    { form_id: 'crops', statuses: ['flagged' as const], user_id: 'collector-2' },
  ].flatMap((filter) =>
    [
      {},
      { rule: 'Rule1' },
      { rule: 'Rule1', ever: 'returned' as const },
      { text: 'yes' },
      { from: at, to: later },
    ].flatMap((more) =>
      [{ count: true }, { position: { before: 20 } }, { position: { after: 3 } }].map((rest) => ({
        ...filter,
        ...more,
        ...rest,
        limit: 10,
      })),
    ),
  ),
  getResponse: [{ response_id: 'response-1' }],
  listRevisions: [{ response_id: 'response-1', after_revision: 0 }],
  listLateRevisions: [
    { response_id: 'response-1' },
    { response_id: 'response-1', after: { last_modified: '2026-01-01T00:00:00.000000000Z', id: 1 } },
  ],
  claimResponseEvents: [
    { holder: 'publisher-1', lease_seconds: 60, limit: 500, published: [], waiting: [] },
    { holder: 'publisher-1', lease_seconds: 60, limit: 500, published: [1], waiting: [2] },
  ],
  readQuality: [
    { form_id: 'crops', by: 'day', since: '2026-09-01' },
    { form_id: 'crops', by: 'collector' },
    { form_id: 'crops', by: 'rule', since: '2026-09-02' },
  ],
  refuseResponseEvents: [{ events: [{ event_id: 3, reason: 'Too large.' }] }],
  putForm: ['One', 'Two'].map((title) => ({
    form_id: 'crops',
    definition: { title, questions: [{ key: 'fields', type: 'repeat', questions: [] }] },
  })),
  getForm: [{ form_id: 'crops' }, { form_id: 'crops', version: 1 }],
  deleteForm: [{ form_id: 'crops' }],
  listFormVersions: [{ form_id: 'crops' }],
  listForms: [{}],
  createDirectoryEntry: [
    { creation_key: randomUUID(), collection: 'companies', values: { name: 'Wells Ltd' } },
    {
      creation_key: randomUUID(),
      collection: 'people',
      values: { name: 'Ama', email: 'ama@example.org', user_id: 'a' },
    },
  ],
  updateDirectoryEntry: [{ collection: 'people', id: 1, changes: { name: 'Ama Khan', email: 'ama@example.com' } }],
  getDirectoryEntry: [{ collection: 'people', id: 1 }],
  listDirectory: [
    { ...company, filter: {} },
    {
      ...company,
      collection: 'people',
      filter: { email: 'ama@example.com' },
      sort: { column: 'email', descending: false },
    },
  ],
  uploadTasks: [{ rows: [['Ama', 'ama@example.com', 'Wells Ltd', '2026-09-01', 'Repair', 'APPROVED']] }],
  createTask: [{ creation_key: randomUUID(), values: task }],
  updateTask: [{ id: 1, changes: { description: 'Asked.' } }],
  followUpResponse: [
    {
      response_id: 'response-2',
      revision: 1,
      type: 'flagged',
      user_id: 'collector-2',
      task_date: '2026-09-01',
      description: 'Ask again.',
    },
  ],
  getTask: [{ id: 1 }],
  listTasks: (['id', 'task_date', 'owner', 'company', 'status', 'created_at', 'updated_at'] as const).flatMap(
    (column) => [
      { filter: {}, sort: { column, descending: false }, offset: 0, limit: 10 },
      {
        filter: { status: { id: 1 }, date_from: '2026-01-01' },
        sort: { column, descending: true },
        offset: 1,
        limit: 10,
      },
    ],
  ),
  requestExport: [
    {
      export_id: exportId,
      table_name: 'crops',
      request: { spreadsheet_id: null, format: { csv: true, sheet: false }, filter: {} },
    },
  ],
  getExport: [{ export_id: exportId }],
  listExports: [{ limit: 10 }, { limit: 10, after: { created_at: later, export_id: exportId } }],
  listStalledExports: [{ queued_before: later }],
  claimExport: [{ ...held, lease_seconds: 60 }],
  reportExport: [{ ...held, lease_seconds: 60, rows_done: 1 }],
  finishExport: [{ ...held, status: 'succeeded', csv: null, sheet: null, error: null }],
  requestRejudge: [{ rejudge_id: exportId, form_id: 'crops', since: at }],
  getRejudge: [{ rejudge_id: exportId }],
  listStalledRejudges: [{ idle_since: later }],
  claimRejudge: [{ rejudge_id: exportId, holder: 'worker-1' }],
  saveJudgements: [
    {
      rejudge_id: exportId,
      holder: 'worker-1',
      judgements: [{ response_id: 'response-1', revision: 2, flags: [flag] }],
      page: { checked: 1, next: null },
    },
  ],
  findTable: [{ table_name: 'crops' }, { table_name: 'nothing' }],
  listTables: [{ count_rows: true }],
  readTable: ['crops', 'crops.fields', ...SYSTEM_TABLES].flatMap((table_name) =>
    [bound, { ...bound, at: '2026-09-01T06:00:00.000Z' }].flatMap((moment) => [
      { table_name, bound: moment, filter: {}, after: null },
      { table_name, bound: moment, filter: { status: 'flagged', updated_since: at }, after: null },
    ]),
  ),
  takeLease: [{ name: 'tab', holder: 'worker-1', seconds: 60 }],
  releaseLease: [{ name: 'tab', holder: 'worker-1' }],
  takeTurn: [{ name: 'quota', now: at, interval_ms: 1_000, burst: 2 }],
  putLiveSheet: [
    { form_id: 'crops', spreadsheet_id: 'sheet-1', tab: 'Crops' },
    { form_id: 'crops', spreadsheet_id: 'sheet-2', tab: 'Crops' },
    { form_id: 'crops', spreadsheet_id: 'sheet-2', tab: 'crops' },
  ],
  getLiveSheet: [{ form_id: 'crops' }],
  listLiveSheets: [{}],
  listDueLiveSheets: [{ now: later }],
  claimLiveSheet: [{ form_id: 'crops', holder: 'worker-1', lease_seconds: 60, now: later, done: [1] }],
  readLiveRows: [{ form_id: 'crops', form_version: 2, response_ids: ['response-0', 'response-3'] }],
  reportLiveSheet: [
    {
      form_id: 'crops',
      holder: 'worker-1',
      choice_id: exportId,
      now: later,
      outcome: { kind: 'failed', error: 'Share it.' },
    },
  ],
  deleteLiveSheet: [{ form_id: 'crops' }],
  saveAreaMetrics: [
    {
      iso3: 'KEN',
      country: 'Kenya',
      sample: false,
      areas: [{ ...area, seen_on: day.day }],
      values: [{ ...day, area_id: 1, population: 10, people: 5, prevalence: 0.5 }],
    },
  ],
  listMetricSeries: [{}],
  readMetrics: [{ countries: ['KEN'], indicator: 'fcs', sample: false, from: '2026-01-01', to: '2026-12-31' }],
  putBirthday: [{ username: 'ada', date_of_birth: '1990-01-01' }],
  getBirthday: [{ username: 'ada' }],
  createToken: [{ ...shown, token_id: tokenId, role: 'manager', user_id: null, label: null, expires_at: later }],
  checkToken: [shown],
  getToken: [{ token_id: tokenId }],
  listTokens: [
    { limit: 10 },
    { limit: 10, role: 'device', user_id: 'collector-1' },
    { limit: 10, after: { created_at: later, token_id: tokenId } },
  ],
  listTokenHashes: [{ limit: 10 }, { limit: 10, after: shown.sha256 }],
  revokeToken: [{ token_id: tokenId }],
  listAuditEvents: [
    { limit: 10 },
    { limit: 10, subject_id: 'response-1' },
    { limit: 10, action: 'form_changed', after: { at: later, id: 9 } },
  ],
  createWebhook: [
    { webhook_id: tokenId, url: 'https://example.org', secret: 's', events: ['accepted'], form_id: null },
  ],
  listWebhooks: [{ limit: 10 }, { limit: 10, after: { created_at: later, webhook_id: tokenId } }],
  getWebhook: [{ webhook_id: tokenId }],
  updateWebhook: [{ webhook_id: tokenId, changes: { active: true } }],
  listDueWebhooks: [{ now: later }],
  claimDeliveries: [{ ...run, lease_seconds: 60, after: 0, limit: 10, outcomes }],
  listDeliveries: [{ webhook_id: tokenId, status: 'pending', limit: 10, after: 1 }],
  finishDeliveries: [
    { ...run, outcomes },
    { ...run, outcomes, succeeded_at: at },
    { ...run, outcomes, failure: { at, reason: 'It replied 500.' }, retry_at: later },
  ],
  redeliver: [{ webhook_id: tokenId }],
  deleteWebhook: [{ webhook_id: tokenId }],
  deleteTask: [{ id: 1 }],
  deleteDirectoryEntry: [{ collection: 'companies', id: 1 }],
  eraseResponse: [{ response_id: 'response-2' }],
  ping: [{}],
  describeSchema: [{}],
  migrateSchema: [{ live_schema: '0001-responses' }],
};

describeOnServers('a sort', (kind) => {
  let proxy: InProcessProxy;
  let connection: Connection;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    connection = await createConnection(proxy.url);
  });
  afterAll(async () => {
    await connection.end();
    await proxy.stop();
  });

  async function sortsWideRows({ sql, parameters }: Pick<CompiledQuery, 'sql' | 'parameters'>): Promise<boolean> {
    if (!/^\s*(select|insert|replace|update|delete)/i.test(sql)) return false;
    const [plan] = await connection.query<RowDataPacket[]>(`explain format=traditional ${sql}`, [...parameters]);
    if (!plan.some((step) => String(step['Extra']).includes('Using filesort'))) return false;
    if (!/^\s*select/i.test(sql)) return true;
    const [, columns] = await connection.query(sql, [...parameters]);
    return columns.some(({ columnLength = 0 }) => columnLength > NARROW_BYTES);
  }

  longTest('in a statement of any operation has narrow rows only', async () => {
    const explained: string[] = [];
    const wide: string[] = [];
    for (const [operation, inputs] of Object.entries(examples) as [Operation, unknown[]][]) {
      for (const input of inputs) {
        for (const { statement } of await recordStatements(proxy.database, operation, input)) {
          explained.push(statement.sql);
          if (await sortsWideRows(statement)) wide.push(`${operation}: ${statement.sql}`);
        }
      }
    }

    expect(wide).toEqual([]);
    expect(explained.filter((text) => text.includes('order by')).length).toBeGreaterThan(50);
  });

  test.each([
    ['a response', 'select * from responses order by user_id'],
    ['a definition', 'select form_id, definition from forms order by created_at'],
    ['a long text', 'select id, description from tasks order by description'],
    ['a union', 'select response from responses union all select response from response_revisions order by 1'],
    ['an insert from a select', 'insert into late_revisions select * from late_revisions order by saved_at'],
  ])('of %s is recognised as wide', async (_what, sql) => {
    expect(await sortsWideRows({ sql, parameters: [] })).toBe(true);
  });

  test.each([
    ['keys', 'select id, updated_at from responses order by updated_at'],
    ['rows by their primary key', 'select * from responses order by id'],
  ])('of %s is accepted', async (_what, sql) => {
    expect(await sortsWideRows({ sql, parameters: [] })).toBe(false);
  });
});

function timeOf(time: string, responseId: string) {
  const { last_modified, last_modified_time, content_hash } = incoming({ at: time, response_id: responseId });
  return { last_modified, last_modified_time, content_hash };
}
