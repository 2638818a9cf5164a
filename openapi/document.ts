/** The OpenAPI document, put together. */
import { rolesOf } from '../collect-lambdas/shared/access.ts';
import type { ProblemKind } from '../collect-lambdas/shared/problem.ts';
import { ROLES } from '../db-proxy-lambda/contract.ts';
import { bodyValue, mediaTypeOf, type EventExample } from './examples.ts';
import type { JsonSchema, Operation, Parameter, Tag } from './model.ts';
import type { OpenapiDocument, OpenapiOperation, OpenapiParameter } from './openapi.ts';
import { calculation } from './operations/calculation.ts';
import { collect } from './operations/collect.ts';
import { docs } from './operations/docs.ts';
import { exports } from './operations/exports.ts';
import { forms } from './operations/forms.ts';
import { hello } from './operations/hello.ts';
import { metrics } from './operations/metrics.ts';
import { responses } from './operations/responses.ts';
import { tasks } from './operations/tasks.ts';
import { tokens } from './operations/tokens.ts';
import { problemExamples, problemResponses, problemSchemas, type NamedResponses } from './problems.ts';
import { answerSchemas } from './schemas/answers.ts';
import { payloadSchemas } from './schemas/payload.ts';
import { requestSchemas } from './schemas/requests.ts';

/** Every Lambda that has routes, in the order of the document. */
export const TAGS: readonly Tag[] = [
  collect,
  responses,
  forms,
  exports,
  tokens,
  tasks,
  metrics,
  hello,
  calculation,
  docs,
];

const DESCRIPTION = `Survey responses are checked against their form's rules when they arrive, and come back with the flags that they raise.

Everything that is refused is \`application/problem+json\` (RFC 9457), with every fault at once, each with a pointer and what to do. A \`5xx\` carries a \`request_id\` and no cause; after a \`503\` nothing was acknowledged: send the same again after \`Retry-After\` seconds. A response that is sent twice is stored once.

Answers may gain members; ignore those that you do not know. Before a request reaches this API, API Gateway may answer by itself, with \`{"message": ...}\`: \`401\` without the header \`Authorization\`, \`404\` for an address that does not exist, \`413\`, \`429\` or \`503\`.`;

const BEARER = {
  type: 'http',
  scheme: 'bearer',
  description:
    'A token, in `Authorization: Bearer ...`. A manager makes it (`POST /tokens`); it has a role, and a collector’s is bound to that collector’s own responses. API Gateway keeps what it was told of a token for five minutes: that long one that was revoked may still be taken.',
};

/**
 * The document of everything that the operations say.
 *
 * @param version of the package
 * @param events of events/; those of a route become its examples
 */
export function buildDocument(version: string, events: readonly EventExample[]): OpenapiDocument {
  const paths: OpenapiDocument['paths'] = {};
  const responses: NamedResponses = {};
  for (const { name, operations } of TAGS) {
    for (const [route, operation] of Object.entries(operations)) {
      const [method = '', path = ''] = route.split(' ');
      const shown = [route, operation.examplesOf];
      const own = events.filter(({ event }) => shown.includes(event.routeKey));
      (paths[path] ??= {})[method.toLowerCase()] = toOpenapi(name, route, operation, own, responses);
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Collect',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The API that serves this document.' }],
    security: [],
    tags: TAGS.map(({ name, description }) => ({ name, description })),
    paths,
    components: {
      schemas: sorted({ ...payloadSchemas, ...requestSchemas, ...answerSchemas, ...problemSchemas }),
      responses: sorted(responses),
      examples: problemExamples,
      securitySchemes: { bearerAuth: BEARER },
    },
  };
}

function toOpenapi(
  tag: string,
  route: string,
  operation: Operation,
  events: readonly EventExample[],
  named: NamedResponses,
): OpenapiOperation {
  const { operationId, summary, description, parameters = [], body, answers, problems } = operation;
  const roles = rolesOf(route);
  const isOpen = roles === 'anybody';
  const access = isOpen ? 'Open to anybody.' : `For ${roles.join(', ')}.`;
  const refusals: ProblemKind[] = isOpen
    ? []
    : ['unauthorized', ...(roles.length < ROLES.length ? (['forbidden'] as const) : [])];
  return {
    operationId,
    summary,
    description: `${description}\n\n${access}`,
    security: isOpen ? [] : [{ bearerAuth: [] }],
    tags: [tag],
    ...(parameters.length > 0 && { parameters: parameters.map((each) => toParameter(each, events)) }),
    ...(body !== undefined && { requestBody: toRequestBody(body, events) }),
    responses: { ...answers, ...problemResponses([...problems, ...refusals, 'internal'], named) },
  };
}

function toParameter(parameter: Parameter, events: readonly EventExample[]): OpenapiParameter {
  const { in: place, name, required, description, schema, withoutExamples } = parameter;
  const examples = withoutExamples ? {} : examplesOf(parameterExamples(parameter, events));
  return { name, in: place, required, description, schema, ...examples };
}

/** Swagger UI fills in the first one: never one that is to be refused. */
function parameterExamples(parameter: Parameter, events: readonly EventExample[]): Example[] {
  const { schema, example = schema['default'] } = parameter;
  const sent = events.flatMap(({ name, refused, event }) => {
    const value = parameterValue(parameter, event);
    return value === undefined ? [] : [{ name, refused, value: ofType(schema, value) }];
  });
  if (sent.some(({ refused }) => !refused)) return sent;
  if (example === undefined || (sent.length === 0 && example === schema['default'])) return [];
  return [
    { name: example === schema['default'] ? 'default' : parameter.name, refused: false, value: example },
    ...sent,
  ];
}

/** What an event sends as a parameter, as text; undefined when it does not. */
export function parameterValue({ in: place, name }: Pick<Parameter, 'in' | 'name'>, event: EventExample['event']) {
  const { pathParameters, queryStringParameters, headers } = event;
  switch (place) {
    case 'path':
      return pathParameters?.[name];
    case 'query':
      return queryStringParameters?.[name];
    case 'header':
      return headers[name.toLowerCase()];
  }
}

/** Text as the schema's type, when it is written so. */
export function ofType({ type }: JsonSchema, value: string): unknown {
  return type === 'integer' && /^-?\d+$/.test(value) ? Number(value) : value;
}

function toRequestBody(body: Record<string, JsonSchema>, events: readonly EventExample[]) {
  const content = Object.entries(body).map(([mediaType, schema]) => {
    const sent = events
      .filter(({ event }) => mediaTypeOf(event) === mediaType)
      .map(({ name, refused, event }) => ({ name, refused, value: bodyValue(event) }));
    return [mediaType, { schema, ...examplesOf(sent) }];
  });
  return { required: true, content: Object.fromEntries(content) };
}

interface Example {
  name: string;
  refused: boolean;
  value: unknown;
}

/** Those that are taken first: Swagger UI starts with the first. */
function examplesOf(examples: readonly Example[]) {
  if (examples.length === 0) return {};
  const ordered = examples.toSorted((one, other) => Number(one.refused) - Number(other.refused));
  const entries = ordered.map(({ name, refused, value }) => [
    name,
    { summary: refused ? `${name} (to be refused)` : name, value },
  ]);
  return { examples: Object.fromEntries(entries) };
}

function sorted<Value>(record: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).toSorted(([one], [other]) => one.localeCompare(other, 'en')));
}
