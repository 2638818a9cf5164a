import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { incoming, type IncomingChanges } from '../../tests/support/responses.ts';
import { PAGE_BYTES, type IncomingResponse, type Input, type ListPosition, type StoredRevision } from '../contract.ts';

type ListInput = Omit<Input<'listResponses'>, 'after' | 'limit'>;

/** Sets the time of a response's last save. */
async function savedAt(proxy: InProcessProxy, responseId: string, time: string): Promise<void> {
  await proxy.database.db
    .updateTable('responses')
    .set({ updated_at: time })
    .where('response_id', '=', responseId)
    .execute();
}

/** Follows the pages of a list to the end. */
async function allPages(
  proxy: InProcessProxy,
  input: ListInput,
  limit: number,
  betweenPages: (page: number) => Promise<unknown> = () => Promise.resolve(),
): Promise<StoredRevision[][]> {
  const pages: StoredRevision[][] = [];
  let after: ListPosition | undefined;
  do {
    const { items, next } = await proxy.call('listResponses', { ...input, after, limit });
    pages.push(items);
    after = next ?? undefined;
    if (after !== undefined) await betweenPages(pages.length);
    if (pages.length > 200) throw new Error('The pages do not end.');
  } while (after !== undefined);
  return pages;
}

const idsOf = (pages: StoredRevision[][]) => pages.flat().map((each) => each.response_id);

/** 60 responses of two forms, three collectors and both statuses, in an order unrelated to any filter. */
const mixture = Array.from({ length: 60 }, (_, index) =>
  incoming({
    response_id: `response-${(index * 37) % 60}`,
    form_id: index % 4 === 0 ? 'crops' : 'household_finances',
    user_id: `collector-${index % 3}`,
    status: index % 5 === 0 ? 'flagged' : 'accepted',
  }),
);

/** The time of each last save. Ten responses share each time, so only their ids order them. */
const moments = mixture.map((_, index) => `2026-09-01T06:00:00.00${5 - Math.floor(((index * 7) % 60) / 10)}Z`);

const filters: ListInput[] = [
  {},
  { form_id: 'crops' },
  { status: 'flagged' },
  { user_id: 'collector-1' },
  { form_id: 'household_finances', status: 'accepted' },
  { form_id: 'crops', user_id: 'collector-2' },
  { status: 'flagged', user_id: 'collector-0' },
  { form_id: 'crops', status: 'flagged', user_id: 'collector-0' },
  { form_id: 'unknown_form' },
];

function fits({ form_id, status, user_id }: ListInput, response: IncomingResponse): boolean {
  return (
    response.form_id === (form_id ?? response.form_id) &&
    response.status === (status ?? response.status) &&
    response.user_id === (user_id ?? response.user_id)
  );
}

describe.each(databaseKinds)('listing a mixture of 60 responses on %s', (kind) => {
  let proxy: InProcessProxy;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    await proxy.call('saveResponses', { responses: mixture });
    for (const [index, each] of mixture.entries()) await savedAt(proxy, each.response_id, moments[index] ?? '');
  });
  afterAll(() => proxy.stop());

  test.each(filters)(
    'every response that matches %j is on exactly one page, in the order of arrival',
    async (filter) => {
      const fitting = mixture.filter((each) => fits(filter, each));

      for (const limit of [1, 7, 60]) {
        const pages = await allPages(proxy, filter, limit);

        expect(idsOf(pages)).toEqual(fitting.map((each) => each.response_id));
        expect(pages).toHaveLength(Math.max(1, Math.ceil(fitting.length / limit)));
      }
    },
  );

  test.each(filters)(
    'every response that matches %j and changed since a time is on exactly one page, in the order of change',
    async (filter) => {
      const since = '2026-09-01T06:00:00.002Z';
      const fitting = mixture
        .map((each, index) => ({ ...each, index, moment: moments[index] ?? '' }))
        .filter((each) => fits(filter, each) && each.moment >= since)
        .toSorted((a, b) => (a.moment === b.moment ? a.index - b.index : a.moment < b.moment ? -1 : 1));

      for (const limit of [1, 7, 60]) {
        const pages = await allPages(proxy, { ...filter, updated_since: since }, limit);

        expect(idsOf(pages)).toEqual(fitting.map((each) => each.response_id));
      }
    },
  );
});

