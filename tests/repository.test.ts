/** Checks that the changelog, the documents and jest's projects agree with the project. */
import { execFileSync } from 'node:child_process';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const textOf = (file: string): string => readFileSync(file, 'utf8');

test('the newest version in the changelog equals that in package.json', () => {
  const { version }: { version: string } = JSON.parse(textOf('package.json'));

  expect(/^## (\S+?),? /m.exec(textOf('CHANGELOG.md'))?.[1]).toBe(version);
});

test('docs/README.md links every document, and each link leads to a file', () => {
  const links = [...textOf('docs/README.md').matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) =>
    path.join('docs', link),
  );

  expect(links).toEqual(expect.arrayContaining(globSync('docs/*.md').filter((file) => file !== 'docs/README.md')));
  for (const link of links)
    expect([link, readdirSync(path.dirname(link))]).toEqual([link, expect.arrayContaining([path.basename(link)])]);
});

test('every test file belongs to one project of jest.config.mjs', () => {
  const jest = path.resolve('node_modules/jest/bin/jest.js');
  const listed = execFileSync(process.execPath, [jest, '--listTests', '.'], { encoding: 'utf8' }).trim().split('\n');
  const files = globSync('**/*.test.ts', { exclude: (file) => /^(node_modules|\.local|\.aws-sam)$/.test(file) });

  expect(listed.map((file) => path.relative('.', file)).toSorted()).toEqual(files.toSorted());
});
