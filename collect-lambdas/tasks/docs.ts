/** API documentation of tasks, people, companies and statuses. Bundles leave it out. */
import { MAX_UPLOAD_ROWS, type Collection } from '../../db-proxy-lambda/contract.ts';
import type { ProblemKind } from '../shared/problem.ts';
import {
  arrayOf,
  ID_SCHEMA,
  jsonReply,
  PAGE_LIMIT,
  ref,
  SAVED_AT,
  type ParameterDocs,
  type RouteDocs,
} from '../shared/route-docs.ts';

interface CollectionTexts {
  /** Singular and plural, in texts and in operation ids (`ids`). */
  one: string;
  many: string;
  ids: { one: string; many: string };
  /** The name of an entry's schema. */
  schema: string;
  example: typeof entry | typeof task;
  /** A sentence that names the unique members. */
  unique?: string;
  filters: Record<string, ParameterDocs>;
}

const entry = { id: 1, name: 'Harvest & Co', created_at: SAVED_AT, updated_at: SAVED_AT };
const person = { ...entry, name: "Amina O'Neil", email: 'amina@example.org', user_id: 'collector-17' };
const task = {
  id: 1,
  owner_id: 1,
  owner: person.name,
  company_id: 1,
  company: entry.name,
  status_id: 1,
  status: 'IN_REVIEW',
  task_date: '2026-09-01',
  description: 'Call back, and ask for the fuel receipt',
  response_id: null,
  created_at: SAVED_AT,
  updated_at: SAVED_AT,
};

const KNOWN_TEXT = { type: 'string', maxLength: 128, pattern: '\\S' };
const NAME = { description: 'Only the entry with this name.', schema: KNOWN_TEXT };
const WINDOW = {
  sort: { description: 'The member to sort by; `-` before it sorts in descending order.' },
  offset: {
    description: 'How many entries to skip at the start.',
    schema: { type: 'integer', minimum: 0, maximum: 999_999_999, default: 0 },
  },
  limit: PAGE_LIMIT,
};

/** The texts that companies and task statuses share. */
const NAMED = { schema: 'Named', unique: 'Names are unique.', filters: { name: NAME, ...WINDOW } };

const COLLECTIONS: Record<Collection | 'tasks', CollectionTexts> = {
  tasks: {
    one: 'task',
    many: 'tasks',
    ids: { one: 'Task', many: 'Tasks' },
    schema: 'Task',
    example: task,
    filters: {
      status: { description: 'Only tasks with this status: its name or its id.' },
      owner: { description: 'Only tasks of this person: the email or the id.' },
      company: { description: 'Only tasks for this company: its name or its id.' },
      date_from: { description: 'Only tasks of this day or later.' },
      date_to: { description: 'Only tasks of this day or earlier.' },
      response_id: { description: 'Only the task that follows up this response.', schema: ID_SCHEMA },
      ...WINDOW,
    },
  },
  people: {
    one: 'person',
    many: 'people',
    ids: { one: 'Person', many: 'People' },
    schema: 'Person',
    example: person,
    unique: 'Emails are unique, and so is each `user_id`.',
    filters: {
      name: NAME,
      email: { description: 'Only the person with this email.' },
      user_id: { description: 'Only the person who is this collector.', schema: KNOWN_TEXT },
      ...WINDOW,
    },
  },
  companies: {
    ...NAMED,
    one: 'company',
    many: 'companies',
    ids: { one: 'Company', many: 'Companies' },
    example: entry,
  },
  task_statuses: {
    ...NAMED,
    one: 'task status',
    many: 'task statuses',
    ids: { one: 'TaskStatus', many: 'TaskStatuses' },
    example: { ...entry, name: 'WAITING' },
  },
};

/** The documentation of a collection's five routes. */
export function collectionDocs(name: Collection | 'tasks') {
  const { one, many, ids, schema, example, unique, filters } = COLLECTIONS[name];
  const conflicts: ProblemKind[] = unique === undefined ? [] : ['already-exists'];
  const withUnique = (description: string): string => [description, unique ?? ''].join(' ').trim();
  const isReferredTo = name !== 'tasks';
  const path = {
    id: {
      description: 'The id.',
      schema: { type: 'integer', minimum: 1, maximum: 999_999_999_999_999 },
      example: 1,
    },
  };
  return {
    list: {
      operationId: `list${ids.many}`,
      summary: `List ${many}`,
      description: `The ${many} that match the filters, from \`offset\` on and at most \`limit\` of them, sorted by id or by \`sort\`.`,
      query: filters,
      replies: {
        200: jsonReply(`The ${many}.`, arrayOf(ref(schema)), [example], {
          'X-Total-Count': { description: 'The total number of matches.', schema: { type: 'integer', minimum: 0 } },
        }),
      },
      problems: ['unavailable'],
      ...(name === 'companies' && { smoke: 'list-companies' }),
    },
    create: {
      operationId: `create${ids.one}`,
      summary: `Add a ${one}`,
      description: withUnique(`Creates a ${one}.`),
      replies: {
        201: jsonReply(`The new ${one}.`, ref(schema), example, {
          Location: { description: 'The address of the new entry.', schema: { type: 'string', pattern: '^/api/v1/' } },
        }),
      },
      problems: [...conflicts, 'unavailable'],
    },
    get: {
      operationId: `get${ids.one}`,
      summary: `One ${one}`,
      description: `The ${one} with this id.`,
      path,
      replies: { 200: jsonReply(`The ${one}.`, ref(schema), example) },
      problems: ['not-found', 'unavailable'],
    },
    change: {
      operationId: `change${ids.one}`,
      summary: `Change a ${one}`,
      description: withUnique('Changes only the members that are sent.'),
      path,
      replies: { 200: jsonReply(`The changed ${one}.`, ref(schema), example) },
      problems: ['not-found', ...conflicts, 'unavailable'],
    },
    delete: {
      operationId: `delete${ids.one}`,
      summary: `Delete a ${one}`,
      description: isReferredTo
        ? `Refused while tasks refer to the ${one}; the reply has their number.`
        : `Deletes the ${one}.`,
      path,
      replies: { 204: { description: `The ${one} is deleted.` } },
      problems: ['not-found', ...(isReferredTo ? (['in-use'] as const) : []), 'unavailable'],
    },
  } satisfies Record<string, RouteDocs>;
}

export const uploadDocs: RouteDocs = {
  operationId: 'uploadTasks',
  summary: 'Add the tasks of a CSV file',
  description: `Creates the tasks in the file, and the people, companies and statuses that it names. If the file has faults, nothing is stored, and the reply lists each fault with its line and column. Uploading a file again adds nothing. The maximum is ${MAX_UPLOAD_ROWS.toLocaleString('en')} tasks and 4.5 MB.`,
  body: {
    'multipart/form-data': {
      type: 'object',
      properties: {
        file: {
          type: 'string',
          format: 'binary',
          contentMediaType: 'text/csv',
          description:
            'CSV in UTF-8 with the header `task_owner,email,company_name,task_date,task_description,task_status`.',
        },
      },
      required: ['file'],
    },
  },
  replies: {
    200: jsonReply('The file is stored.', ref('UploadResult'), { ok: true, count: 2, created: 2, unchanged: 0 }),
  },
  problems: ['not-multipart', 'not-csv', 'too-large', 'unsupported-media-type', 'invalid-file', 'unavailable'],
};
