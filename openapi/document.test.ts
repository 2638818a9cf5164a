import { readFileSync } from 'node:fs';
import { createJudge, resolveResponse } from '../tests/support/openapi.ts';
import { readApplication } from '../local/read-application.ts';
import { isRecord, list, text } from '../local/template/values.ts';
import { ofType, parameterValue, TAGS } from './document.ts';
import { bodyValue, mediaTypeOf, readEventExamples, type EventExample } from './examples.ts';
import type { Operation, Tag } from './model.ts';
import type { OpenapiOperation } from './openapi.ts';
import { documentText, OPENAPI_FILE, readDocument } from './read-document.ts';

const document = readDocument();
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, operation })),
);
const judge = createJudge(document, { closed: false });
const closedJudge = createJudge(document, { closed: true });

test('openapi.json is what the code says (`npm run generate` writes it)', () => {
  // As a boolean: a difference of 200 KB would tell nobody anything.
  expect(readFileSync(OPENAPI_FILE, 'utf8') === documentText()).toBe(true);
});

describe('the routes', () => {
  const { functions, routes } = readApplication('template.yaml', {});
  const keyOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;
  const keys = new Set(routes.map(keyOf));
  /** A route that is the same as another but for its last slash has no documentation of its own. */
  const own = routes.filter((route) => !keys.has(`${keyOf(route)}/`));

  test('of template.yaml are documented, and no other', () => {
    expect(new Set(operations.map(({ route }) => route))).toEqual(new Set(own.map(keyOf)));
  });

  test('are tagged with the folder of their Lambda', () => {
    const folders = own.map((route) => {
      const entryPoint = list(functions.find(({ name }) => name === route.functionName)?.build?.['EntryPoints'])[0];
      return [keyOf(route), [text(entryPoint).split('/')[1]]];
    });
    const tags = new Map(operations.map(({ route, operation }) => [route, operation.tags]));
    expect(folders).toEqual(own.map((route) => [keyOf(route), tags.get(keyOf(route))]));
  });

  test('have operation ids unlike each other', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  test('document the variables of their paths', () => {
    const variables = operations.map(({ route }) => [route, [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)]);
    expect(
      operations.map(({ route, operation: { parameters = [] } }) => [
        route,
        parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name),
      ]),
    ).toEqual(variables);
  });
});

describe('the requests of events/', () => {
  /** Refused for what a schema cannot say. */
  const SCHEMA_CANNOT_TELL = new Set([
    'calculation/calculate-beyond-range',
    'docs/get-docs-file-unknown',
    'exports/unknown-table',
    'hello/get-hello-invalid-time-zone',
    'metrics/get-metrics-invalid-period',
    'tasks/upload-tasks-invalid',
  ]);
  /** Taken as a whole, with a response in it that is rejected, as the schema says it would be. */
  const REJECTED_IN_PART = new Set(['collect/batch']);
  const examples = readEventExamples('events').map((example) => [example.file, example] as const);

  /** What does not fit in a request: parameters and body. */
  function faultsOf({ event }: EventExample): string[] {
    const operation = operations.find(({ route }) => route === event.routeKey)?.operation;
    if (operation === undefined) return [`${event.routeKey} is not documented`];
    return [...parameterFaults(operation, event), ...bodyFaults(operation, event)];
  }

  function parameterFaults({ parameters = [] }: OpenapiOperation, event: EventExample['event']): string[] {
    const known = new Set(parameters.filter((each) => each.in === 'query').map(({ name }) => name));
    const unknown = Object.keys(event.queryStringParameters ?? {}).filter((name) => !known.has(name));
    const faults = parameters.flatMap((parameter) => {
      const value = parameterValue(parameter, event);
      if (value === undefined) return parameter.required ? [`${parameter.name} is missing`] : [];
      return judge(parameter.schema, ofType(parameter.schema, value)).map((fault) => `${parameter.name}${fault}`);
    });
    return [...unknown.map((name) => `${name} is unknown`), ...faults];
  }

  function bodyFaults({ requestBody }: OpenapiOperation, event: EventExample['event']): string[] {
    if (requestBody === undefined) return event.body === undefined ? [] : ['there is a body'];
    const mediaType = mediaTypeOf(event);
    const content = requestBody.content[mediaType];
    return content === undefined ? [`${mediaType} is not taken`] : judge(content.schema, bodyValue(event));
  }

  test('are there for every Lambda', () => {
    const folders = new Set(examples.map(([file]) => file.split('/')[0]));
    expect(folders).toEqual(new Set(TAGS.map(({ name }) => name)));
  });

  const fits = ([file, { refused }]: (typeof examples)[number]): boolean =>
    !REJECTED_IN_PART.has(file) && (!refused || SCHEMA_CANNOT_TELL.has(file));

  test.each(examples.filter(fits))('fit their operation: %s', (_file, example) => {
    expect(faultsOf(example)).toEqual([]);
  });

  test.each(examples.filter((each) => !fits(each)))('do not fit it when the name says so: %s', (_file, example) => {
    expect(faultsOf(example)).not.toEqual([]);
  });

  test('are examples of their operation, each under its name', () => {
    const shown = new Map(operations.map(({ route, operation }) => [route, JSON.stringify(operation)]));
    const hasSomethingToShow = ({ event }: EventExample): boolean =>
      event.pathParameters !== undefined || event.queryStringParameters !== undefined || event.body !== undefined;
    const missing = examples
      .filter(([, example]) => hasSomethingToShow(example) && !example.name.includes('content-type'))
      .filter(([, { name, event }]) => !shown.get(event.routeKey)?.includes(`"${name}":{"summary"`));
    expect(missing.map(([file]) => file)).toEqual([]);
  });
});

test('every example of an answer fits its schema, and has no member beside', () => {
  const faults = operations.flatMap(({ route, operation }) =>
    Object.entries(operation.responses).flatMap(([status, response]) =>
      Object.values(resolveResponse(document, response).content ?? {}).flatMap(({ schema, example, examples = {} }) => {
        const named = Object.values(examples).map(({ $ref, value }) => ({
          value: $ref === undefined ? value : document.components.examples[$ref.split('/').at(-1) ?? '']?.value,
        }));
        const values = [...(example === undefined ? [] : [example]), ...named.map((each) => each.value)];
        return values.flatMap((value) => closedJudge(schema, value).map((fault) => `${route} ${status}: ${fault}`));
      }),
    ),
  );
  expect(faults).toEqual([]);
});

test('every operation says what it answers, in words and with an example', () => {
  const silent = TAGS.flatMap(({ operations: own }: Tag) => Object.entries<Operation>(own)).flatMap(
    ([route, operation]) =>
      Object.entries(operation.answers).flatMap(([status, { description, content }]) => {
        const hasExample = content === undefined || Object.values(content).some(({ example }) => example !== undefined);
        return description !== '' && hasExample && operation.description !== '' ? [] : [`${route} ${status}`];
      }),
  );
  expect(silent).toEqual([]);
});

test('every reference leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, pointer = '']) => pointer);
  const dangling = references.filter(
    (pointer) =>
      pointer.split('/').reduce<unknown>((at, step) => (isRecord(at) ? at[step] : undefined), document) === undefined,
  );
  expect(references.length).toBeGreaterThan(100);
  expect(dangling).toEqual([]);
});
