import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { incoming } from '../../tests/support/responses.ts';
import type { BrowsePosition, Input, Result } from '../contract.ts';
import { browseResponses, MAX_COUNT, SEARCH_LIMITS } from './browse-queries.ts';

type Filter = Omit<Input<'browseResponses'>, 'position' | 'limit' | 'count'>;
type Page = Result<'browseResponses'>;

const STATUSES = ['accepted', 'flagged', 'returned', 'approved', 'rejected'] as const;
const RULES = ['Rule1', 'Rule 2: 100 %', 'a "quoted" \\ rule', 'Rule1_'];
const WORDS = ['Émilie', 'ΔΈΛΤΑ', 'Мария', 'wood_fire', '100 %', 'say "yes"', 'back\\slash', '🌳 tree', 'line\nbreak'];
const at = (minute: number) => new Date(Date.UTC(2026, 8, 1, 6, minute)).toISOString();

/** 120 responses of two forms and a draft, in all statuses; one arrives each minute. */
const mixture = Array.from({ length: 120 }, (_, index) => {
  const status = STATUSES[(index * 7) % 5] ?? 'accepted';
  const rules = status === 'accepted' ? [] : RULES.filter((_rule, number) => (index >> number) % 2 === 1);
  return {
    index,
    response_id: `Household-${(index * 37) % 120}`,
    form_id: ['crops', 'household_finances', 'household_finances', 'crops.draft'][index % 4] ?? '',
    user_id: `collector-${index % 3}`,
    status,
    arrived: at(index),
    flags: rules.map((rule) => ({ rule, message: 'Ask again.', questions: ['rule'], values: { rule: 'Rule1' } })),
    response: {
      submitted_time: '2026-09-01T06:00:00Z',
      'Which word, tree or fire?': `It is ${WORDS[index % WORDS.length]}!`,
      people: [{ name: `Person ${index % 4}`, age: index }],
    },
  };
});
type Sample = (typeof mixture)[number];

const fits = (filter: Filter, { form_id, user_id, status, flags, arrived }: Sample): boolean =>
  (filter.form_id === undefined ? form_id !== 'crops.draft' : form_id === filter.form_id) &&
  user_id === (filter.user_id ?? user_id) &&
  (filter.statuses?.includes(status) ?? true) &&
  (filter.rule === undefined || flags.some(({ rule }) => rule === filter.rule)) &&
  arrived >= (filter.from ?? '') &&
  arrived < (filter.to ?? '9');

/** Which responses have these texts, worked out independently of the code. */
const texts: [string, (sample: Sample) => boolean][] = [
  ['household-11', ({ response_id: id }) => /^Household-11\d?$/.test(id)],
  ['COLLECTOR-2', ({ user_id: id }) => id === 'collector-2'],
  ['person 3', ({ index }) => index % 4 === 3],
  ['119', ({ index, response_id: id }) => index === 119 || id.endsWith('119')],
  ['it is', () => true],
  ['which word', () => false],
  ['submitted', () => false],
  ['2026-09-01', () => false],
  ['name', () => false],
  ...WORDS.flatMap((word, number): [string, (sample: Sample) => boolean][] =>
    [word, word.toLowerCase(), word.toUpperCase()].map((text) => [text, ({ index }) => index % 9 === number]),
  ),
  ['wood-fire', () => false],
  ['100 _', () => false],
];

const filters: Filter[] = [
  {},
  { form_id: 'crops' },
  { form_id: 'crops.draft' },
  { form_id: 'unknown_form' },
  { user_id: 'collector-1' },
  { statuses: ['flagged'] },
  { statuses: ['returned', 'flagged', 'flagged'] },
  { statuses: ['accepted'], rule: 'Rule1' },
  { form_id: 'household_finances', statuses: ['accepted', 'approved'] },
  { form_id: 'crops', user_id: 'collector-2' },
  { form_id: 'household_finances', user_id: 'collector-0', statuses: ['flagged', 'rejected'] },
  ...RULES.map((rule) => ({ rule })),
  { rule: 'rule1' },
  { form_id: 'household_finances', rule: 'Rule1', statuses: ['flagged', 'returned'] },
  { from: at(30), to: at(60) },
  { form_id: 'crops', from: at(30), rule: 'Rule1_' },
  { user_id: 'collector-1', to: at(100), statuses: ['flagged', 'accepted'] },
  { from: at(200) },
  { to: at(0) },
];

/** Limits at which nearly every request ends early. */
const TIGHT = { searched: 5, searchedForText: 5, read: 4, atOnce: 2 };

