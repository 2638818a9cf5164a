/** The files that are derived from the routes. */
import { readFileSync } from 'node:fs';
import { ANYBODY } from '../collect-lambdas/shared/access.ts';
import { buildDocument } from './document.ts';
import { readEventExamples } from './examples.ts';
import { readLambdas, type DocumentedLambda } from './lambdas.ts';
import type { OpenapiDocument } from './openapi.ts';

/** The document that the docs Lambda serves. */
export const OPENAPI_FILE = 'collect-lambdas/docs/openapi.json';

/** Builds the document of the project in the working directory. */
export function readDocument(lambdas: readonly DocumentedLambda[] = readLambdas()): OpenapiDocument {
  const { version }: { version: string } = JSON.parse(readFileSync('package.json', 'utf8'));
  return buildDocument(version, lambdas, readEventExamples('events'));
}

/** The text of every generated file, by its path. */
export function generatedFiles(): Record<string, string> {
  const lambdas = readLambdas();
  return {
    [OPENAPI_FILE]: toJson(readDocument(lambdas)),
    'collect-lambdas/calculation/welcome.json': toJson(welcomeLines(lambdas)),
    'collect-lambdas/pre-traffic/smoke-events.json': toJson(smokeEvents(lambdas)),
    'docs/api.md': withAccessTable(readFileSync('docs/api.md', 'utf8'), lambdas),
  };
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The lines of the reply to `GET /`. */
function welcomeLines(lambdas: readonly DocumentedLambda[]): string[] {
  const list = lambdas.flatMap(({ name, routes }) => [
    '',
    `${name}:`,
    ...routes.map(({ key, docs }) => {
      const [method = '', path = ''] = key.split(' ');
      return `  ${method.padEnd(8)}${path.padEnd(36)}${docs.summary}`;
    }),
  ]);
  return [
    'Welcome to Collect: survey responses are checked on arrival, and come back with their flags.',
    'GET /docs documents every route.',
    ...list,
  ];
}

/**
 * The request that tests a new version of each Lambda, and the statuses that a working version may return. 404 is one
 * of
 * them if the requested item may not exist yet.
 */
function smokeEvents(lambdas: readonly DocumentedLambda[]) {
  const examples = readEventExamples('events');
  return lambdas.map(({ name, routes }) => {
    const [route, ...others] = routes.filter(({ docs }) => docs.smoke !== undefined);
    const event = examples.find(({ file }) => file === `${name}/${route?.docs.smoke}`)?.event;
    if (route === undefined || others.length > 0 || event?.routeKey !== route.key) {
      throw new Error(
        `One route of ${name} must have \`smoke\`: the name of a file in events/${name} that requests it.`,
      );
    }
    return { lambda: name, statuses: route.docs.problems?.includes('not-found') ? [200, 404] : [200], event };
  });
}

const TABLE_START = '<!-- The table of routes, written by `npm run generate`. -->\n';
const TABLE_END = '<!-- The end of the table of routes. -->\n';

/** Replaces the table of routes. Each row has the routes of one Lambda that the same callers may call. */
function withAccessTable(text: string, lambdas: readonly DocumentedLambda[]): string {
  const start = text.indexOf(TABLE_START) + TABLE_START.length;
  const end = text.indexOf(TABLE_END);
  if (start < TABLE_START.length || end < start) throw new Error(`docs/api.md must contain ${TABLE_START}${TABLE_END}`);
  const rows = lambdas.flatMap(({ routes }) =>
    [...Map.groupBy(routes, ({ roles }) => [roles].flat().join())].map(([callers, same]) => {
      const may = ['collector', 'viewer', 'manager', ANYBODY].map((caller) =>
        callers === ANYBODY || callers.split(',').includes(caller) ? 'yes' : '',
      );
      return `| ${[same.map(({ key }) => `\`${key}\``).join(', '), ...may].join(' | ')} |`;
    }),
  );
  const head = ['| route | collector | viewer | manager | without a token |', '|---|---|---|---|---|'];
  return `${text.slice(0, start)}${[...head, ...rows].join('\n')}\n${text.slice(end)}`;
}
