import { randomUUID } from 'node:crypto';
import { everyDatabaseKind } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { incoming, type IncomingChanges } from '../../tests/support/responses.ts';
import { incomingReview } from '../../tests/support/reviews.ts';
import type { IncomingResponse, IncomingReview, ReviewOutcome } from '../contract.ts';
import { saveReviews } from './save-reviews.ts';

type Changes = Partial<IncomingReview> & Pick<IncomingReview, 'action'>;

const FLAG = { rule: 'Rule1', message: 'Ask again.', questions: ['food'], values: {} };

describe.each(everyDatabaseKind)('reviews on %s:', (kind) => {
  let proxy: InProcessProxy;
  let responseId: string;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  beforeEach(async () => {
    responseId = `response-${randomUUID()}`;
    await save({ status: 'flagged', flags: [FLAG] });
  });
  afterAll(() => proxy.stop());

  /** Saves a revision of the response; `at` is the hour. */
  async function save(changes: IncomingChanges = {}, hour = 6, late?: true) {
    const at = `2026-09-01T${String(hour).padStart(2, '0')}:00:00Z`;
    const response = incoming({ response_id: responseId, at, response: { answer: hour }, ...changes });
    const { results } = await proxy.call('saveResponses', { responses: [response], ...(late && { late }) });
    return results[0];
  }
  const review = (changes: Changes) => incomingReview({ response_id: responseId, ...changes });
  async function send(sent: IncomingReview, late?: true): Promise<ReviewOutcome | undefined> {
    const { results } = await proxy.call('saveReviews', { reviews: [sent], ...(late && { late }) });
    return results[0];
  }
  const stored = async () => (await proxy.call('getResponse', { response_id: responseId })).response;
  const reviews = async () => {
    const found = await proxy.call('listReviews', { response_id: responseId, limit: 100 });
    return found.outcome === 'found' ? found.items : [];
  };
  const work = async (userId: string) => {
    const { items } = await proxy.call('listWork', { user_id: userId, limit: 100 });
    return items.filter((item) => item.response_id === responseId);
  };

  test.each([
    ['approve', 'approved'],
    ['return', 'returned'],
    ['reject', 'rejected'],
  ] as const)('%s sets the status %s of the same revision', async (action, status) => {
    const outcome = await send(review({ action, text: 'As agreed.', revision: 1 }));

    expect(outcome).toMatchObject({
      outcome: 'created',
      review: {
        response_id: responseId,
        revision: 1,
        action,
        text: 'As agreed.',
        status,
        author: 'operator',
        applied: true,
      },
    });
    expect(await stored()).toMatchObject({ status, revision: 1, flags: [FLAG], response: { answer: 6 } });
  });

  test('a review takes five statements: one reads, the others write', async () => {
    const statements: string[] = [];
    const db = proxy.database.db.withPlugin({
      transformQuery: ({ node }) => {
        statements.push(node.kind);
        return node;
      },
      transformResult: ({ result }) => Promise.resolve(result),
    });

    await saveReviews({ ...proxy.database, db }, { reviews: [review({ action: 'approve', revision: 1 })] });

    const insert = 'InsertQueryNode';
    expect(statements).toEqual(['SelectQueryNode', insert, insert, 'UpdateQueryNode', insert]);
  });

  test('a comment does not change the response', async () => {
    const before = await stored();

    await send(review({ action: 'comment', text: 'Two households share the food.' }));

    expect(await stored()).toEqual(before);
    expect(await reviews()).toMatchObject([{ action: 'comment', status: 'flagged', revision: 1 }]);
  });

  test('a review names its author by the label of the token, or by the id of a token without a label', async () => {
    const [labelled, unlabelled] = [randomUUID(), randomUUID()];
    await createToken(labelled, 'Zainab');
    for (const token of [labelled, unlabelled]) {
      await send(review({ action: 'comment', text: 'Seen.', by: { token_id: token, source_ip: '::1' } }));
    }

    expect(await reviews()).toMatchObject([{ author: 'Zainab' }, { author: unlabelled }]);
  });

  async function createToken(tokenId: string, label: string) {
    await proxy.call('createToken', {
      token_id: tokenId,
      sha256: tokenId.replaceAll('-', '').padEnd(64, '0'),
      prefix: tokenId.slice(0, 8),
      role: 'manager',
      user_id: null,
      label,
      expires_at: '2027-01-01T00:00:00.000Z',
    });
  }

  test.each(['approve', 'return', 'reject'] as const)('a new revision after %s is judged again', async (action) => {
    await send(review({ action, text: 'x', revision: 1 }));

    expect(await save({ status: 'flagged', flags: [FLAG] }, 7)).toMatchObject({ outcome: 'updated', revision: 2 });
    expect(await stored()).toMatchObject({ status: 'flagged', revision: 2 });
    await send(review({ action, text: 'x', revision: 2 }));
    await save({}, 8);
    expect(await stored()).toMatchObject({ status: 'accepted', revision: 3 });
  });

  test('the history keeps the time of a revision that was reviewed, and its last status', async () => {
    const saved = (await stored())?.saved_at;
    await send(review({ action: 'return', text: 'x', revision: 1 }));
    const history = async () =>
      (await proxy.call('listRevisions', { response_id: responseId, after_revision: 0 })).items;

    expect(await history()).toMatchObject([{ revision: 1, status: 'returned', saved_at: saved }]);
    await save({}, 7);
    expect(await history()).toMatchObject([
      { revision: 1, status: 'returned', saved_at: saved },
      { revision: 2, status: 'accepted' },
    ]);
  });

  test('a stale review changes nothing, and both revisions are named', async () => {
    await save({ status: 'flagged', flags: [FLAG] }, 7);

    expect(await send(review({ action: 'approve', revision: 1 }))).toEqual({
      outcome: 'stale',
      revision: 1,
      current: { revision: 2, last_modified_time: '2026-09-01T07:00:00Z', status: 'flagged' },
    });
    expect([await stored(), await reviews()]).toMatchObject([{ status: 'flagged' }, []]);
  });

  test('a review of a revision that does not exist is stale too', async () => {
    expect(await send(review({ action: 'approve', revision: 9 }))).toMatchObject({ outcome: 'stale', revision: 9 });
  });

  test('a repeated review is stored once and gets the same outcome, even after a new revision', async () => {
    const sent = review({ action: 'return', text: 'Ask again.', revision: 1 });
    const first = await send(sent);
    await save({}, 7);

    const again = await send({ ...sent, sent_at: new Date(Date.now() + 1_000).toISOString() });

    expect(again).toEqual({ ...first, outcome: 'unchanged' });
    expect(await reviews()).toHaveLength(1);
    expect(await stored()).toMatchObject({ status: 'accepted' });
  });

  test('the same review id with other content is refused, for another response too', async () => {
    const sent = review({ action: 'approve', revision: 1 });
    await send(sent);
    const other = incoming();
    await proxy.call('saveResponses', { responses: [other] });

    expect(await send({ ...review({ action: 'reject', revision: 1 }), review_id: sent.review_id })).toEqual({
      outcome: 'key_reused',
    });
    const elsewhere = incomingReview({ action: 'approve', revision: 1, response_id: other.response_id });
    expect(await send({ ...elsewhere, review_id: sent.review_id })).toEqual({ outcome: 'key_reused' });
  });

  test('a review is refused if its response is unknown, erased, a test response, or of another collector', async () => {
    const comment = (id: string, changes: Partial<IncomingReview> = {}) =>
      send(incomingReview({ action: 'comment', text: 'x', response_id: id, ...changes }));
    const test = incoming({ form_id: 'wells.draft' });
    await proxy.call('saveResponses', { responses: [test] });

    expect(await comment('unknown')).toEqual({ outcome: 'unknown' });
    expect(await comment(test.response_id)).toEqual({ outcome: 'draft' });
    expect(await comment(responseId, { only_of: 'collector-2' })).toEqual({ outcome: 'other_collector' });
    expect(await comment(responseId, { only_of: 'collector-1' })).toMatchObject({ outcome: 'created' });
    await proxy.call('eraseResponse', { response_id: responseId });
    expect(await comment(responseId)).toEqual({ outcome: 'erased' });
  });

  test('the erasure of a response deletes its reviews; the audit keeps who, when and what', async () => {
    const by = { token_id: randomUUID(), source_ip: '203.0.113.7' };
    await send(review({ action: 'return', text: 'secret', revision: 1, by }));
    await proxy.call('eraseResponse', { response_id: responseId });

    expect(await proxy.call('listReviews', { response_id: responseId, limit: 10 })).toEqual({ outcome: 'erased' });
    expect(
      await proxy.database.db.selectFrom('reviews').select('id').where('response_id', '=', responseId).execute(),
    ).toEqual([]);
    const { items } = await proxy.call('listAuditEvents', { action: 'response_reviewed', limit: 100 });
    const own = items.filter((item) => item.subject_id === responseId);
    expect(own).toMatchObject([{ token_id: by.token_id, source_ip: by.source_ip, detail: 'return, revision 1' }]);
    expect(JSON.stringify(own)).not.toContain('secret');
  });

  test('each review is an event of the outbox, with its content', async () => {
    await proxy.database.db.deleteFrom('response_events').execute();
    await send(review({ action: 'return', text: 'Ask again.', revision: 1 }));
    await send(review({ action: 'comment', text: 'Noted.' }));

    const { events } = await proxy.call('claimResponseEvents', {
      holder: 'test',
      lease_seconds: 10,
      limit: 100,
      published: [],
      waiting: [],
    });

    expect(events).toMatchObject([
      {
        type: 'reviewed',
        revision: 1,
        review: { action: 'return', text: 'Ask again.', status: 'returned', author: 'operator' },
      },
      { type: 'reviewed', revision: 1, review: { action: 'comment', text: 'Noted.', status: 'returned' } },
    ]);
    await proxy.call('releaseLease', { name: 'outbox', holder: 'test' });
  });

  describe('after an outage', () => {
    const at = (second: number) => `2026-09-01T12:00:0${second}.000Z`;

    test('a stale review is kept once and not applied', async () => {
      const sent = review({ action: 'approve', revision: 1 });
      await save({ status: 'flagged', flags: [FLAG] }, 7);

      expect(await send(sent, true)).toMatchObject({
        outcome: 'kept',
        review: { applied: false, revision: 1, status: 'flagged' },
      });
      expect(await send(sent, true)).toMatchObject({ outcome: 'unchanged' });
      // The author's own retry learns that it was not applied.
      expect(await send(sent)).toMatchObject({ outcome: 'stale', revision: 1, current: { revision: 2 } });
      expect([await stored(), await reviews()]).toMatchObject([{ status: 'flagged' }, [{ applied: false }]]);
    });

    test('the decision about a revision that was sent last counts, in whatever order decisions are saved', async () => {
      await send(review({ action: 'return', text: 'x', revision: 1, sent_at: at(2) }), true);

      expect(await send(review({ action: 'approve', revision: 1, sent_at: at(1) }), true)).toMatchObject({
        outcome: 'kept',
      });
      expect(await stored()).toMatchObject({ status: 'returned' });
      await send(review({ action: 'reject', revision: 1, sent_at: at(3) }), true);
      expect(await stored()).toMatchObject({ status: 'rejected' });
    });

    test.each([
      ['before', 'created'],
      ['after', 'other_collector'],
    ] as const)(
      'a comment that a collector sent %s the response was assigned to another is %s',
      async (when, outcome) => {
        const assignment = review({ action: 'assign', assignee: 'collector-2' });
        await send(assignment);
        const sentAt = Date.now() + (when === 'before' ? -60_000 : 60_000);
        const comment = review({
          action: 'comment',
          text: 'They moved.',
          only_of: 'collector-1',
          sent_at: new Date(sentAt).toISOString(),
        });

        expect(await send(comment, true)).toMatchObject({ outcome });
        expect(await reviews()).toHaveLength(when === 'before' ? 2 : 1);
      },
    );

    test('a comment is stored if the assignment to another collector is saved by the same call', async () => {
      const comment = review({ action: 'comment', text: 'They moved.', only_of: 'collector-1', sent_at: at(1) });
      const foreign = review({ action: 'comment', text: 'x', only_of: 'collector-3', sent_at: at(1) });
      const assignment = review({ action: 'assign', assignee: 'collector-2', sent_at: at(2) });

      const { results } = await proxy.call('saveReviews', { reviews: [assignment, comment, foreign], late: true });

      expect(results.map(({ outcome }) => outcome)).toEqual(['created', 'created', 'other_collector']);
    });

    test('a review with a used key and other content is kept too', async () => {
      const sent = review({ action: 'approve', revision: 1, sent_at: at(1) });
      const other = { ...review({ action: 'comment', text: 'Why?', sent_at: at(2) }), review_id: sent.review_id };
      for (const each of [sent, other, other]) await send(each, true);

      expect(await reviews()).toMatchObject([
        { action: 'approve' },
        { action: 'comment', text: 'Why?', applied: true },
      ]);
    });
  });

  describe('an assignment', () => {
    const assign = (assignee: string) => review({ action: 'assign', assignee });

    test('gives the response to another collector, and the earlier revisions keep theirs', async () => {
      await send(assign('collector-2'));

      expect(await stored()).toMatchObject({ user_id: 'collector-2', status: 'flagged', revision: 1 });
      expect(await save({ user_id: 'collector-2', only_of: 'collector-2' }, 7)).toMatchObject({ outcome: 'updated' });
      const { items } = await proxy.call('listRevisions', { response_id: responseId, after_revision: 0 });
      expect(items.map((item) => item.user_id)).toEqual(['collector-1', 'collector-2']);
    });

    test('refuses later changes of the earlier collector, and keeps acknowledged changes', async () => {
      await send(assign('collector-2'));

      expect(await save({ only_of: 'collector-1' }, 7)).toEqual({ outcome: 'other_collector', reassigned: true });
      expect(await save({ only_of: 'collector-1' }, 7, true)).toMatchObject({ outcome: 'kept' });
      const { items } = await proxy.call('listLateRevisions', { response_id: responseId });
      expect(items).toMatchObject([{ user_id: 'collector-1', response: { answer: 7 } }]);
    });

    test('stays when a manager sends a correction with the earlier collector’s user_id', async () => {
      await send(assign('collector-2'));

      await save({ user_id: 'collector-1' }, 7);

      expect(await stored()).toMatchObject({ user_id: 'collector-2', revision: 2 });
      await save({ user_id: 'collector-2', only_of: 'collector-2' }, 8);
      const { items } = await proxy.call('listRevisions', { response_id: responseId, after_revision: 0 });
      expect(items.map((item) => item.user_id)).toEqual(['collector-1', 'collector-1', 'collector-2']);
    });

    test('moves the response to the other worklist', async () => {
      await send(assign('collector-2'));

      expect(await work('collector-1')).toEqual([]);
      expect(await work('collector-2')).toMatchObject([{ response_id: responseId, flags: [FLAG] }]);
    });
  });

  describe('the worklist', () => {
    test('has flagged and returned responses with the reviews of their answers', async () => {
      expect(await work('collector-1')).toMatchObject([{ status: 'flagged', reviews: [] }]);
      await send(review({ action: 'return', text: 'Ask again.', revision: 1 }));
      expect(await work('collector-1')).toMatchObject([
        { status: 'returned', reviews: [{ action: 'return', text: 'Ask again.' }] },
      ]);
      await send(review({ action: 'approve', revision: 1 }));
      expect(await work('collector-1')).toEqual([]);
    });

    test('leaves out the reviews of earlier answers', async () => {
      await send(review({ action: 'return', text: 'Ask again.', revision: 1 }));
      await save({ status: 'flagged', flags: [FLAG] }, 7);

      expect(await work('collector-1')).toMatchObject([{ status: 'flagged', reviews: [] }]);
    });

    test('lists each response once over all pages, in order of arrival', async () => {
      const userId = `collector-${randomUUID()}`;
      const responses = Array.from({ length: 7 }, () =>
        incoming({ status: 'flagged', flags: [FLAG], user_id: userId }),
      );
      await proxy.call('saveResponses', { responses });
      await proxy.call('saveReviews', {
        reviews: [1, 4].map((index) =>
          incomingReview({
            action: 'return',
            text: 'x',
            revision: 1,
            response_id: responses[index]?.response_id ?? '',
          }),
        ),
      });

      const seen: string[] = [];
      let after: number | null = 0;
      while (after !== null) {
        const page: { items: { response_id: string }[]; next: number | null } = await proxy.call('listWork', {
          user_id: userId,
          limit: 3,
          after,
        });
        seen.push(...page.items.map((item) => item.response_id));
        after = page.next;
      }

      expect(seen).toEqual(responses.map((each) => each.response_id));
    });
  });

  describe('a correction by a manager', () => {
    test('is a revision with its author, even when it comes late', async () => {
      const token = randomUUID();
      await createToken(token, 'Zainab');
      await save({ author_token: token }, 7);
      expect(await stored()).toMatchObject({ revision: 2, author: 'Zainab' });

      await save({ author_token: token }, 5, true);
      const { items } = await proxy.call('listLateRevisions', { response_id: responseId });
      expect(items).toMatchObject([{ author: 'Zainab' }]);
      await save({}, 8);
      expect(await stored()).toMatchObject({ revision: 3, author: null });
    });

    test('leaves no author in the tombstone', async () => {
      const token = randomUUID();
      await save({ author_token: token }, 7);
      await proxy.call('eraseResponse', { response_id: responseId });

      expect(await stored()).toMatchObject({ status: 'erased', author: null });
    });
  });

  test('a repeated response gets the status that a manager decided', async () => {
    await send(review({ action: 'approve', revision: 1 }));
    const same: Partial<IncomingResponse> = { status: 'flagged', flags: [FLAG] };

    expect(await save(same)).toMatchObject({ outcome: 'unchanged', status: 'approved', flags: [FLAG] });
  });
});