describe.each(databaseKinds)('browsing a mixture of responses on %s', (kind) => {
  let proxy: InProcessProxy;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    const responses = mixture.map(({ response_id, form_id, user_id, flags, response }) =>
      incoming({ response_id, form_id, user_id, flags, response }),
    );
    await proxy.call('saveResponses', { responses });
    for (const { response_id, arrived, status } of mixture) {
      await proxy.database.db
        .updateTable('responses')
        .set({ created_at: arrived, status })
        .where('response_id', '=', response_id)
        .execute();
    }
  });
  afterAll(() => proxy.stop());

  /** The pages from the newest to the oldest, then back to the newest. */
  async function walk(filter: Filter, limit: number, limits = SEARCH_LIMITS): Promise<{ there: Page[]; back: Page[] }> {
    const follow = async (from: BrowsePosition | undefined, side: 'older' | 'newer') => {
      const pages: Page[] = [];
      for (let position: BrowsePosition | null | undefined = from; position !== null;) {
        const page: Page = await browseResponses(proxy.database, { ...filter, position, limit }, limits);
        pages.push(page);
        position = page[side];
        if (pages.length > 300) throw new Error('The pages do not end.');
      }
      return pages;
    };
    const there = await follow(undefined, 'older');
    const last = there.at(-1)?.newer;
    return { there, back: last ? await follow(last, 'newer') : [] };
  }

  const idsOf = (pages: Page[]) => pages.flatMap(({ items }) => items.map((each) => each.response_id));
  const newestFirst = (fitting: Sample[]) => fitting.toReversed().map((each) => each.response_id);

  test.each(filters)(
    'each response that matches %j is on one page, newest first, in both directions',
    async (filter) => {
      const expected = newestFirst(mixture.filter((each) => fits(filter, each)));

      for (const [limit, limits] of [
        [7, SEARCH_LIMITS],
        [100, SEARCH_LIMITS],
        [7, TIGHT],
      ] as const) {
        const { there, back } = await walk(filter, limit, limits);
        const lastPage = idsOf(there.slice(-1));

        expect(idsOf(there)).toEqual(expected);
        expect(there[0]?.newer).toBeNull();
        expect(idsOf(back.toReversed())).toEqual(expected.slice(0, expected.length - lastPage.length));
      }
    },
  );

  test('each page but the last is full', async () => {
    const { there } = await walk({ statuses: ['flagged', 'accepted'], rule: 'Rule1' }, 2);
    const fitting = mixture.filter((each) => fits({ statuses: ['flagged'], rule: 'Rule1' }, each));

    expect(there).toHaveLength(Math.ceil(fitting.length / 2));
    expect(there.slice(0, -1).every(({ items }) => items.length === 2)).toBe(true);
  });

  test.each(texts)('the text %j finds the responses that have it, ignoring case', async (text, isFound) => {
    const fitting = mixture.filter((each) => isFound(each) && fits({}, each));

    for (const limits of [SEARCH_LIMITS, TIGHT]) {
      const { there, back } = await walk({ text }, 7, limits);

      expect(idsOf(there)).toEqual(newestFirst(fitting));
      expect(idsOf([...back.toReversed(), ...there.slice(-1)])).toEqual(newestFirst(fitting));
    }
    const narrow: Filter = { form_id: 'crops', statuses: ['flagged', 'accepted'] };
    const { there } = await walk({ ...narrow, text }, 7, TIGHT);
    expect(idsOf(there)).toEqual(newestFirst(fitting.filter((each) => fits(narrow, each))));
  });

  test.each(filters)('the count of %j is the number of items on all its pages', async (filter) => {
    const fitting = mixture.filter((each) => fits(filter, each));

    for (const position of [undefined, { before: 60 }, { after: 60 }]) {
      const page = await proxy.call('browseResponses', { ...filter, limit: 5, position, count: true });
      expect(page).toMatchObject({ count: fitting.length, capped: false });
    }
  });

  test('a count of a search that ended early is capped', async () => {
    const page = await browseResponses(proxy.database, { text: 'it is', limit: 5, count: true }, TIGHT);
    expect(page).toMatchObject({ count: 3, capped: true });
  });

  test('an item has the time of its arrival, and the state of its last revision', async () => {
    const { items } = await proxy.call('browseResponses', { form_id: 'crops', limit: 1 });
    const newest = mixture.findLast(({ form_id: formId }) => formId === 'crops');

    expect(items).toEqual([
      expect.objectContaining({ received_at: newest?.arrived, status: newest?.status, flags: newest?.flags }),
    ]);
  });
});

describe.each(databaseKinds)('browsing many responses on %s', (kind) => {
  let proxy: InProcessProxy;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    for (let start = 0; start <= MAX_COUNT; start += 1_000) {
      const responses = Array.from({ length: 1_000 }, (_, index) => incoming({ response_id: `r-${start + index}` }));
      await proxy.call('saveResponses', { responses });
    }
  });
  afterAll(() => proxy.stop());

  test('counts up to the maximum', async () => {
    const page = await proxy.call('browseResponses', { limit: 1, count: true });
    expect(page).toMatchObject({ count: MAX_COUNT, capped: true, items: [{ response_id: 'r-10999' }] });
  });
});
