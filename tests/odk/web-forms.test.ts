/** The engine of ODK's web forms at a running stack: it fills in forms, and edits what was sent. */
import { Collector, manage } from '../support/collector.ts';
import { describeWithBrowserEngine, fillInBrowserEngine } from '../support/browser-engine.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';
import { WELL_ANSWERS, wellsForm } from '../support/wells.ts';
import { itemsXml, xformXml } from '../support/xforms.ts';

const PUMPS = xformXml({
  root: 'id="pumps" version="2026-1"',
  title: 'Pumps',
  nodes: '<state/><age/>',
  binds:
    '<bind nodeset="/data/state" type="string" required="true()"/><bind nodeset="/data/age" type="int" constraint=". &lt;= 50" jr:constraintMsg="No pump is so old."/>',
  body: `<select1 ref="/data/state"><label>State</label>${itemsXml('works', 'broken')}</select1><input ref="/data/age"><label>Age</label></input>`,
});

describeWithBrowserEngine('a web form', () => {
  let stack: TestStack;
  let ada: Collector;
  beforeAll(async () => {
    stack = await startTestStack();
    await manage(stack, 'PUT', '/forms/wells', wellsForm());
    ada = await Collector.at(stack, 'ada');
  });
  afterAll(async () => {
    await stack?.stop();
  });

  /** The XForm that the list of forms names. */
  async function download(formId: string): Promise<string> {
    const list = await (await ada.request(`/formList?formID=${formId}`)).text();
    const [, address] = /<downloadUrl>([^<]+)<\/downloadUrl>/.exec(list) ?? [];
    if (address === undefined) throw new Error(`The list has no form ${formId}: ${list}`);
    return await (await fetch(address)).text();
  }

  async function send(submission: string): Promise<{ status: number; text: string }> {
    const body = new FormData();
    body.append('xml_submission_file', new Blob([submission], { type: 'text/xml' }), 'xml_submission_file');
    const reply = await ada.request('/submission', { method: 'POST', body });
    return { status: reply.status, text: await reply.text() };
  }

  async function stored(responseId: string): Promise<unknown> {
    return await (await manage(stack, 'GET', `/responses/${encodeURIComponent(responseId)}`)).json();
  }

  test('that is filled in and sent is stored, and read back equal', async () => {
    const first = await fillInBrowserEngine(await download('wells'), WELL_ANSWERS);

    expect(first).toMatchObject({ violations: [], deprecated_id: null });
    expect(await send(first.submission)).toEqual({ status: 201, text: expect.stringContaining('Accepted.') });
    expect(await stored(first.instance_id)).toMatchObject({
      status: 'accepted',
      revision: 1,
      response: {
        village: 'Zoé’s <well> & 水',
        depth: 12.5,
        liters: 15_000_000,
        people: [{ age: 30 }, { age: 5 }],
      },
    });
  });

  test('that is edited and sent again is the next revision, with the flags of its answers', async () => {
    const form = await download('wells');
    const deep = await fillInBrowserEngine(form, { ...WELL_ANSWERS, '/data/depth': 150 });
    expect(await send(deep.submission)).toEqual({
      status: 201,
      text: expect.stringContaining('The well is 150 m deep. Is that right?'),
    });
    expect(await stored(deep.instance_id)).toMatchObject({ revision: 1, status: 'flagged', flags: [{ rule: 'Deep' }] });

    const edited = await fillInBrowserEngine(form, { '/data/depth': 15 }, deep.submission);
    expect(edited.deprecated_id).toBe(deep.instance_id);
    expect(await send(edited.submission)).toEqual({ status: 201, text: expect.stringContaining('Accepted.') });
    expect(await stored(deep.instance_id)).toMatchObject({
      revision: 2,
      status: 'accepted',
      flags: [],
      response: { depth: 15, village: 'Zoé’s <well> & 水', people: [{ age: 30 }, { age: 5 }] },
    });

    const again = await fillInBrowserEngine(form, { '/data/depth': 170 }, edited.submission);
    expect(await send(again.submission)).toMatchObject({ status: 201 });
    expect(await stored(deep.instance_id)).toMatchObject({ revision: 3, status: 'flagged', flags: [{ rule: 'Deep' }] });
    expect(await send(again.submission)).toMatchObject({ status: 201 });
    expect(await stored(deep.instance_id)).toMatchObject({ revision: 3 });
  });

  test('of an uploaded XForm is stored, flagged and corrected in the same way', async () => {
    const uploaded = await fetch(`${stack.url}/forms/pumps/xform`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${stack.tokens.manager}`, 'content-type': 'text/xml' },
      body: PUMPS,
    });
    expect(uploaded.status).toBe(201);
    const form = await download('pumps');
    expect(form).toBe(PUMPS);
    const old = await fillInBrowserEngine(form, { '/data/state': 'broken', '/data/age': 80 });
    expect(old.violations).toMatchObject([{ path: '/data/age' }]);
    await send(old.submission);
    expect(await stored(old.instance_id)).toMatchObject({ revision: 1, status: 'flagged' });

    const edited = await fillInBrowserEngine(form, { '/data/age': 8 }, old.submission);
    await send(edited.submission);

    expect(await stored(old.instance_id)).toMatchObject({
      revision: 2,
      status: 'accepted',
      response: { state: 'broken', age: 8 },
    });
  });
});
