/** The files that are derived from the routes and the question types. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { ANYBODY } from '../collect-lambdas/shared/access.ts';
import { type Item, itemDefinition, QUESTION_TYPES } from '../forms/question-types/index.ts';
import { SECTIONS } from '../forms/question-types/sections.ts';
import { questionMembers } from '../forms/question-types/question-type.ts';
import { buildDocument } from './document.ts';
import { readEventExamples } from './examples.ts';
import { readLambdas, type DocumentedLambda, type DocumentedRoute } from './lambdas.ts';
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
    'docs/api.md': withTable('docs/api.md', 'routes', accessTable(lambdas)),
    'docs/forms.md': withTable('docs/forms.md', 'question types', questionTypesTable()),
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
 * The request that tests a new version of each Lambda, and the statuses that a working version may return. These
 * include 404 if the requested item may not exist yet, and 403 for a route of OpenRosa.
 */
function smokeEvents(lambdas: readonly DocumentedLambda[]) {
  const examples = readEventExamples('events');
  return lambdas.map(({ name, routes }) => {
    const [route, ...others] = routes.filter(({ docs }) => docs.smoke !== undefined);
    const event = examples.find(({ file }) => file === `${name}/${route?.docs.smoke}`)?.event;
    if (route === undefined || others.length > 0 || event?.routeKey !== route.key) {
      throw new Error(
        `One route of ${name} must have \`smoke\`: the name of a file in events/${name} that requests this route.`,
      );
    }
    // A route of OpenRosa checks the token in its path itself. No server knows the token in the example event.
    const refusals = [
      route.docs.problems?.includes('not-found') ? [404] : [],
      route.docs.standard === 'OpenRosa' ? [403] : [],
    ];
    return { lambda: name, statuses: [200, ...refusals.flat()], event };
  });
}

/** Returns a document's text, with the table of `what` between the two comments that mark its place. */
function withTable(file: string, what: string, table: readonly string[]): string {
  const before = `<!-- The table of ${what}, written by \`npm run generate\`. -->\n`;
  const after = `<!-- The end of the table of ${what}. -->\n`;
  const text = readFileSync(file, 'utf8');
  const start = text.indexOf(before) + before.length;
  const end = text.indexOf(after);
  if (start < before.length || end < start) throw new Error(`${file} must contain ${before}${after}`);
  return `${text.slice(0, start)}${table.join('\n')}\n${text.slice(end)}`;
}

/** Whether the API's documents describe a route. They leave out the routes of field apps: OpenRosa describes those. */
function isOfApi({ docs }: DocumentedRoute): boolean {
  return docs.standard === undefined;
}

/** One row for the routes of a Lambda that have the same roles. */
function accessTable(lambdas: readonly DocumentedLambda[]): string[] {
  const rows = lambdas.flatMap(({ routes }) =>
    [...Map.groupBy(routes.filter(isOfApi), ({ roles }) => [roles].flat().join())].map(([callers, same]) => {
      const may = ['collector', 'viewer', 'manager', ANYBODY].map((caller) =>
        callers === ANYBODY || callers.split(',').includes(caller) ? 'yes' : '',
      );
      return `| ${[same.map(({ key }) => `\`${key}\``).join(', '), ...may].join(' | ')} |`;
    }),
  );
  return ['| route | collector | viewer | manager | without a token |', '|---|---|---|---|---|', ...rows];
}

function describeType(type: Item['type']): { takes: string; comparedAs: string } {
  if (type === 'group') return { takes: SECTIONS.group, comparedAs: '' };
  if (type === 'repeat') return { takes: SECTIONS.repeat, comparedAs: 'the number of an entry, from 1' };
  const { takes, kind } = QUESTION_TYPES[type];
  return { takes, comparedAs: kind?.name ?? 'what its expression gives' };
}

/** One row for each question type, from the declarations in its file. */
function questionTypesTable(): string[] {
  const rows = itemDefinition.options.map(({ shape }) => {
    const type = shape.type.value;
    const { takes, comparedAs } = describeType(type);
    const own = Object.entries<z.ZodType>(shape).filter(
      ([member]) => member !== 'type' && !Object.hasOwn(questionMembers, member),
    );
    const members = own.map(([member, schema]) =>
      schema instanceof z.ZodDefault ? `\`${member}\` (${String(schema.def.defaultValue)})` : `\`${member}\``,
    );
    return `| \`${type}\` | ${takes} | ${members.join(', ')} | ${comparedAs} |`;
  });
  return ['| type | what it takes | own members (default) | rules compare it as |', '|---|---|---|---|', ...rows];
}
