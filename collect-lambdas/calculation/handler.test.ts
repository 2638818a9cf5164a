import { httpEventFile } from '../../tests/support/event-file.ts';
import { httpEvent } from '../../tests/support/http-event.ts';
import { createRecordingLogger } from '../../tests/support/recording-logger.ts';
import type { HttpEvent } from '../shared/http.ts';
import { createHandler } from './routes.ts';

const COMPLETE = { x0: '1', y0: '2', z0: '3', sigma: '4', rho: '5', beta: '1', delta_t: '2' };

const withBeta = (length: number) => ({ ...COMPLETE, steps: '1', beta: '1'.padStart(length, '0') });

const handle = (event: HttpEvent) => createHandler({ logger: createRecordingLogger().logger })(event);

async function handleJson(event: HttpEvent) {
  const { statusCode, headers, body } = await handle(event);
  return { status: statusCode, headers, body: JSON.parse(body ?? '') as unknown };
}

describe('GET /', () => {
  test('returns plain text with all routes', async () => {
    const { statusCode, headers, body } = await handle(httpEventFile('calculation', 'welcome'));

    expect(statusCode).toBe(200);
    expect(headers).toEqual({ 'content-type': 'text/plain; charset=utf-8' });
    expect(body).toMatch(/^Welcome to Collect/);
    expect(body).toMatch(/^ {2}POST +\/collect /m);
  });
});

describe('GET /calculation', () => {
  test('returns 20 rows by default', async () => {
    const reply = await handleJson(httpEventFile('calculation', 'calculate'));

    expect(reply).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(reply.body).toHaveLength(20);
    expect(reply.body).toMatchObject({
      0: { N: '0', X: '25', Y: '-6', Z: '1' },
      5: { N: '5', X: '-1.493688920420744831686493256E+47' },
      19: { N: '19', X: '3.792446346695347762701378140E+773439' },
    });
  });

  test('lists all parameters that are missing or not decimals', async () => {
    const reply = await handleJson(httpEventFile('calculation', 'calculate-invalid'));

    expect(reply).toMatchObject({
      status: 422,
      headers: { 'content-type': 'application/problem+json' },
      body: {
        type: 'urn:collect:problem:invalid-parameter',
        errors: [
          { pointer: '/x0', detail: expect.stringMatching(/^Send x0 as a decimal number such as/) },
          { pointer: '/y0', detail: expect.stringMatching(/^Send y0 as a decimal number such as/) },
        ],
      },
    });
  });

  test('lists all seven required parameters if all are missing', async () => {
    const reply = await handleJson(httpEvent('GET /calculation'));

    expect(reply.body).toMatchObject({ errors: Object.keys(COMPLETE).map((name) => ({ pointer: `/${name}` })) });
  });

  test('names the step at which a value exceeds the exponent range', async () => {
    const reply = await handleJson(httpEventFile('calculation', 'calculate-beyond-range'));

    expect(reply).toMatchObject({ status: 422, body: { step: 20, detail: expect.stringContaining('step N=20') } });
  });

  test('accepts a plus sign that is not URL-encoded', async () => {
    const sent = { ...COMPLETE, x0: ' 1.5e 2', delta_t: '0' };

    const reply = await handleJson(httpEvent('GET /calculation', { query: sent }));

    expect(reply.body).toMatchObject({ 0: { X: '1.5E+2' } });
  });

  test('accepts a value of 64 characters, and refuses one of 65', async () => {
    await expect(handleJson(httpEvent('GET /calculation', { query: withBeta(64) }))).resolves.toMatchObject({
      status: 200,
    });
    await expect(handleJson(httpEvent('GET /calculation', { query: withBeta(65) }))).resolves.toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/beta' }] },
    });
  });

  test.each([
    ['steps', '0'],
    ['steps', '1001'],
    ['steps', '-1'],
    ['steps', '1.5'],
    ['steps', '007'],
    ['steps', ''],
    ['system', 'Lorenz'],
    ['system', ''],
    ['x0', ''],
    ['x0', '1,2'],
    ['x0', 'Infinity'],
    ['delta_t', '1E+1000000'],
    ['dt', '1'],
  ])('refuses %s=%s and names it', async (name, value) => {
    const reply = await handleJson(httpEvent('GET /calculation', { query: { ...COMPLETE, [name]: value } }));

    expect(reply).toMatchObject({ status: 422, body: { errors: [{ pointer: `/${name}` }] } });
  });
});

describe('GET /calculation/plot', () => {
  test('returns an SVG whose policy forbids loading files and running scripts', async () => {
    const { statusCode, headers, body } = await handle(httpEventFile('calculation', 'plot-calculation'));

    expect(statusCode).toBe(200);
    expect(headers).toEqual({
      'content-type': 'image/svg+xml; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'x-content-type-options': 'nosniff',
    });
    expect(body).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[^]*<\/svg>$/);
  });

  test('refuses the same parameters as GET /calculation', async () => {
    await expect(handleJson(httpEventFile('calculation', 'plot-calculation-invalid'))).resolves.toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/steps', detail: 'Send a whole number from 1 to 1000.' }] },
    });
    const beyond = { ...COMPLETE, system: 'coupled', steps: '25' };
    await expect(handleJson(httpEvent('GET /calculation/plot', { query: beyond }))).resolves.toMatchObject({
      status: 422,
      body: { step: 20 },
    });
  });
});

test('an unknown route gets 404', async () => {
  await expect(handleJson(httpEvent('POST /calculation'))).resolves.toMatchObject({ status: 404 });
});
