import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { json, text } from 'node:stream/consumers';
import { contract } from '../db-proxy-lambda/contract.ts';
import { fingerprintOf } from '../collect-lambdas/shared/token.ts';
import { InProcessProxy } from '../tests/support/in-process-proxy.ts';
import { portOf } from '../tests/support/port-of.ts';

const DAY_MS = 86_400_000;
const PROXY = 'collect-DbProxyFunction';

describe('npm run token', () => {
  let proxy: InProcessProxy;
  let server: Server;
  let home: string;
  let invoked: string[];
  /** The paths of the objects that the command stored in S3. */
  let marked: string[];
  let takesTokens: boolean;

  beforeEach(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'collect-token-'));
    proxy = await InProcessProxy.start('sqlite');
    invoked = [];
    takesTokens = true;
    marked = [];
    // A fake of S3 and of Lambda's Invoke API that calls the db-proxy, as in the local stack.
    server = createServer((request, response) => {
      if (request.method === 'PUT') {
        marked.push(request.url ?? '');
        request.resume().on('end', () => response.end());
        return;
      }
      invoked.push(/functions\/([^/]+)\/invocations/.exec(request.url ?? '')?.[1] ?? '');
      void json(request)
        .then((asked) => {
          if (!takesTokens) throw new Error('This proxy stores no tokens.');
          return proxy.call('createToken', contract.createToken.input.parse(Object(asked).input));
        })
        .then((result) => response.end(JSON.stringify({ ok: true, result })))
        .catch(() => response.end(JSON.stringify({ ok: false, error: { code: 'INVALID_REQUEST', message: '' } })));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${portOf(server)}`;
    writeFileSync(
      path.join(home, 'stack.json'),
      JSON.stringify({
        api: 'http://127.0.0.1:3000',
        lambda: url,
        services: url,
        dbProxy: PROXY,
        snapshotBucket: 'snapshot',
      }),
    );
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await proxy.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const { PATH, NODE_COMPILE_CACHE } = process.env;

  async function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
    const child = spawn(process.execPath, ['ops/token.ts', ...args], {
      env: { PATH, NODE_COMPILE_CACHE, COLLECT_HOME: home },
    });
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { code: child.exitCode, out, err };
  }

  test('prints the addresses for a device’s phone, and writes the QR code for its app', async () => {
    const file = path.join(home, 'phone.png');

    const { code, out } = await run('--role', 'device', '--user-id', 'collector-1', '--qr', file);

    expect(code).toBe(0);
    expect(out).toMatch(/http:\/\/127\.0\.0\.1:3000\/odk\/clt_\S{43}\n/);
    expect(out).toMatch(/http:\/\/127\.0\.0\.1:3000\/fill\/#token=clt_\S{43}\n/);
    expect(readFileSync(file).subarray(1, 4).toString()).toBe('PNG');
    expect(await run('--role', 'viewer', '--qr', file)).toMatchObject({
      code: 1,
      err: expect.stringContaining('--qr') as string,
    });
  });

  test('makes a token on the running stack, and prints it', async () => {
    const { code, out } = await run('--role', 'collector', '--user-id', 'collector-7', '--days', '30');

    const [sentence, token = ''] = out.split('\n');
    const checked = await proxy.call('checkToken', fingerprintOf(token));
    expect([code, sentence]).toEqual([0, expect.stringMatching(/^A token of the role collector, valid until 2\S+Z\./)]);
    expect(checked).toMatchObject({ outcome: 'valid', token: { role: 'collector', user_id: 'collector-7' } });
    const { items } = await proxy.call('listTokens', { limit: 1 });
    const days = (Date.parse(items[0]?.expires_at ?? '') - Date.now()) / DAY_MS;
    expect([items[0]?.label, Math.round(days)]).toEqual(['command line', 30]);
    expect(invoked).toEqual([PROXY]);
    expect(marked).toEqual([expect.stringMatching(/^\/snapshot\/owed\/snapshot\/[\da-f-]{36}/)]);
  });

  test.each([
    ['no role', [], /^--role: Send one of .*\n\nUsage: npm run token -- --role collector\|manager\|viewer\|device /],
    ['an unknown role', ['--role', 'owner'], /^--role: Send one of .*\n\nUsage: /],
    ['a fraction of a day', ['--role', 'viewer', '--days', '1.5'], /^--days: Send a whole number of days /],
    ['more than a year', ['--role', 'viewer', '--days', '367'], /^--days: Send at most 366 days/],
    ['an id that is blank', ['--role', 'collector', '--user-id', ' '], /^--user-id: Remove the blanks /],
    ['a control character', ['--role', 'collector', '--user-id', 'a\u0007'], /^--user-id: .*control characters/],
    ['a collector without an id', ['--role', 'collector'], /^A collector's and a device's token need --user-id; /],
    [
      'a manager with an id',
      ['--role', 'manager', '--user-id', 'x'],
      /^A collector's and a device's token need --user-id; /,
    ],
  ])('sends no request and prints its usage if given %s', async (_what, args, sentence) => {
    expect(await run(...args)).toEqual({ code: 1, out: '', err: expect.stringMatching(sentence) });
    expect([invoked, marked]).toEqual([[], []]);
  });

  test('prints an error when a token is not stored, and when no stack is running', async () => {
    takesTokens = false;
    expect(await run('--role', 'viewer')).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(/^The call of the db-proxy failed: INVALID_REQUEST/),
    });

    rmSync(path.join(home, 'stack.json'));
    expect(await run('--role', 'viewer')).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(/^No stack is running here/),
    });
  });
});
