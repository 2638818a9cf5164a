/** Runs the receiver of docs/webhooks.md, and sends it what a webhook sends. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { signedMessage } from '../../collect-lambdas/shared/webhooks/message.ts';
import { createSender, type Sender } from '../../collect-lambdas/shared/webhooks/sender.ts';
import { generateSecret } from '../../collect-lambdas/shared/webhooks/signature.ts';

const secret = generateSecret();
let folder: string;
let receiver: ChildProcess;
let sender: Sender;
let output = '';
let url: string;

beforeAll(async () => {
  const [, program = ''] = /```js\n(.*?)```/s.exec(readFileSync('docs/webhooks.md', 'utf8')) ?? [];
  folder = mkdtempSync(path.join(tmpdir(), 'collect-receiver-'));
  const file = path.join(folder, 'receiver.mjs');
  writeFileSync(file, program);
  sender = createSender({ allowsLoopback: true });
  receiver = spawn(process.execPath, [file], { env: { SECRET: secret, PORT: '0' } });
  const port = await new Promise<string>((resolve, reject) => {
    receiver.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      const [, found] = /listening on (\d+)/.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    });
    receiver.once('exit', () => reject(new Error(output)));
  });
  url = `http://127.0.0.1:${port}/`;
});
afterAll(() => {
  sender.close();
  receiver.kill();
  rmSync(folder, { recursive: true, force: true });
});

const event = { eventId: '1', payload: { event_id: '1', type: 'flagged', response_id: 'Zoé', revision: 2 } };
const send = (key: string, atMs = Date.now()) => sender.send(signedMessage({ url, secret: key }, event, atMs));

test('the receiver accepts a signed event, and prints a repeated event once', async () => {
  expect([await send(secret), await send(secret)]).toEqual([
    { ok: true, status: 204 },
    { ok: true, status: 204 },
  ]);
  expect(output.match(/flagged Zoé 2/g)).toHaveLength(1);
});

test('the receiver refuses an event with another secret, and an event that was signed an hour ago', async () => {
  expect(await send(generateSecret())).toMatchObject({ status: 401 });
  expect(await send(secret, Date.now() - 3_600_000)).toMatchObject({ status: 401 });
});
