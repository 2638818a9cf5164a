/** Checks the plans of the operations' statements, with 4,000 responses stored: no lookup scans a table. */
import { CompiledQuery, sql, type CompiledQuery as Compiled, type RootOperationNode } from 'kysely';
import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { incoming } from '../../tests/support/responses.ts';
import { recordStatements } from '../../tests/support/statements.ts';
import type { Operation } from '../contract.ts';

const STORED = 4_000;
const LATER = '2026-09-03T00:00:00Z';
const NEW_HASH = 'a'.repeat(64);
const responseId = (index: number) => `response-${(index * 2_741) % STORED}`;

/** Most responses are accepted and of one form. Few are flagged, of the form `crops`, or of the same collector. */
function storedResponse(index: number, at?: string) {
  return incoming({
    response_id: responseId(index),
    form_id: index % 100 === 0 ? 'crops' : 'household_finances',
    status: index % 50 === 7 ? 'flagged' : 'accepted',
    user_id: `collector-${index % 80}`,
    ...(at !== undefined && { at }),
  });
}

/** A response to a form with unique answers. 500 of the 1,500 responses repeat the answers of another one. */
function uniqueResponse(index: number, changes: { at?: string; hash?: string } = {}) {
  const hash = changes.hash ?? String(index % 1_000).padStart(64, '0');
  const at = `2026-09-01T06:00:00.${String(index).padStart(9, '0')}Z`;
  const within = { from: '2026-09-01T00:00:00.000000000Z', to: '2026-09-02T00:00:00.000000000Z' };
  const flag = { rule: 'Same', message: 'Same.', questions: [], values: {} };
  return incoming({
    response_id: `unique-${index}`,
    form_id: 'people',
    unique: [{ hash, at, within, flag }],
    ...(changes.at !== undefined && { at: changes.at }),
  });
}