describe.each(databaseKinds)('listing on %s', (kind) => {
  let proxy: InProcessProxy;
  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterEach(() => proxy.stop());

  async function save(...responses: IncomingResponse[]): Promise<IncomingResponse[]> {
    await proxy.call('saveResponses', { responses });
    return responses;
  }

  test('paging by arrival returns each response once while others arrive and change', async () => {
    const all = await save(...mixture);
    const arrived: IncomingResponse[] = [];

    const pages = await allPages(proxy, {}, 7, async (page) => {
      if (page > 4) return;
      arrived.push(...(await save(incoming(), incoming())));
      const changed = all.filter((_, index) => index % 10 === page);
      await save(...changed.map((each) => ({ ...incoming({ ...each, at: '2026-09-02T00:00:00Z' }) })));
    });

    expect(idsOf(pages)).toEqual([...all, ...arrived].map((each) => each.response_id));
  });

  test('paging by change returns a changed response again at the end, and misses none', async () => {
    const all = await save(...Array.from({ length: 30 }, () => incoming()));
    for (const each of all) await savedAt(proxy, each.response_id, '2026-09-01T06:00:00.000Z');
    const [seen, ahead] = [all[0], all[20]].map((each) => each?.response_id ?? '');
    const arrived = incoming();

    const pages = await allPages(proxy, { updated_since: '2026-09-01T00:00:00.000Z' }, 7, async (page) => {
      if (page !== 1) return;
      for (const id of [ahead, seen]) await save(incoming({ response_id: id ?? '', at: '2026-09-02T00:00:00Z' }));
      await save(arrived);
    });

    const before = all.map((each) => each.response_id).filter((id) => id !== ahead);
    const items = pages.flat().map(({ response_id: id, revision }) => ({ id, revision }));
    expect(items.slice(0, before.length)).toEqual(before.map((id) => ({ id, revision: 1 })));
    expect(items.slice(before.length)).toEqual(
      expect.arrayContaining([
        { id: ahead, revision: 2 },
        { id: seen, revision: 2 },
        { id: arrived.response_id, revision: 1 },
      ]),
    );
    expect(items).toHaveLength(before.length + 3);
  });

  test('a status that changes during paging neither repeats nor hides other responses', async () => {
    const all = await save(...Array.from({ length: 20 }, () => incoming({ status: 'flagged' })));

    const pages = await allPages(proxy, { status: 'flagged' }, 4, async (page) => {
      if (page !== 1) return;
      const corrected = [all[1], all[4], all[5]].map((each) => each?.response_id ?? '');
      for (const id of corrected) await save(incoming({ response_id: id, at: '2026-09-02T00:00:00Z' }));
    });

    const ids = all.map((each) => each.response_id);
    expect(idsOf(pages)).toEqual(ids.filter((_, index) => index !== 4 && index !== 5));
  });

  test('pages are cut by bytes, so that a reply stays below the limit of Lambda', async () => {
    const text = 'é'.repeat(300_000);
    const all: IncomingResponse[] = [];
    for (let count = 0; count < 7; count += 1) all.push(...(await save(incoming({ response: { text } }))));

    const pages = await allPages(proxy, {}, 100);

    expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
    expect(idsOf(pages)).toEqual(all.map((each) => each.response_id));
    for (const page of pages) expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThanOrEqual(PAGE_BYTES);
  });

  test('a response larger than a page has its own page', async () => {
    const text = 'a'.repeat(PAGE_BYTES + 100_000);
    const [first, huge, last] = [incoming(), incoming({ response: { text } }), incoming()];
    for (const each of [first, huge, last]) await save(each);

    const pages = await allPages(proxy, {}, 100);

    expect(pages.map((page) => page.map((each) => each.response_id))).toEqual([
      [first.response_id],
      [huge.response_id],
      [last.response_id],
    ]);
  });

  /** Every revision of a response, one call of listRevisions after the other, and the sizes of the replies. */
  async function allRevisions(responseId: string) {
    const items: StoredRevision[] = [];
    const sizes: number[] = [];
    for (let complete = false; !complete;) {
      const page = await proxy.call('listRevisions', {
        response_id: responseId,
        after_revision: items.at(-1)?.revision ?? 0,
      });
      items.push(...page.items);
      sizes.push(page.items.length);
      complete = page.complete;
    }
    return { items, sizes };
  }

  function revisions(count: number, changes: (index: number) => IncomingChanges): IncomingResponse[] {
    return Array.from({ length: count }, (_, index) => {
      const at = new Date(Date.UTC(2026, 8, 1) + index * 1000).toISOString();
      return incoming({ response_id: 'response-1', at, ...changes(index) });
    });
  }

  test('the revisions of a response are complete and oldest first, even over several calls', async () => {
    const sent = revisions(510, (index) => ({
      response: { index },
      status: index % 2 === 0 ? 'accepted' : 'flagged',
      form_version: index + 1,
    }));
    await save(...sent, incoming());

    const { items, sizes } = await allRevisions('response-1');

    expect(sizes).toEqual([500, 10]);
    expect(items).toMatchObject(
      sent.map(({ response, status, form_version }, index) => ({
        response_id: 'response-1',
        revision: index + 1,
        response,
        status,
        form_version,
      })),
    );
  });

  test('60 revisions of 250 KB are listed, cut by bytes', async () => {
    const text = 'a'.repeat(250_000);
    await save(...revisions(60, (index) => ({ response: { text, index } })).slice(0, 20));
    await save(...revisions(60, (index) => ({ response: { text, index } })).slice(20, 40));
    await save(...revisions(60, (index) => ({ response: { text, index } })).slice(40));

    const { items, sizes } = await allRevisions('response-1');

    expect(sizes).toEqual([7, 7, 7, 7, 7, 7, 7, 7, 4]);
    expect(items.map(({ response }) => response['index'])).toEqual(Array.from({ length: 60 }, (_, index) => index));
  });

  test('an unknown response has no revisions', async () => {
    expect(await allRevisions('response-1')).toEqual({ items: [], sizes: [0] });
  });
});
