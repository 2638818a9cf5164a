import { createHash } from 'node:crypto';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startSheetsServer, type SheetsServer } from '../../emulators/google-sheets/sheets-server.ts';
import { ask, emptyTables, ObjectStore, stateOf, TABLE, workerDependencies } from '../../tests/support/exports.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { MemoryStore } from '../../tests/support/memory-store.ts';
import { incoming } from '../../tests/support/responses.ts';
import { runExport } from './run-export.ts';
import { pathOf } from './write-zip.ts';

const ZIP = { csv: false, sheet: false, zip: true };
const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const hasPython = spawnSync('python3', ['--version']).status === 0;

(hasPython ? describe : describe.skip)('a ZIP of attachments, read by Python (needs python3)', () => {
  let proxy: InProcessProxy;
  let store: ObjectStore;
  let sheets: SheetsServer;
  let files: MemoryStore;
  let folder: string;
  beforeAll(async () => {
    [proxy, store, sheets] = await Promise.all([
      InProcessProxy.start('sqlite'),
      ObjectStore.start(),
      startSheetsServer({ port: 0 }),
    ]);
  });
  beforeEach(async () => {
    await emptyTables(proxy.database);
    files = new MemoryStore();
    folder = mkdtempSync(path.join(tmpdir(), 'collect-zip-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  afterAll(() => Promise.all([proxy.stop(), store.stop(), sheets.stop()]));

  async function add(
    id: string,
    name: string,
    content: string | Uint8Array<ArrayBuffer>,
    formId = TABLE,
  ): Promise<string> {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    const sha256 = sha256Of(bytes);
    const key = `responses/${sha256Of(Buffer.from(id))}/files/${sha256}`;
    await files.putBytes(key, { bytes, type: 'image/jpeg' });
    await proxy.call('saveResponses', { responses: [incoming({ response_id: id, form_id: formId })] });
    const file = { name, object_key: key, sha256, bytes: bytes.byteLength, type: 'image/jpeg' };
    await proxy.call('addAttachments', { response_id: id, files: [file] });
    return key;
  }

  /** Writes the ZIP, and reads it with Python. @returns each file's content by its path */
  async function exported(filter = {}): Promise<Record<string, string>> {
    const exportId = await ask(proxy, { format: ZIP, filter });
    await runExport(workerDependencies(proxy, store, sheets, { files }), exportId);
    const { zip, status } = await stateOf(proxy, exportId);
    expect(status).toBe('succeeded');
    const file = await store.read(zip?.key ?? '');
    expect(zip).toMatchObject({ key: `${TABLE}/${exportId}.zip`, sha256: sha256Of(file), bytes: file.length });
    const archive = path.join(folder, 'files.zip');
    writeFileSync(archive, file);
    const script = `import zipfile,json,sys,hashlib
z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None
print(json.dumps({i.filename:(z.read(i).decode() if i.file_size<100 else hashlib.sha256(z.read(i)).hexdigest()) for i in z.infolist()}))`;
    const read: Record<string, string> = JSON.parse(
      execFileSync('python3', ['-c', script, archive], { encoding: 'utf8' }),
    );
    expect(zip?.rows).toBe(Object.keys(read).length);
    return read;
  }

  test('has each file of the form under its response, whatever the size, and no files of other forms', async () => {
    const large = new Uint8Array(9 * 1024 * 1024).fill(7);
    await add('r1', 'front.jpg', 'one');
    await add('r2', 'front.jpg', large);
    await add('r3', 'front.jpg', 'other', 'crops');

    expect(await exported()).toEqual({ 'r1/front.jpg': 'one', 'r2/front.jpg': sha256Of(large) });
  });

  test('tells files with the same name apart, and keeps paths inside of the folder', async () => {
    await add('r1', 'front.jpg', 'one');
    await add('r1', 'front.jpg', 'two');
    await add('../../etc', 'passwd', 'three');

    const names = Object.keys(await exported());

    expect(names).toEqual([
      'r1/front.jpg',
      `r1/front-${sha256Of(Buffer.from('two')).slice(0, 8)}.jpg`,
      expect.any(String),
    ]);
    expect(names[2]).toMatch(/^[\da-f]{8}-\.\._\.\._etc\/passwd$/);
  });

  test('leaves out a file that was erased after it was listed, and takes a filter', async () => {
    const key = await add('r1', 'front.jpg', 'one');
    await add('r2', 'front.jpg', 'two');
    await files.remove(key);

    expect(await exported()).toEqual({ 'r2/front.jpg': 'two' });
    expect(await exported({ status: 'flagged' })).toEqual({});
  });
});

describe('the path of a file in the ZIP', () => {
  const file = { response_id: 'r1', name: 'a.jpg', sha256: 'b'.repeat(64), copy: 1 };

  test.each([
    [{}, 'r1/a.jpg'],
    [{ name: 'é 1.jpg' }, 'r1/é 1.jpg'],
    [{ copy: 2 }, 'r1/a-bbbbbbbb.jpg'],
    [{ copy: 3, name: 'noise' }, 'r1/noise-bbbbbbbb'],
  ])('of %j is %j', (changes, expected) => {
    expect(pathOf({ ...file, ...changes })).toBe(expected);
  });

  test.each(['a/b', 'a\\b', '..', '.', 'a:b', 'a\u0000b', 'ends.', 'ends ', 'CON', 'nul.txt', 'a"b'])(
    'makes the id %j a name that every operating system accepts, and differs from the paths of other ids',
    (id) => {
      const changed = pathOf({ ...file, response_id: id });

      expect(changed).toMatch(/^[\da-f]{8}-[^/\\:"\0]+\/a\.jpg$/);
      expect(changed).not.toMatch(/[. ]\/a/);
      expect(pathOf({ ...file, response_id: `${id}_` })).not.toBe(changed);
    },
  );
});
