/** `npm run xlsform` against a running stack. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describeWithPyxform } from '../tests/support/python.ts';
import { fixtureFolder, type FixtureFolder } from '../tests/support/fixture.ts';
import { sampleXform } from '../tests/support/sample-xform.ts';
import { startTestStack, type TestStack } from '../tests/support/test-stack.ts';

const WORKBOOKS = path.resolve('../shared/data/xforms/xlsforms');

let stack: TestStack;
let folder: FixtureFolder;
beforeAll(async () => {
  stack = await startTestStack({ maxConcurrency: 1 });
  const model = '<instance id="d" src="jr://file-csv/districts.csv"/><instance id="p" src="jr://file/pumps.xml"/>';
  folder = fixtureFolder({
    'form.xml': sampleXform({ model }),
    'districts.csv': 'name\nnorth\n',
    'other.csv': 'name\n',
    'broken.xml': '<a>',
  });
});
afterAll(async () => {
  await stack.stop();
  folder.remove();
});

async function run(...words: string[]) {
  const env = { ...process.env, COLLECT_HOME: stack.home };
  const child = spawn(process.execPath, ['ops/xlsform.ts', ...words], { env });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { status: child.exitCode, stdout, stderr };
}

test('uploads an XForm with those of its files that are in its folder, and says which are missing', async () => {
  const file = path.join(folder.path, 'form.xml');
  const tried = await run(file, '--form', 'water_points', '--dry-run');
  const { status, stdout } = await run(file, '--form', 'water_points');

  expect(tried.stdout).toContain('Nothing was stored. The form names these files: districts.csv, pumps.xml.');
  expect(status).toBe(0);
  expect(stdout).toContain('depth: decimal');
  expect(stdout).toContain('Uploaded districts.csv.');
  expect(stdout).toContain('Missing: pumps.xml.');
  expect(stdout).not.toContain('other.csv');
  expect(stdout).toContain('water_points has version 1.');
});

test.each([
  [['broken.xml', '--form', 'wells'], 'The form definition cannot be used.'],
  [['nothing.xlsx', '--form', 'wells'], 'There is no file'],
  [['form.xml'], 'Usage: npm run xlsform'],
  [['form.xml', '--form', 'wells', '--url', 'http://127.0.0.1:1'], 'COLLECT_TOKEN'],
])('says what is wrong: %j', async ([file = '', ...words], reason) => {
  const { status, stderr } = await run(path.join(folder.path, file), ...words);

  expect([status, stderr]).toEqual([1, expect.stringContaining(reason)]);
});

describeWithPyxform('an XLSForm', () => {
  (existsSync(WORKBOOKS) ? describe : describe.skip)('of the field (needs ../shared)', () => {
    test('is converted on this machine and uploaded with its list', async () => {
      const media = path.join(WORKBOOKS, 'media');
      const { status, stdout } = await run(
        path.join(WORKBOOKS, 'clinic_visit.xlsx'),
        '--form',
        'visits',
        '--media',
        media,
      );

      expect([status, stdout]).toEqual([0, expect.stringContaining('visits has version 1.')]);
    });
  });

  test('that is not a workbook is refused with advice', async () => {
    const { stderr } = await run(folder.write('form.xlsx', 'name,label'), '--form', 'wells');

    expect(stderr).toContain('Save it as .xlsx');
  });
});
