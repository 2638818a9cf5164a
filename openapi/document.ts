/** Builds the OpenAPI document. */
import * as z from 'zod';
import { ANYBODY } from '../collect-lambdas/shared/access.ts';
import type { ProblemKind } from '../collect-lambdas/shared/problem.ts';
import type { JsonSchema, ReplyDocs } from '../collect-lambdas/shared/route-docs.ts';
import { bodyValue, mediaTypeOf, type EventExample } from './examples.ts';
import { toJsonSchema } from './json-schema.ts';
import type { DocumentedLambda, DocumentedRoute } from './lambdas.ts';
import type { OpenapiDocument, OpenapiOperation, OpenapiParameter, OpenapiResponse, Parameter } from './openapi.ts';
import { parametersOf } from './parameters.ts';
import { problemExamples, problemResponses, problemSchemas, REPLY_KINDS } from './problems.ts';
import { payloadSchemas } from './schemas/payload.ts';
import { replySchemas } from './schemas/replies.ts';
import { bodySchema, requestSchemas } from './schemas/requests.ts';

const DESCRIPTION = `Collect checks each survey response against the rules of its form when the response arrives, and replies with a flag for each broken rule.

An error reply is \`application/problem+json\` (RFC 9457). It lists all faults, each with a pointer to its place and with advice. A \`5xx\` has a \`request_id\` and does not state its cause. A \`503\` acknowledges nothing: send the same request again after \`Retry-After\` seconds. A response that is sent twice is stored once.

Later versions may add members to replies: ignore unknown members. API Gateway itself replies to some requests, with \`{"message": ...}\`: \`401\` if the header \`Authorization\` is missing, \`404\` for an unknown address, \`413\`, \`429\` or \`503\`.`;

const BEARER = {
  type: 'http',
  scheme: 'bearer',
  description:
    'Send a token as `Authorization: Bearer ...`. Managers make tokens (`POST /tokens`). Each token has a role. A collector’s token gives access to that collector’s own responses only. API Gateway caches a token for a minute, so a revoked token may work for up to one more minute.',
};

/**
 * Builds the document of all routes except those of another standard.
 *
 * @param version the version of the package
 * @param events the requests in events/; each becomes an example of its route
 */
export function buildDocument(
  version: string,
  lambdas: readonly DocumentedLambda[],
  events: readonly EventExample[],
): OpenapiDocument {
  const paths: OpenapiDocument['paths'] = {};
  const responses: OpenapiDocument['components']['responses'] = {};
  const described = lambdas
    .map((lambda) => ({ ...lambda, routes: lambda.routes.filter(({ docs }) => docs.standard === undefined) }))
    .filter(({ routes }) => routes.length > 0);
  for (const { name, routes } of described) {
    for (const route of routes) {
      const [method = '', path = ''] = route.key.split(' ');
      const own = events.filter(({ event }) => [route.key, route.docs.examplesOf].includes(event.routeKey));
      (paths[path] ??= {})[method.toLowerCase()] = toOperation(name, route, own, responses);
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
    tags: described.map(({ name, about }) => ({ name, description: about })),
    paths,
    components: {
      schemas: sorted({ ...payloadSchemas, ...requestSchemas, ...replySchemas, ...problemSchemas }),
      responses: sorted(responses),
      examples: problemExamples,
      securitySchemes: { bearerAuth: BEARER },
    },
  };
}

function toOperation(
  tag: string,
  route: DocumentedRoute,
  events: readonly EventExample[],
  named: OpenapiDocument['components']['responses'],
): OpenapiOperation {
  const { roles, docs } = route;
  const { operationId, summary, description, replies } = docs;
  const isOpen = roles === ANYBODY;
  const access = isOpen ? 'No token needed.' : `Allowed roles: ${roles.join(', ')}.`;
  const parameters = parametersOf(route);
  const body = route.body === undefined ? docs.body : { 'application/json': bodySchema(route.body) };
  return {
    operationId,
    summary,
    description: `${description}\n\n${access}`,
    security: isOpen ? [] : [{ bearerAuth: [] }],
    tags: [tag],
    ...(parameters.length > 0 && { parameters: parameters.map((each) => toParameter(each, events)) }),
    ...(body !== undefined && { requestBody: toRequestBody(body, events) }),
    responses: {
      ...Object.fromEntries(Object.entries(replies).map(([status, reply]) => [status, toResponse(reply)])),
      ...problemResponses(problemsOf(route), named),
    },
  };
}

/**
 * The problems that a route documents, and those implied by its roles, query and body, in the order of the catalogue.
 */
export function problemsOf({ roles, query, body, docs }: DocumentedRoute): ProblemKind[] {
  const kinds = new Set<string>([
    ...(docs.problems ?? []),
    ...(roles === ANYBODY ? [] : ['unauthorized', 'forbidden']),
    ...(query === undefined ? [] : ['invalid-parameter']),
    ...(body === undefined ? [] : ['not-json', 'too-large', 'unsupported-media-type', 'invalid-body']),
    'internal',
  ]);
  return REPLY_KINDS.filter((kind) => kinds.has(kind));
}

function toResponse({ content, ...reply }: ReplyDocs): OpenapiResponse {
  if (content === undefined) return reply;
  const converted = Object.entries(content).map(([mediaType, { schema, ...media }]) => [
    mediaType,
    { schema: schema instanceof z.ZodType ? toJsonSchema(schema, 'output') : schema, ...media },
  ]);
  return { ...reply, content: Object.fromEntries(converted) };
}

function toParameter(parameter: Parameter, events: readonly EventExample[]): OpenapiParameter {
  const { in: place, name, required, description, schema, withoutExamples } = parameter;
  const examples = withoutExamples ? {} : examplesOf(parameterExamples(parameter, events));
  return { name, in: place, required, description, schema, ...examples };
}

/** Swagger UI prefills the first example, so a valid one comes first. */
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

/** The value of a parameter in an event, as text; undefined if it is absent. */
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

/** Converts the text of an integer to a number if the schema asks for one. */
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

/** Valid examples first: Swagger UI starts with the first. */
function examplesOf(examples: readonly Example[]) {
  if (examples.length === 0) return {};
  const ordered = examples.toSorted((one, other) => Number(one.refused) - Number(other.refused));
  const entries = ordered.map(({ name, refused, value }) => [
    name,
    { summary: refused ? `${name} (refused)` : name, value },
  ]);
  return { examples: Object.fromEntries(entries) };
}

function sorted<Value>(record: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).toSorted(([one], [other]) => one.localeCompare(other, 'en')));
}
