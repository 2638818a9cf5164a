import { readFileSync } from 'node:fs';
import { createValidator, resolveResponse } from '../tests/support/openapi.ts';
import { readApplication } from '../local/read-application.ts';
import { isRecord, list, text } from '../local/template/values.ts';
import { ANYBODY } from '../collect-lambdas/shared/access.ts';
import { ofType, parameterValue } from './document.ts';
import { bodyValue, mediaTypeOf, readEventExamples, type EventExample } from './examples.ts';
import { generatedFiles, readDocument } from './generated.ts';
import { readLambdas } from './lambdas.ts';
import type { OpenapiOperation } from './openapi.ts';

const lambdas = readLambdas();
const document = readDocument(lambdas);
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, operation })),
);
const validate = createValidator(document, { closed: false });
const validateClosed = createValidator(document, { closed: true });

const generated = Object.entries(generatedFiles());

test.each(generated)('%s is up to date (`npm run generate` writes it)', (file, text) => {
  // Compared as a boolean, because the diff of a large file would be unreadable.
  expect(readFileSync(file, 'utf8') === text).toBe(true);
});

test('the list of GET / fits a terminal', () => {
  const lines: string[] = JSON.parse(Object.fromEntries(generated)['collect-lambdas/calculation/welcome.json'] ?? '');

  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(110);
});

describe('the routes', () => {
  const { functions, routes } = readApplication('template.yaml', {});
  const keyOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;
  const keys = new Set(routes.map(keyOf));
  /** Routes with and without a trailing slash count once. */
  const own = routes.filter((route) => !keys.has(`${keyOf(route)}/`));
  const declared = lambdas.flatMap((lambda) => lambda.routes);

  test('are the same in template.yaml and in routes.ts', () => {
    expect(declared.map(({ key }) => key).toSorted()).toEqual(own.map(keyOf).toSorted());
  });

  test('have an authorizer in template.yaml if, and only if, they need a token', () => {
    const open = (isOpen: (key: string) => boolean) => routes.map(keyOf).filter((key) => isOpen(key));
    const roles = new Map(
      declared.flatMap(({ key, roles: each }) => [
        [key, each],
        [key.replace(/(?<=[^ ])\/$/, ''), each],
      ]),
    );
    const unguarded = new Set(routes.filter(({ authorizer }) => authorizer === undefined).map(keyOf));
    expect(open((key) => roles.get(key) === ANYBODY)).toEqual(open((key) => unguarded.has(key)));
  });

  test('are declared by the Lambda that serves them in template.yaml', () => {
    const folders = own.map((route) => {
      const entryPoint = list(functions.find(({ name }) => name === route.functionName)?.build?.['EntryPoints'])[0];
      return [keyOf(route), [text(entryPoint).split('/')[1]]];
    });
    const tags = new Map(lambdas.flatMap(({ name, routes: each }) => each.map(({ key }) => [key, [name]])));
    expect(folders).toEqual(own.map((route) => [keyOf(route), tags.get(keyOf(route))]));
  });

  test('have unique operation ids', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });
});

