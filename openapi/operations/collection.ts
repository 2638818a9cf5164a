/** The five operations that every collection of the tasks Lambda has. */
import type { ProblemKind } from '../../collect-lambdas/shared/problem.ts';
import { arrayOf, json, ref, type Operations, type Parameter } from '../model.ts';
import { PAGE_LIMIT, pathVariable, type Said } from '../parameters.ts';

export interface Collection {
  /** With its last slash. */
  path: string;
  /** What one of it, and several, are called, and what they are called in operation ids. */
  one: string;
  many: string;
  ids: { one: string; many: string };
  /** Parameters of the list. */
  list: readonly Parameter[];
  /** Names of schemas: of an item, of a new one, and of changes to one. */
  schema: string;
  values: string;
  changes: string;
  example: { id: number };
  /** What must not be the same in two. */
  conflicts?: string;
  /** Whether tasks refer to it. */
  refers: boolean;
}

export const WINDOW = {
  sort: { description: 'By which member, with `-` before it for descending order.' },
  offset: {
    description: 'How many to leave out at the start.',
    schema: { type: 'integer', minimum: 0, maximum: 999_999_999, default: 0 },
  },
  limit: PAGE_LIMIT,
} satisfies Record<string, Said>;

const ID = pathVariable('id', {
  description: 'The id.',
  schema: { type: 'integer', minimum: 1, maximum: 999_999_999_999_999 },
  example: 1,
});

const BODY_PROBLEMS: readonly ProblemKind[] = ['not-json', 'too-large', 'unsupported-media-type', 'invalid-body'];

export function collectionOperations(collection: Collection): Operations {
  const { path, one, many, ids, list, schema, values, changes, example, conflicts, refers } = collection;
  const conflict: ProblemKind[] = conflicts === undefined ? [] : ['already-exists'];
  const rule = conflicts === undefined ? '' : ` ${conflicts}`;
  const item = json(ref(schema), example);
  return {
    [`GET ${path}`]: {
      operationId: `list${ids.many}`,
      summary: `List ${many}`,
      description: `A window of the ${many} that the filters let through, by id unless \`sort\` says otherwise.`,
      parameters: list,
      answers: {
        200: {
          description: `The ${many}.`,
          headers: {
            'X-Total-Count': {
              description: 'How many the filters let through in all.',
              schema: { type: 'integer', minimum: 0 },
            },
          },
          content: json(arrayOf(ref(schema)), [example]),
        },
      },
      problems: ['invalid-parameter', 'unavailable'],
    },
    [`POST ${path}`]: {
      operationId: `create${ids.one}`,
      summary: `Add a ${one}`,
      description: `Makes a ${one}.${rule}`,
      body: { 'application/json': ref(values) },
      answers: {
        201: {
          description: `The new ${one}.`,
          headers: { Location: { description: 'Its address.', schema: { type: 'string', pattern: '^/api/v1/' } } },
          content: item,
        },
      },
      problems: [...BODY_PROBLEMS, ...conflict, 'unavailable'],
    },
    [`GET ${path}{id}/`]: {
      operationId: `get${ids.one}`,
      summary: `One ${one}`,
      description: `The ${one} with this id.`,
      parameters: [ID],
      answers: { 200: { description: `The ${one}.`, content: item } },
      problems: ['not-found', 'unavailable'],
    },
    [`PATCH ${path}{id}/`]: {
      operationId: `change${ids.one}`,
      summary: `Change a ${one}`,
      description: `Changes the members that are sent, and leaves the others.${rule}`,
      parameters: [ID],
      body: { 'application/json': ref(changes) },
      answers: { 200: { description: `The ${one} as it is now.`, content: item } },
      problems: ['not-found', ...BODY_PROBLEMS, ...conflict, 'unavailable'],
    },
    [`DELETE ${path}{id}/`]: {
      operationId: `delete${ids.one}`,
      summary: `Delete a ${one}`,
      description: refers ? `Refused while tasks refer to it, and says how many.` : `Deletes the ${one}.`,
      parameters: [ID],
      answers: { 204: { description: 'It is deleted.' } },
      problems: ['not-found', ...(refers ? (['in-use'] as const) : []), 'unavailable'],
    },
  };
}
