/** A Python function on the local host. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startHost, type Host } from './host.ts';
import { findPython } from './python.ts';
import { fixtureFolder, functionResource, type FixtureFolder } from '../tests/support/fixture.ts';

const hasPython = spawnSync(findPython(), ['--version']).status === 0;

const HANDLER = `
import os

def handler(event, context):
    if event.get("fail"):
        raise ValueError("no well here")
    if event.get("exit"):
        os._exit(3)
    return {"event": event, "greeting": os.environ["GREETING"], "pid": os.getpid()}
`;

const python = (handler: string) => ({
  Type: 'AWS::Serverless::Function',
  Properties: {
    CodeUri: 'python',
    Handler: handler,
    Runtime: 'python3.13',
    Environment: { Variables: { GREETING: 'good day' } },
  },
});

let folder: FixtureFolder;
let host: Host;
beforeAll(async () => {
  const Resources = {
    Any: python('handler.handler'),
    Broken: python('broken.handler'),
    Node: functionResource('node/index.js'),
  };
  folder = fixtureFolder({
    'template.yaml': JSON.stringify({ Resources }),
    'python/handler.py': HANDLER,
    'python/broken.py': 'raise RuntimeError("cannot start")',
    'node/index.js': 'export const handler = async () => "from Node.js";',
  });
  host = await startHost({
    templateFile: join(folder.path, 'template.yaml'),
    home: join(folder.path, 'home'),
    port: 0,
    maxConcurrency: 1,
  });
});
afterAll(async () => {
  await host.stop();
  folder.remove();
});

async function invoke(name: string, event: unknown = {}) {
  const { payload, isFunctionError } = await host.functions.invoke(name, Buffer.from(JSON.stringify(event)));
  const reply: Record<string, unknown> = JSON.parse(payload.toString());
  return { reply, isFunctionError };
}

(hasPython ? describe : describe.skip)('a Python function (needs python3)', () => {
  test('gets its event and its variables, and the same process runs the next invocation', async () => {
    const first = await invoke('collect-Any', { question: 'ä ✓' });
    const second = await invoke('collect-Any', { question: 'x'.repeat(1_000_000) });

    expect(first).toMatchObject({
      isFunctionError: false,
      reply: { event: { question: 'ä ✓' }, greeting: 'good day', pid: expect.any(Number) },
    });
    expect(second.reply['pid']).toBe(first.reply['pid']);
    expect(second.reply['event']).toEqual({ question: 'x'.repeat(1_000_000) });
  });

  test('that raises returns its error to the caller, and its log has the stack trace', async () => {
    expect(await invoke('collect-Any', { fail: true })).toMatchObject({
      isFunctionError: true,
      reply: { errorType: 'ValueError', errorMessage: 'no well here' },
    });
    expect(readFileSync(join(host.logFolder, 'collect-Any.log'), 'utf8')).toContain('in handler');
  });

  test('whose process ends fails, and the next invocation gets a new process', async () => {
    expect(await invoke('collect-Any', { exit: true })).toMatchObject({
      isFunctionError: true,
      reply: { errorType: 'Runtime.ExitError' },
    });
    expect(await invoke('collect-Any')).toMatchObject({ isFunctionError: false });
  });

  test('that cannot be loaded returns the reason', async () => {
    expect(await invoke('collect-Broken')).toMatchObject({
      isFunctionError: true,
      reply: { errorType: 'RuntimeError', errorMessage: 'cannot start' },
    });
  });
});

test('a Node.js function runs beside Python functions', async () => {
  expect(await invoke('collect-Node')).toEqual({ isFunctionError: false, reply: 'from Node.js' });
});

test('COLLECT_PYTHON names the Python', () => {
  expect(findPython({ COLLECT_PYTHON: '/opt/python3' })).toBe('/opt/python3');
});

test('without Python, an invocation fails with the name of the missing program', async () => {
  const { COLLECT_PYTHON: before } = process.env;
  process.env['COLLECT_PYTHON'] = join(folder.path, 'no-python');
  const home = join(folder.path, 'other-home');
  const other = await startHost({ templateFile: join(folder.path, 'template.yaml'), home, port: 0 });
  if (before === undefined) delete process.env['COLLECT_PYTHON'];
  else process.env['COLLECT_PYTHON'] = before;
  try {
    const { payload } = await other.functions.invoke('collect-Any', Buffer.from('{}'));
    expect(JSON.parse(payload.toString())).toEqual({
      errorType: 'Runtime.InvalidEntrypoint',
      errorMessage: expect.stringContaining('no-python'),
    });
  } finally {
    await other.stop();
  }
});
