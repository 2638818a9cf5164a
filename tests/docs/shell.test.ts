/** Runs the shell blocks of the documents, in order, against the stack of `npm run demo -- --keep`. */
import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateHouseholds } from '../../demo/households.ts';
import { readShellBlocks } from './shell-blocks.ts';

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  ...[
    'api.md',
    'forms.md',
    'clinic.md',
    'form-page.md',
    'local.md',
    'exports.md',
    'attachments.md',
    'reviews.md',
    'quality.md',
    'webhooks.md',
  ].map((file) => path.join('docs', file)),
];

/** The address in the documents. */
const DOCUMENTED = 'localhost:3000';

const { PATH, NODE_COMPILE_CACHE } = process.env;

let folder: string;
let demo: ChildProcess;
let output = '';
let ended: Promise<unknown>;

const printed = (pattern: RegExp): string => pattern.exec(output)?.[1] ?? '';

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'collect-shell-'));
  const input = path.join(folder, 'households.ndjson');
  writeFileSync(input, [...generateHouseholds(8, 1)].map((household) => JSON.stringify(household)).join('\n'));
  demo = spawn('npm', ['run', 'demo', '--silent', '--', '--keep', '--input', input], {
    env: { PATH, NODE_COMPILE_CACHE, COLLECT_HOME: folder },
  });
  ended = new Promise((resolve) => demo.once('close', resolve));
  await new Promise<void>((ready, fail) => {
    const hear = (chunk: string): void => {
      output += chunk;
      if (output.includes('Ctrl-C')) ready();
    };
    demo.stdout?.setEncoding('utf8').on('data', hear);
    demo.stderr?.setEncoding('utf8').on('data', hear);
    void ended.then(() => fail(new Error(output)));
  });
  makeCurl();
});

afterAll(async () => {
  try {
    await expectCleanEnd();
  } finally {
    demo.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Makes a curl that redirects the documents' address to the stack, and fails if the stack refuses a request. */
function makeCurl(): void {
  const bin = path.join(folder, 'bin');
  const { host } = new URL(printed(/running at (\S+)/));
  const script = `#!/bin/sh\nPATH=\${PATH#*:} exec curl --fail-with-body --connect-to ${DOCUMENTED}:${host} "$@"\n`;
  mkdirSync(bin);
  writeFileSync(path.join(bin, 'curl'), script);
  chmodSync(path.join(bin, 'curl'), 0o755);
}

/** A copy of the project in which `.local` is the stack's home, so that the blocks do not change the project. */
function checkout(name: string): string {
  const copy = path.join(folder, name.replaceAll('/', '-'));
  mkdirSync(copy);
  for (const entry of readdirSync('.')) symlinkSync(path.resolve(entry), path.join(copy, entry));
  rmSync(path.join(copy, '.local'), { force: true });
  symlinkSync(printed(/COLLECT_HOME=(\S+)/), path.join(copy, '.local'));
  return copy;
}

function run(script: string, cwd: string): Promise<{ status: number | null; text: string }> {
  const bash = spawn('bash', ['-c', script], {
    cwd,
    env: { PATH: `${path.join(folder, 'bin')}:${PATH}`, HOME: folder },
  });
  let text = '';
  bash.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  bash.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return new Promise((resolve) => bash.once('close', (status) => resolve({ status, text })));
}

test.each(DOCUMENTS)('the shell blocks of %s work and print what is shown below them', async (document) => {
  const blocks = readShellBlocks(readFileSync(document, 'utf8')).filter(({ isRun }) => isRun);
  const script = blocks.map(({ line, code }) => `printf '\\n${markOf(document, line)}\\n'\n${code}`).join('\n');

  const { status, text } = await run(`set -euo pipefail\n${script}`, checkout(document));

  expect(status === 0 ? 'worked' : text).toBe('worked');
  expect(blocks.length).toBeGreaterThan(0);
  for (const { line, shown } of blocks) {
    const [, after = ''] = text.split(`${markOf(document, line)}\n`);
    const [output = ''] = after.split(markOf(document, ''));
    expect(missingFrom(output, shown)).toEqual([]);
  }
});

function markOf(document: string, line: number | string): string {
  return `--- ${document}:${line}`;
}

/** The parts that an output lacks; each is searched after the one before it. */
function missingFrom(output: string, parts: readonly string[]): string[] {
  let from = 0;
  return parts.filter((part) => {
    const at = output.indexOf(part, from);
    if (at >= 0) from = at + part.length;
    return at < 0;
  });
}

test('the example in docs/forms.md equals docs/examples/wells.json', () => {
  const [, example = ''] = /```json\n(.*?)```/s.exec(readFileSync('docs/forms.md', 'utf8')) ?? [];

  expect(JSON.parse(example)).toEqual(JSON.parse(readFileSync('docs/examples/wells.json', 'utf8')));
});

test('the links that the demo prints work', async () => {
  const links = output.match(/http:\S+/g) ?? [];

  const statuses = await Promise.all(links.map(async (link) => (await fetch(link)).status));

  expect(links.length).toBeGreaterThan(0);
  expect(statuses).toEqual(links.map(() => 200));
});

/** Runs in afterAll, because it ends the demo. */
async function expectCleanEnd(): Promise<void> {
  const files = output.match(/\/\S+\.(?:csv|html)$/gm) ?? [];

  demo.kill('SIGTERM');

  expect(await ended).toBe(0);
  await expect(fetch(printed(/running at (\S+)/))).rejects.toThrow('fetch failed');
  expect(files.map((file) => [path.basename(file), existsSync(file)])).toEqual([
    ['household_finances.csv', true],
    ['household_finances.html', true],
  ]);
}