describe('the requests in events/', () => {
  /** Refused for reasons that a schema cannot express. */
  const REFUSED_BY_CODE = new Set([
    'calculation/calculate-beyond-range',
    'docs/get-docs-file-unknown',
    'exports/unknown-table',
    'hello/get-hello-invalid-time-zone',
    'metrics/get-metrics-invalid-period',
    'pages/get-asset-unknown',
    'tasks/upload-tasks-invalid',
  ]);
  /** The batch is accepted, but one response in it violates the schema and is rejected. */
  const REJECTED_IN_PART = new Set(['collect/batch']);
  const all = readEventExamples('events').map((example) => [example.file, example] as const);
  /** Routes that another standard describes; the document leaves them out. */
  const standard = new Set(
    lambdas.flatMap(({ routes }) => routes.flatMap(({ key, docs }) => (docs.standard ? [key] : []))),
  );
  const examples = all.filter(([, { event }]) => !standard.has(event.routeKey));

  /** How the parameters and the body of a request violate the schema. */
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
      return validate(parameter.schema, ofType(parameter.schema, value)).map((fault) => `${parameter.name}${fault}`);
    });
    return [...unknown.map((name) => `${name} is unknown`), ...faults];
  }

  function bodyFaults({ requestBody }: OpenapiOperation, event: EventExample['event']): string[] {
    if (requestBody === undefined) return event.body === undefined ? [] : ['the body is not documented'];
    const mediaType = mediaTypeOf(event);
    const content = requestBody.content[mediaType];
    return content === undefined ? [`${mediaType} is not documented`] : validate(content.schema, bodyValue(event));
  }

  test('exist for every Lambda', () => {
    const folders = new Set(all.map(([file]) => file.split('/')[0]));
    expect(folders).toEqual(new Set(lambdas.map(({ name }) => name)));
  });

  test('have an authorizer context if the route needs a token', () => {
    const silent = examples.filter(
      ([, { event }]) =>
        operations.find(({ route }) => route === event.routeKey)?.operation.security.length !== 0 &&
        event.requestContext.authorizer === undefined,
    );
    expect(silent.map(([file]) => file)).toEqual([]);
  });

  const isValid = ([file, { refused }]: (typeof examples)[number]): boolean =>
    !REJECTED_IN_PART.has(file) && (!refused || REFUSED_BY_CODE.has(file));

  test.each(examples.filter(isValid))('match the schema of their operation: %s', (_file, example) => {
    expect(faultsOf(example)).toEqual([]);
  });

  test.each(examples.filter((each) => !isValid(each)))(
    'violate the schema if their file name says that they are refused: %s',
    (_file, example) => {
      expect(faultsOf(example)).not.toEqual([]);
    },
  );

  test('are examples of their operation, named after their file', () => {
    const shown = new Map(operations.map(({ route, operation }) => [route, JSON.stringify(operation)]));
    const hasSomethingToShow = ({ event }: EventExample): boolean =>
      event.pathParameters !== undefined || event.queryStringParameters !== undefined || event.body !== undefined;
    const missing = examples
      .filter(([, example]) => hasSomethingToShow(example) && !example.name.includes('content-type'))
      .filter(([, { name, event }]) => !shown.get(event.routeKey)?.includes(`"${name}":{"summary"`));
    expect(missing.map(([file]) => file)).toEqual([]);
  });
});

test('every example reply matches its schema and has no extra members', () => {
  const faults = operations.flatMap(({ route, operation }) =>
    Object.entries(operation.responses).flatMap(([status, response]) =>
      Object.values(resolveResponse(document, response).content ?? {}).flatMap(({ schema, example, examples = {} }) => {
        const named = Object.values(examples).map(({ $ref, value }) => ({
          value: $ref === undefined ? value : document.components.examples[$ref.split('/').at(-1) ?? '']?.value,
        }));
        const values = [...(example === undefined ? [] : [example]), ...named.map((each) => each.value)];
        return values.flatMap((value) => validateClosed(schema, value).map((fault) => `${route} ${status}: ${fault}`));
      }),
    ),
  );
  expect(faults).toEqual([]);
});

test('every route has a description, and each of its replies a description and an example', () => {
  const silent = lambdas.flatMap(({ routes }) =>
    routes.flatMap(({ key, docs }) =>
      Object.entries(docs.replies).flatMap(([status, { description, content }]) => {
        const hasExample = content === undefined || Object.values(content).some(({ example }) => example !== undefined);
        return description !== '' && hasExample && docs.description !== '' ? [] : [`${key} ${status}`];
      }),
    ),
  );
  expect(silent).toEqual([]);
});

test('every reference resolves', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, pointer = '']) => pointer);
  const dangling = references.filter(
    (pointer) =>
      pointer.split('/').reduce<unknown>((at, step) => (isRecord(at) ? at[step] : undefined), document) === undefined,
  );
  expect(references.length).toBeGreaterThan(100);
  expect(dangling).toEqual([]);
});