const attached = { name: 'a.jpg', sha256: 'a'.repeat(64), bytes: 3, type: 'image/jpeg' };
const photo = { ...attached, object_key: 'responses/a' };

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe.each(databaseKinds)('a lookup on %s', (kind) => {
  let proxy: InProcessProxy;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    for (let start = 0; start < STORED; start += 1_000) {
      const responses = range(start, start + 1_000).map((index) => storedResponse(index));
      await proxy.call('saveResponses', { responses });
      await proxy.call('saveResponses', {
        responses: responses
          .slice(0, 100)
          .map((each) => incoming({ ...each, ...storedTime('2026-09-02T00:00:00Z', each.response_id) })),
      });
      await proxy.call('saveResponses', {
        responses: responses.map((each) =>
          incoming({ ...each, ...storedTime('2026-08-01T00:00:00Z', each.response_id) }),
        ),
        late: true,
      });
    }
    await proxy.call('saveResponses', { responses: range(0, 1_000).map((index) => uniqueResponse(index)) });
    await proxy.call('saveResponses', { responses: range(1_000, 1_500).map((index) => uniqueResponse(index)) });
    const { db } = proxy.database;
    for (const [index, second] of range(0, 40).entries()) {
      await db
        .updateTable('responses')
        .set({ updated_at: `2026-09-01T06:00:${String(second).padStart(2, '0')}.000Z` })
        .where('id', '>', index * 100)
        .where('id', '<=', (index + 1) * 100)
        .execute();
    }
    for (let start = 0; start < STORED; start += 500) {
      const ids = range(start, start + 500).map(responseId);
      const rows = ids.map((id) => ({ ...attached, file_key: id, object_key: id, response_id: id, only_of: null }));
      await db
        .insertInto('attachments')
        .values(rows.map((row) => ({ ...row, created_at: row.response_id })))
        .execute();
      await db
        .insertInto('expected_files')
        .values(ids.map((id) => ({ response_id: id, names: '[]' })))
        .execute();
    }
    const tables = sql`responses, response_revisions, late_revisions, unique_keys, attachments, expected_files`;
    await (kind !== 'sqlite' ? sql`analyze table ${tables}` : sql`analyze`).execute(db);
  });
  afterAll(() => proxy.stop());

  /** Runs an operation, and returns the plan of each of its statements. */
  async function plansOf(operation: Operation, input: unknown): Promise<Plan[]> {
    const plans: Plan[] = [];
    for (const { node, statement } of await recordStatements(proxy.database, operation, input)) {
      if (reads(node)) plans.push({ sql: statement.sql, steps: await explain(statement) });
    }
    return plans;
  }

  async function explain({ sql: text, parameters }: Compiled): Promise<string[]> {
    const { db } = proxy.database;
    const keyword = kind !== 'sqlite' ? 'explain format=traditional' : 'explain query plan';
    const { rows } = await db.executeQuery<Record<string, unknown>>(
      CompiledQuery.raw(`${keyword} ${text}`, [...parameters]),
    );
    if (kind === 'sqlite') return rows.map(({ detail }) => String(detail));
    // MySQL also lists the table that a statement inserts into, and the result of a union.
    const read = rows.filter((row) => row['select_type'] !== 'INSERT' && row['select_type'] !== 'UNION RESULT');
    return read.map(({ table, type, key }) => [table, type, key].join(' '));
  }

  /** Reads a whole table or a whole index. */
  const isScan = (step: string) => / (ALL|index) /.test(step) || /^SCAN \w+/.test(step);

  const stored = range(0, 1_000).map((index) => storedResponse(index * 4));
  test.each([
    ['saveResponses', 'a stored response', { responses: [storedResponse(1_000, '2026-09-01T05:00:00Z')] }],
    ['saveResponses', 'a correction', { responses: [storedResponse(2_000, '2026-09-03T00:00:00Z')] }],
    ['saveResponses', 'every fourth stored response, 1,000 in all', { responses: stored }],
    ['saveResponses', 'a duplicate', { responses: [uniqueResponse(1_700)] }],
    ['saveResponses', 'a correction of a duplicate', { responses: [uniqueResponse(1_200, { at: LATER })] }],
    [
      'saveResponses',
      'a response that is no longer a duplicate',
      { responses: [uniqueResponse(300, { at: LATER, hash: NEW_HASH })] },
    ],
    ['saveResponses', 'a photo', { responses: [incoming({ files: [photo], expects: ['a.jpg'] })] }],
    ['addAttachments', 'a stored response', { response_id: responseId(17), files: [photo] }],
    ['listAttachments', 'a stored response', { response_id: responseId(17) }],
    ['getResponse', 'a stored response', { response_id: responseId(17) }],
    ['getResponse', 'an unknown response', { response_id: 'unknown' }],
    [
      'saveResponses',
      'a late response that is kept',
      { responses: [storedResponse(1_004, '2026-08-02T00:00:00Z')], late: true },
    ],
    ['listLateRevisions', 'one response', { response_id: responseId(17) }],
    ['listRevisions', 'one response', { response_id: responseId(17), after_revision: 0 }],
    ['listRevisions', 'one response, after its first revision', { response_id: responseId(17), after_revision: 1 }],
    ['listResponses', 'the second page of all responses', { after: { id: 3_000 }, limit: 100 }],
    ['listResponses', 'a form with few responses', { form_id: 'crops', limit: 100 }],
    ['listResponses', 'the second page of a form', { form_id: 'crops', after: { id: 2_000 }, limit: 10 }],
    ['listResponses', 'flagged responses', { status: 'flagged', limit: 100 }],
    ['listResponses', 'the second page of flagged responses', { status: 'flagged', after: { id: 2_000 }, limit: 10 }],
    ['listResponses', 'a collector', { user_id: 'collector-7', limit: 100 }],
    ['listResponses', 'the worklist of a collector', { user_id: 'collector-7', status: 'flagged', limit: 100 }],
    ['listResponses', 'flagged responses of a form', { form_id: 'household_finances', status: 'flagged', limit: 100 }],
    ['listResponses', 'an unknown collector', { user_id: 'collector-99', limit: 100 }],
    ['listResponses', 'recent changes', { updated_since: '2026-09-01T06:00:38.000Z', limit: 100 }],
    [
      'listResponses',
      'the second page of changes',
      {
        updated_since: '2026-09-01T06:00:00.000Z',
        after: { id: 3_950, updated_at: '2026-09-01T06:00:39.000Z' },
        limit: 100,
      },
    ],
    ['getForm', 'the last version', { form_id: 'household_finances' }],
  ] as const)('by %s (%s) uses an index', async (operation, _what, input) => {
    const plans = await plansOf(operation, input);

    expect(plans.length).toBeGreaterThan(0);
    const scans = plans.filter(({ steps }) => steps.length === 0 || steps.some(isScan));
    expect(scans).toEqual([]);
  });

  test('without an index is recognised as a scan', async () => {
    const { db } = proxy.database;
    const withIndex = db.selectFrom('responses').selectAll().where('response_id', '=', 'a').compile();
    const without = db.selectFrom('responses').selectAll().where('content_hash', '=', 'a').compile();

    expect((await explain(withIndex)).some(isScan)).toBe(false);
    expect((await explain(without)).some(isScan)).toBe(true);
  });
});

interface Plan {
  sql: string;
  steps: string[];
}

function reads(node: RootOperationNode): boolean {
  if (node.kind === 'InsertQueryNode') return node.values?.kind === 'SelectQueryNode';
  return node.kind === 'SelectQueryNode' || node.kind === 'UpdateQueryNode';
}

function storedTime(at: string, id: string) {
  const { last_modified, last_modified_time, content_hash } = incoming({ at, response_id: id });
  return { last_modified, last_modified_time, content_hash };
}
