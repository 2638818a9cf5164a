import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { httpEventFile } from '../../tests/support/event-file.ts';
import { createRecordingLogger } from '../../tests/support/recording-logger.ts';
import type { HttpEvent } from '../shared/http.ts';
import { createSite } from './handler.ts';
import { createHandler } from './routes.ts';

const OPENAPI = JSON.stringify({ openapi: '3.1.0', info: { title: 'Collect', description: 'Größe. '.repeat(500) } });
const CSS = '.swagger-ui { margin: 0 } '.repeat(200);
const ICON = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0xff, 0x00]);

const page = readFileSync('collect-lambdas/docs/page/index.html', 'utf8');

function createTestHandler() {
  return createHandler({
    logger: createRecordingLogger().logger,
    ...createSite(OPENAPI, page, {
      'swagger-ui.css': { contentType: 'text/css; charset=utf-8', content: CSS },
      'init.js': { contentType: 'text/javascript; charset=utf-8', content: 'start();' },
      'favicon-32x32.png': { contentType: 'image/png', content: ICON },
    }),
  });
}

const event = (name: string, headers: Record<string, string> = {}): HttpEvent => {
  const sample = httpEventFile('docs', name);
  return { ...sample, headers: { ...sample.headers, ...headers } };
};

const fileEvent = (file: string, headers: Record<string, string> = {}): HttpEvent => ({
  ...event('get-docs-file', { 'accept-encoding': '', ...headers }),
  pathParameters: { file },
});

/** The body as a browser decodes it. */
function bytesOf({
  body = '',
  isBase64Encoded = false,
  headers = {},
}: Awaited<ReturnType<ReturnType<typeof createHandler>>>) {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
}

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

describe('GET /openapi.json', () => {
  test('returns the document, in gzip if the client accepts it', async () => {
    const reply = await createTestHandler()(event('get-openapi'));

    expect(reply).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', vary: 'accept-encoding' },
    });
    expect(bytesOf(reply).toString()).toBe(OPENAPI);
    expect((reply.body ?? '').length).toBeLessThan(OPENAPI.length / 5);
  });

  test.each(['', 'br', 'gzip;q=0', 'identity, gzip; q=0.0'])(
    'is uncompressed if Accept-Encoding is %j',
    async (encodings) => {
      const reply = await createTestHandler()(event('get-openapi', { 'accept-encoding': encodings }));

      expect(reply.headers).not.toHaveProperty('content-encoding');
      expect(reply.body).toBe(OPENAPI);
    },
  );

  test('is revalidated each time; an unchanged document gets 304', async () => {
    const handler = createTestHandler();
    const { headers = {} } = await handler(event('get-openapi'));

    const again = await handler(event('get-openapi', { 'if-none-match': String(headers['etag']) }));

    expect(headers['cache-control']).toBe('no-cache');
    expect(again).toMatchObject({ statusCode: 304, headers: { etag: headers['etag'] } });
    expect(again.body).toBeUndefined();
    expect(await handler(event('get-openapi-cached'))).toMatchObject({ statusCode: 304 });
  });
});

describe('GET /docs', () => {
  test('returns a page without inline scripts, and a policy that forbids them', async () => {
    const { statusCode, headers = {}, body = '' } = await createTestHandler()(event('get-docs'));

    const policy = String(headers['content-security-policy']);
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('unsafe-eval');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect([...body.matchAll(/<script[^>]*>([^<]*)<\/script>/g)].map(([, inline]) => inline)).toEqual(['', '']);
    expect(body).not.toMatch(/ on[a-z]+=|https?:/);
  });

  test('loads its files from relative addresses', async () => {
    const { body = '' } = await createTestHandler()(event('get-docs'));

    const addresses = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address);
    expect(addresses).toEqual([
      'docs/favicon-32x32.png',
      'docs/swagger-ui.css',
      'docs/swagger-ui-bundle.js',
      'docs/init.js',
      'openapi.json',
    ]);
  });
});

describe('GET /docs/{file}', () => {
  test('returns a text, in gzip if the client accepts it', async () => {
    const handler = createTestHandler();

    const plain = await handler(fileEvent('swagger-ui.css'));
    const compressed = await handler(event('get-docs-file'));

    expect(plain).toMatchObject({ statusCode: 200, body: CSS, headers: { 'content-type': 'text/css; charset=utf-8' } });
    expect(compressed.headers).toMatchObject({ 'content-encoding': 'gzip', etag: plain.headers?.['etag'] });
    expect(bytesOf(compressed).toString()).toBe(CSS);
  });

  test('returns a picture byte for byte', async () => {
    const reply = await createTestHandler()(fileEvent('favicon-32x32.png', { 'accept-encoding': 'gzip' }));

    expect(reply).toMatchObject({ statusCode: 200, isBase64Encoded: true, headers: { 'content-type': 'image/png' } });
    expect(sha256(bytesOf(reply))).toBe(sha256(ICON));
  });

  test('may be cached for an hour; then an unchanged file gets 304', async () => {
    const handler = createTestHandler();
    const { headers = {} } = await handler(fileEvent('init.js'));

    expect(headers['cache-control']).toBe('public, max-age=3600');
    expect(await handler(fileEvent('init.js', { 'if-none-match': `"other", ${headers['etag']}` }))).toMatchObject({
      statusCode: 304,
    });
  });

  test.each(['swagger-ui.css.map', '../handler.ts', '__proto__', 'constructor', ''])('is 404 for %j', async (file) => {
    const reply = await createTestHandler()(fileEvent(file));

    expect(reply).toMatchObject({ statusCode: 404, headers: { 'content-type': 'application/problem+json' } });
  });

  test('has a different ETag for each file', async () => {
    const handler = createTestHandler();
    const names = ['swagger-ui.css', 'init.js', 'favicon-32x32.png'];

    const replies = await Promise.all(names.map((name) => handler(fileEvent(name))));

    expect(new Set(replies.map(({ headers }) => headers?.['etag'])).size).toBe(names.length);
  });
});
