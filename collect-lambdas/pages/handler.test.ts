import { gzipSync } from 'node:zlib';
import { httpEventFile } from '../../tests/support/event-file.ts';
import { createRecordingLogger } from '../../tests/support/recording-logger.ts';
import { createPages } from './handler.ts';
import { createHandler } from './routes.ts';

const FILES = 'https://files.s3.eu-central-1.amazonaws.com';

const built = {
  'index.html': '<!doctype html><title>console</title>',
  'fill.html': '<!doctype html><title>form page</title>',
  'sw.js': 'install();',
  'console-1a2b3c4d.js': 'start();',
  'licenses.txt': 'MIT',
};

const pack = JSON.stringify(
  Object.fromEntries(Object.entries(built).map(([name, text]) => [name, gzipSync(text).toString('base64')])),
);

const handler = createHandler({ logger: createRecordingLogger().logger, ...createPages(pack, FILES) });

const get = (name: string, pathParameters: Record<string, string> = {}) =>
  handler({ ...httpEventFile('pages', name), pathParameters });

const policyOf = ({ headers }: Awaited<ReturnType<typeof handler>>): string =>
  String(headers?.['content-security-policy']);

describe('GET /console/', () => {
  test('returns the console, which browsers revalidate', async () => {
    const reply = await get('get-console');

    expect(reply).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
    });
    expect(reply.body).toBe(built['index.html']);
  });

  test('forbids inline scripts and styles, and shows pictures of responses', async () => {
    const policy = policyOf(await get('get-console'));

    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`img-src 'self' data: blob: ${FILES}`);
    expect(policy).not.toContain('unsafe');
  });
});

describe('GET /fill/{form_id}', () => {
  test('returns the form page for every form', async () => {
    const replies = [await get('get-form-page'), await get('get-form-page-of-form', { form_id: 'wells' })];

    expect(replies.map(({ body }) => body)).toEqual([built['fill.html'], built['fill.html']]);
  });

  test('allows style elements and WebAssembly only there, because ODK Web Forms needs them', async () => {
    expect(policyOf(await get('get-form-page'))).toMatch(
      /script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline';.* style-src-attr 'none'/,
    );
  });

  test('returns the service worker, which works below /fill/', async () => {
    const reply = await get('get-form-page-of-form', { form_id: 'sw.js' });

    expect(reply).toMatchObject({
      headers: { 'service-worker-allowed': '/fill/', 'cache-control': 'no-cache' },
      body: built['sw.js'],
    });
  });
});

describe('GET /assets/{file}', () => {
  test('revalidates a file without a hash in its name, such as the licences', async () => {
    expect(await get('get-asset-unknown', { file: 'licenses.txt' })).toMatchObject({
      headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' },
      body: built['licenses.txt'],
    });
  });

  test('may be cached for ever if the name contains a hash', async () => {
    const reply = await get('get-asset-unknown', { file: 'console-1a2b3c4d.js' });

    expect(reply).toMatchObject({
      statusCode: 200,
      headers: { 'cache-control': 'public, max-age=31536000, immutable' },
      body: built['console-1a2b3c4d.js'],
    });
  });

  test.each(['unknown.js', '../handler.ts', '__proto__', 'constructor', ''])('is 404 for %j', async (file) => {
    expect(await get('get-asset-unknown', { file })).toMatchObject({ statusCode: 404 });
  });
});
