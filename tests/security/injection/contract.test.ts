/** Attempts at injection in the contract's operations: stored and returned unchanged; nothing else changes. */
import { randomUUID } from 'node:crypto';
import { migrate } from '../../../db-proxy-lambda/database/migrate.ts';
import { databaseKinds } from '../../support/databases.ts';
import { InProcessProxy } from '../../support/in-process-proxy.ts';
import { incoming } from '../../support/responses.ts';
import { ATTEMPTS, OTHER_TEXTS } from './attempts.ts';

/** No form can have the key `__proto__`, and zod drops it. */
const texts = [...ATTEMPTS, ...OTHER_TEXTS].filter((text) => text !== '__proto__');

describe.each(databaseKinds)('despite attempts at injection through the contract on %s,', (kind) => {
  let proxy: InProcessProxy;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterAll(() => proxy.stop());

  async function countOf(table: 'responses' | 'response_revisions' | 'forms'): Promise<number> {
    const { count } = await proxy.database.db
      .selectFrom(table)
      .select((is) => is.fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  test.each(texts)('a response with %j in every text is stored and returned unchanged', async (text) => {
    const bystander = incoming({ response_id: `response-${randomUUID()}`, user_id: 'collector-1' });
    await proxy.call('saveResponses', { responses: [bystander] });
    const before = await countOf('responses');
    const whole = {
      response_id: `${text}${randomUUID()}`,
      user_id: text,
      flags: [{ rule: text, message: text, questions: [text], values: { [text]: text } }],
      response: { [text]: text, nested: [{ [text]: [text] }] },
    };
    const first = incoming({ ...whole, status: 'flagged' });
    const second = incoming({ ...whole, at: '2026-09-02T00:00:00Z' });

    const { results } = await proxy.call('saveResponses', { responses: [first, second, second] });

    expect(results.map(({ outcome }) => outcome)).toEqual(['created', 'updated', 'unchanged']);
    const { response } = await proxy.call('getResponse', { response_id: whole.response_id });
    expect(response).toMatchObject(whole);
    const { items: revisions } = await proxy.call('listRevisions', {
      response_id: whole.response_id,
      after_revision: 0,
    });
    expect(revisions).toEqual([expect.objectContaining(whole), expect.objectContaining(whole)]);
    const { items: mine } = await proxy.call('listResponses', { user_id: text, limit: 10 });
    expect(mine).toEqual([response]);
    const searched = Array.from(text).slice(0, 50).join('');
    const { items: found } = await proxy.call('browseResponses', { user_id: text, text: searched, limit: 10 });
    expect(found).toEqual([expect.objectContaining(response)]);
    expect(await proxy.call('browseResponses', { rule: text, limit: 10 })).toMatchObject({ items: [] });
    expect(await countOf('responses')).toBe(before + 1);
    const { response: untouched } = await proxy.call('getResponse', { response_id: bystander.response_id });
    expect(untouched).toMatchObject({ revision: 1, user_id: 'collector-1', response: bystander.response });
  });

  test.each(texts)('a form definition with %j in every text is stored and returned unchanged', async (text) => {
    const formId = `form_${randomUUID().replaceAll('-', '')}`;
    const definition = { title: text, [text]: [text], rules: [{ message: text, not: { [text]: null } }] };
    const before = await countOf('forms');

    const put = await proxy.call('putForm', { form_id: formId, definition });
    const again = await proxy.call('putForm', { form_id: formId, definition });

    expect(put).toMatchObject({ outcome: 'created', form: { definition } });
    expect(again).toMatchObject({ outcome: 'unchanged', form: put.form });
    expect(await proxy.call('getForm', { form_id: formId })).toEqual({ form: put.form });
    expect(await countOf('forms')).toBe(before + 1);
  });

  test.each(texts)('an unknown id of %j finds nothing', async (text) => {
    await proxy.call('saveResponses', { responses: [incoming()] });
    const id = `${text}?`;

    expect(await proxy.call('getResponse', { response_id: id })).toEqual({ response: null });
    expect(await proxy.call('listRevisions', { response_id: id, after_revision: 0 })).toEqual({
      items: [],
      complete: true,
    });
    expect(await proxy.call('listResponses', { user_id: id, limit: 10 })).toEqual({ items: [], next: null });
  });

  test('the attempts leave the tables as the migrations made them', async () => {
    const responses = texts.map((text) => incoming({ response_id: text, user_id: text }));

    await proxy.call('saveResponses', { responses });
    await migrate(proxy.database);

    expect(await countOf('responses')).toBeGreaterThanOrEqual(texts.length);
    expect(await countOf('forms')).toBeGreaterThanOrEqual(1);
    expect(await countOf('response_revisions')).toBeGreaterThanOrEqual(0);
  });
});
