/** A live sheet under random corrections, reviews and erasures, while a person sorts its rows and moves its columns. */
import { randomUUID } from 'node:crypto';
import { startSheetsServer } from '../../emulators/google-sheets/sheets-server.ts';
import { randomNumbers } from '../../local/random.ts';
import { InProcessProxy } from '../support/in-process-proxy.ts';
import { LiveSheetBench } from '../support/live-sheets.ts';
import { incoming, metadata } from '../support/responses.ts';

const FORM = 'wells';
const DEPTH = { name: 'depth', key: 'depth', type: 'decimal', label: 'Depth' };
const NOTE = 'Note';
const SEED = 20260901;
const FIRST_RESPONSES = 60;
const CHANGES = 1_000;
const CHANGES_A_RUN = 40;

type Rows = (string | number)[][];

test('a live sheet equals the table after 1,000 random changes, and what a person wrote beside the rows stays beside them', async () => {
  const random = randomNumbers(SEED);
  const below = (limit: number): number => Math.floor(random() * limit);
  const [proxy, server] = await Promise.all([InProcessProxy.start('sqlite'), startSheetsServer({ port: 0 })]);
  const bench = new LiveSheetBench(proxy, server, FORM);
  await putQuestions(proxy, [DEPTH]);
  const ids = Array.from({ length: FIRST_RESPONSES }, (_, index) => `r${index}`);
  let minute = 0;
  const save = async (id: string): Promise<void> => {
    minute += 1;
    const at = new Date(Date.parse('2026-01-01T00:00:00Z') + minute * 60_000).toISOString();
    const answers = { depth: below(500) / 10, pump: random() < 0.5 ? 'works' : `broken since ${below(100)}` };
    const response = { ...metadata(), response_id: id, last_modified_time: at, ...answers };
    const status = random() < 0.2 ? { status: 'flagged' as const, flags: [FLAG] } : {};
    await proxy.call('saveResponses', {
      responses: [incoming({ form_id: FORM, response_id: id, at, response, ...status })],
    });
  };
  for (const id of ids) await save(id);
  await bench.choose();
  await bench.work();
  writeNotes(bench, ids);

  let sorts = 0;
  const sort = (): void => {
    sorts += 1;
    bench.edit(([header = [], ...rows]) => {
      const column = below(header.length);
      const sorted = rows.toSorted((one, other) => compare(one[column], other[column]));
      return [header, ...(random() < 0.5 ? sorted : sorted.toReversed())];
    });
  };
  for (let made = 0; made < CHANGES; made += CHANGES_A_RUN) {
    if (made === CHANGES / 2) await putQuestions(proxy, [DEPTH, { name: 'pump', key: 'pump', type: 'text' }]);
    for (let change = 0; change < CHANGES_A_RUN; change += 1) {
      const id = ids[below(ids.length)] ?? '';
      const kind = random();
      if (kind < 0.7) await save(id);
      else if (kind < 0.9) await review(proxy, id, random);
      else if (kind < 0.92) await proxy.call('eraseResponse', { response_id: id });
      else await save(ids[ids.push(`late-${made}-${change}`) - 1] ?? '');
    }
    server.person.act = () => {
      if (random() < 0.15) sort();
    };
    await bench.work();
    server.person.act = undefined;
    if (random() < 0.3) bench.edit((rows) => moveColumn(rows, below(5), below(5)));
  }
  await bench.clock.wait(60_000);
  await bench.work();

  expect(sorts).toBeGreaterThan(20);
  expect(await bench.state()).toMatchObject({ behind: 0, error: null });
  await bench.expectEqual();
  const shown = bench.shown(['response_id', NOTE]);
  expect(shown.size).toBe(new Set(ids).size);
  for (const [id, row] of shown) {
    expect(row[NOTE]).toBe(ids.indexOf(id) < FIRST_RESPONSES ? `note of ${id}` : '');
  }
  await Promise.all([proxy.stop(), server.stop()]);
}, 300_000);

const FLAG = { rule: 'Deep', message: 'Is it so deep?', questions: ['depth'], values: {} };

async function putQuestions(proxy: InProcessProxy, questions: unknown[]): Promise<void> {
  await proxy.call('putForm', { form_id: FORM, definition: { title: 'Wells', questions } });
}

/** A manager approves, returns or rejects the last revision, or assigns the response. Erased responses refuse it. */
async function review(proxy: InProcessProxy, id: string, random: () => number): Promise<void> {
  const action = (['approve', 'return', 'reject', 'assign'] as const)[Math.floor(random() * 4)] ?? 'approve';
  const incoming = {
    review_id: randomUUID(),
    content_hash: '0'.repeat(64),
    response_id: id,
    action,
    text: 'Look again.',
    ...(action === 'assign' && { assignee: `collector-${Math.floor(random() * 3)}` }),
    sent_at: new Date().toISOString(),
  };
  await proxy.call('saveReviews', { reviews: [incoming] });
}

function writeNotes(bench: LiveSheetBench, ids: readonly string[]): void {
  bench.edit(([header = [], ...rows]) => {
    const width = header.length;
    const key = header.indexOf('response_id');
    const noted = rows.map((row) => {
      const note = ids.includes(String(row[key])) ? `note of ${row[key]}` : '';
      return [...row, ...Array.from({ length: width - row.length }, () => ''), note];
    });
    return [[...header, NOTE], ...noted];
  });
}

function moveColumn(rows: Rows, from: number, to: number): Rows {
  return rows.map((row) => {
    const cells = [...row];
    const [moved = ''] = cells.splice(from, 1);
    cells.splice(to, 0, moved);
    return cells;
  });
}

/** Blank cells are last, as in a sheet. */
function compare(one: string | number = '', other: string | number = ''): number {
  if (one === other) return 0;
  if (one === '' || other === '') return one === '' ? 1 : -1;
  return one < other ? -1 : 1;
}
