import { randomUUID } from 'node:crypto';
import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { readOutbox } from '../../tests/support/outbox.ts';
import { incoming, type IncomingChanges } from '../../tests/support/responses.ts';
import type { AttachedFile } from '../contract.ts';

const LATER = '2026-10-01T00:00:00Z';
const RULE1 = { rule: 'Rule1', message: 'Ask again.', questions: ['food'], values: { food: 900 } };

const file = (name: string, changes: Partial<AttachedFile> = {}): AttachedFile => ({
  name,
  object_key: `responses/a/files/${name}`,
  sha256: 'a'.repeat(64),
  bytes: 3_000_000,
  type: 'image/jpeg',
  ...changes,
});

describe.each(databaseKinds)('attachments on %s', (kind) => {
  let proxy: InProcessProxy;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  beforeEach(async () => {
    await proxy.database.db.deleteFrom('response_events').execute();
  });
  afterAll(() => proxy.stop());

  const save = async (changes: IncomingChanges = {}, terms: { late?: boolean; keep?: boolean } = {}) => {
    const response = incoming(changes);
    const { results } = await proxy.call('saveResponses', { responses: [response], ...terms });
    return { response, id: response.response_id, result: results[0] };
  };
  const add = (id: string, files: AttachedFile[], onlyOf?: string) =>
    proxy.call('addAttachments', { response_id: id, files, ...(onlyOf !== undefined && { only_of: onlyOf }) });
  const list = (id: string) => proxy.call('listAttachments', { response_id: id });
  const read = async (id: string) => (await proxy.call('getResponse', { response_id: id })).response;
  const PHOTOS = { response: { front: 'a.jpg', rooms: [{ photo: 'b.jpg' }] }, expects: ['a.jpg', 'b.jpg'] };

  it('that are missing are flagged, with the questions whose answers name them', async () => {
    const { id, result } = await save(PHOTOS);

    const flag = {
      rule: 'MissingAttachment',
      message: expect.stringContaining('a.jpg, b.jpg') as string,
      questions: ['front', 'rooms/photo'],
      values: {},
    };
    expect(result).toEqual({ outcome: 'created', revision: 1, flags: [flag] });
    expect(await read(id)).toMatchObject({ status: 'flagged', flags: [flag] });
    expect(await list(id)).toMatchObject({ items: [], expected: ['a.jpg', 'b.jpg'], missing: ['a.jpg', 'b.jpg'] });
    expect((await readOutbox(proxy)).map(({ type }) => type)).toEqual(['flagged']);
  });

  it('that come with the response are saved with it, and a retry changes nothing', async () => {
    const { response, id, result } = await save({ ...PHOTOS, files: [file('a.jpg'), file('b.jpg')] });
    expect(result).toEqual({ outcome: 'created', revision: 1 });
    const listed = await list(id);

    expect(listed).toMatchObject({ outcome: 'found', user_id: 'collector-1', missing: [] });
    expect(await proxy.call('saveResponses', { responses: [response] })).toMatchObject({
      results: [{ outcome: 'unchanged', revision: 1, flags: [] }],
    });
    expect(await list(id)).toEqual(listed);
  });

  it('that come later make the flag disappear with the next revision, which has the same answers and times', async () => {
    const { id } = await save({ ...PHOTOS, status: 'flagged', flags: [RULE1] });
    const before = await read(id);

    expect(await add(id, [file('a.jpg')])).toEqual({ outcome: 'added', missing: ['b.jpg'] });
    expect(await read(id)).toEqual(before);
    expect(await add(id, [file('b.jpg')])).toEqual({ outcome: 'added', missing: [] });

    expect(await read(id)).toMatchObject({ revision: 2, status: 'flagged', flags: [RULE1], response: PHOTOS.response });
    expect(await add(id, [file('b.jpg')])).toEqual({ outcome: 'added', missing: [] });
    expect(await read(id)).toMatchObject({ revision: 2 });
    expect((await readOutbox(proxy)).map(({ type, revision }) => [type, revision])).toEqual([
      ['flagged', 1],
      ['flagged', 2],
    ]);
  });

  it('that come with a retry of the same answers are added, and the reply is without the flag', async () => {
    const { response } = await save({ ...PHOTOS, files: [file('a.jpg')] });

    const again = { ...response, files: [file('a.jpg'), file('b.jpg')] };
    const { results } = await proxy.call('saveResponses', { responses: [again] });

    expect(results).toEqual([{ outcome: 'unchanged', revision: 2, status: 'accepted', flags: [] }]);
    expect((await readOutbox(proxy)).map(({ type }) => type)).toEqual(['flagged', 'corrected']);
  });

  it('that come with a late revision are added to the current one', async () => {
    const { id } = await save(PHOTOS);
    const files = [file('a.jpg'), file('b.jpg')];

    const { result } = await save({ ...PHOTOS, response_id: id, at: '2026-08-01T00:00:00Z', files }, { keep: true });

    expect(result).toMatchObject({ outcome: 'kept' });
    expect(await read(id)).toMatchObject({ revision: 2, status: 'accepted', flags: [] });
  });

  it('stay with the response when it is corrected; only files that the new answers name are missing', async () => {
    const { id } = await save({ ...PHOTOS, files: [file('a.jpg')] });

    const { result } = await save({ response_id: id, at: LATER, response: { front: 'a.jpg' }, expects: ['a.jpg'] });

    expect(result).toEqual({ outcome: 'updated', revision: 2 });
    expect(await list(id)).toMatchObject({ items: [{ name: 'a.jpg' }], expected: ['a.jpg'], missing: [] });
    const { result: without } = await save({ response_id: id, at: '2026-11-01T00:00:00Z', response: {} });
    expect(without).toEqual({ outcome: 'updated', revision: 3 });
    expect(await list(id)).toMatchObject({ items: [{ name: 'a.jpg' }], expected: [] });
  });

  it('with the same name but different content are both stored; with the same content, they are stored once', async () => {
    const { id } = await save();

    await add(id, [file('a.jpg'), file('a.jpg', { sha256: 'b'.repeat(64) }), file('a.jpg')]);

    expect(await list(id)).toMatchObject({
      items: [{ sha256: 'a'.repeat(64) }, { sha256: 'b'.repeat(64) }],
    });
  });

  it('may come before their response, and count only if its own collector sent them', async () => {
    const id = `response-${randomUUID()}`;
    expect(await add(id, [file('a.jpg')], 'collector-1')).toEqual({ outcome: 'added', missing: [] });
    expect(await add(id, [file('b.jpg')], 'collector-2')).toEqual({ outcome: 'added', missing: [] });
    expect(await list(id)).toEqual({ outcome: 'unknown' });

    const { result } = await save({ ...PHOTOS, response_id: id });

    expect(result).toMatchObject({ flags: [{ message: expect.stringContaining('The file b.jpg') as string }] });
    expect(await list(id)).toMatchObject({ items: [{ name: 'a.jpg' }], missing: ['b.jpg'] });
  });

  it("are refused for another collector's response and for an erased one", async () => {
    const { id } = await save({ ...PHOTOS, files: [file('a.jpg')] });
    expect(await add(id, [file('b.jpg')], 'collector-2')).toEqual({ outcome: 'other_collector' });

    await proxy.call('eraseResponse', { response_id: id });

    expect(await add(id, [file('b.jpg')])).toEqual({ outcome: 'erased' });
    expect(await list(id)).toEqual({ outcome: 'erased' });
    for (const table of ['attachments', 'awaited_uploads', 'expected_files'] as const) {
      expect(await proxy.database.db.selectFrom(table).selectAll().where('response_id', '=', id).execute()).toEqual([]);
    }
  });

  it('keep their flag when other rules judge the response again', async () => {
    const formId = `form_${randomUUID().slice(0, 8)}`;
    await proxy.call('putForm', { form_id: formId, definition: { title: 'One' } });
    const misfit = { rule: 'DoesNotFit', message: 'age: Send a number.', questions: ['age'], values: { age: 'old' } };
    const acknowledged = { ...RULE1, acknowledged: true as const };
    const { id } = await save({ ...PHOTOS, form_id: formId, status: 'flagged', flags: [acknowledged, misfit] });
    const before = await read(id);
    const judge = async (revision: number, flags: (typeof RULE1)[]) => {
      const rejudge_id = randomUUID();
      await proxy.call('requestRejudge', { rejudge_id, form_id: formId });
      await proxy.call('claimRejudge', { rejudge_id, holder: 'worker-1' });
      const judgements = [{ response_id: id, revision, flags }];
      const page = { checked: 1, next: null };
      await proxy.call('saveJudgements', { rejudge_id, holder: 'worker-1', judgements, page });
    };

    await judge(1, [RULE1]);
    expect(await read(id)).toEqual(before);
    await judge(1, []);

    const { flags = [] } = (await read(id)) ?? {};
    expect(flags.map(({ rule }) => rule)).toEqual(['DoesNotFit', 'MissingAttachment']);
  });

  describe('that are uploaded', () => {
    const upload = (name: string) => file(name, { object_key: `uploads/${randomUUID()}` });
    const wait = (id: string, awaited: AttachedFile, onlyOf?: string) =>
      proxy.call('awaitUpload', { response_id: id, file: awaited, ...(onlyOf !== undefined && { only_of: onlyOf }) });
    const receive = ({ object_key }: AttachedFile) => proxy.call('receiveUpload', { object_key, type: 'image/png' });

    it('are added to their response when they arrive, once, with the type of their content', async () => {
      const { id } = await save({ response: { front: 'a.jpg' }, expects: ['a.jpg'] });
      const awaited = upload('a.jpg');
      expect(await wait(id, awaited, 'collector-1')).toEqual({ outcome: 'awaited' });
      expect(await list(id)).toMatchObject({ items: [], missing: ['a.jpg'] });

      expect(await receive(awaited)).toEqual({ outcome: 'added' });
      expect(await receive(awaited)).toEqual({ outcome: 'added' });

      expect(await list(id)).toMatchObject({ items: [{ ...awaited, type: 'image/png' }], missing: [] });
      expect(await read(id)).toMatchObject({ revision: 2, status: 'accepted' });
      expect(await wait(id, awaited, 'collector-1')).toEqual({ outcome: 'stored' });
    });

    it('may arrive before their response', async () => {
      const id = `response-${randomUUID()}`;
      const awaited = upload('a.jpg');
      await wait(id, awaited, 'collector-1');
      expect(await receive(awaited)).toEqual({ outcome: 'added' });

      const { result } = await save({ response_id: id, response: { front: 'a.jpg' }, expects: ['a.jpg'] });

      expect(result).toEqual({ outcome: 'created', revision: 1 });
    });

    it("are refused for another collector's response, an erased one and one with too many files", async () => {
      const { id } = await save();
      expect(await wait(id, upload('a.jpg'), 'collector-2')).toEqual({ outcome: 'other_collector' });
      const rows = Array.from({ length: 1_000 }, (_, index) => file(`${index}.jpg`));
      await add(id, rows);
      await add(
        id,
        rows.map((each) => ({ ...each, sha256: 'b'.repeat(64) })),
      );
      expect(await wait(id, upload('a.jpg'))).toEqual({ outcome: 'full' });
      await proxy.call('eraseResponse', { response_id: id });
      expect(await wait(id, upload('a.jpg'))).toEqual({ outcome: 'erased' });
    });

    it('are unknown if nothing awaits them, or if their response was erased before they arrive', async () => {
      const { id } = await save();
      const awaited = upload('a.jpg');
      await wait(id, awaited);
      await proxy.call('eraseResponse', { response_id: id });

      expect(await receive(awaited)).toEqual({ outcome: 'unknown' });
      expect(await receive(upload('b.jpg'))).toEqual({ outcome: 'unknown' });
    });
  });

  it('that arrive while their response is saved never leave a flag behind', async () => {
    const races = Array.from({ length: 20 }, async () => {
      const id = `response-${randomUUID()}`;
      await Promise.all([
        save({ response_id: id, response: { front: 'a.jpg' }, expects: ['a.jpg'] }),
        add(id, [file('a.jpg')]),
      ]);
      return await read(id);
    });

    for (const stored of await Promise.all(races)) expect(stored).toMatchObject({ status: 'accepted', flags: [] });
  });
});
