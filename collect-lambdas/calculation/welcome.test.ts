import { readFileSync } from 'node:fs';
import { parse, type Tags } from 'yaml';
import { WELCOME } from './welcome.ts';

interface Template {
  Resources: Record<
    string,
    { Properties?: { Events?: Record<string, { Type: string; Properties: { Method: string; Path: string } }> } }
  >;
}

const cloudFormationTags: Tags = ['Ref', 'GetAtt', 'Sub'].map((name) => ({
  tag: `!${name}`,
  resolve: (text: string) => text,
}));

/** `METHOD /path` of every route; a last slash makes none of its own here. */
function routesOfTemplate(): string[] {
  const template: Template = parse(readFileSync('template.yaml', 'utf8'), {
    customTags: cloudFormationTags,
    logLevel: 'error',
  });
  const events = Object.values(template.Resources).flatMap(({ Properties }) => Object.values(Properties?.Events ?? {}));
  return events
    .filter(({ Type }) => Type === 'HttpApi')
    .map(({ Properties: { Method, Path } }) => withoutLastSlash(`${Method} ${Path}`));
}

function routesOfWelcome(): string[] {
  return [...WELCOME.matchAll(/^ {2}([A-Z ]*[A-Z]) +(\/\S*)/gm)].flatMap(([, methods = '', path = '']) =>
    methods.split(' ').map((method) => withoutLastSlash(`${method} ${path}`)),
  );
}

const withoutLastSlash = (route: string): string => route.replace(/(?<=[^ ])\/$/, '');

describe('the welcome text', () => {
  test('names every route of template.yaml and no other (a new route has its line in welcome.ts)', () => {
    expect(routesOfWelcome().toSorted()).toEqual([...new Set(routesOfTemplate())].toSorted());
  });

  test('fits a terminal', () => {
    expect(Math.max(...WELCOME.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110);
  });
});
