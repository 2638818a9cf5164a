/** What the API's description says of tasks and of what they refer to. No bundle of a function contains it. */
import { MAX_UPLOAD_ROWS, type Collection } from '../../db-proxy-lambda/contract.ts';
import type { ProblemKind } from '../shared/problem.ts';
import {
  arrayOf,
  ID_SCHEMA,
  json,
  jsonReply,
  PAGE_LIMIT,
  ref,
  SAVED_AT,
  type ParameterDocs,
  type RouteDocs,
} from '../shared/route-docs.ts';

interface CollectionDocs {
  /** What one entry, and several, are called in texts and in operation ids. */
  one: string;
  many: string;
  ids: { one: string; many: string };
  /** The name of an entry's schema. */
  schema: string;
  example: typeof entry | typeof task;
  /** Which members must be unique. */
  unique?: string;
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
const NAME = { description: 'Only the one of this name.', schema: KNOWN_TEXT };
const UNIQUE_NAMES = 'Names are unique.';

const WINDOW = {
  sort: { description: 'The member to sort by; with `-` before it, in descending order.' },
  offset: {
    description: 'How many to leave out at the start.',
    schema: { type: 'integer', minimum: 0, maximum: 999_999_999, default: 0 },
  },
  limit: PAGE_LIMIT,
};

export const TASK_FILTERS = {
  status: { description: 'Only those of a status: its name or its id.' },
  owner: { description: 'Only those of a person: the email or the id.' },
  company: { description: 'Only those of a company: its name or its id.' },
  date_from: { description: 'Only those of this day or later.' },
  date_to: { description: 'Only those of this day or earlier.' },
  response_id: { description: 'Only the one that follows up this response.', schema: ID_SCHEMA },
  ...WINDOW,
};

export const PEOPLE_FILTERS = {
  name: NAME,
  email: { description: 'Only the one with this email.' },
  user_id: { description: 'Only the one who is this collector.', schema: KNOWN_TEXT },
  ...WINDOW,
};

export const NAMED_FILTERS = { name: NAME, ...WINDOW };

const COLLECTIONS: Record<Collection | 'tasks', CollectionDocs> = {
  tasks: {
    one: 'task',
    many: 'tasks',
    ids: { one: 'Task', many: 'Tasks' },
    schema: 'Task',
    example: task,
  },
  people: {
    one: 'person',
    many: 'people',
    ids: { one: 'Person', many: 'People' },
    schema: 'Person',
    example: person,
    unique: 'Emails are unique, and so is each `user_id`.',
  },
  companies: {
    one: 'company',
    many: 'companies',
    ids: { one: 'Company', many: 'Companies' },
    schema: 'Named',
    example: entry,
    unique: UNIQUE_NAMES,
  },
  task_statuses: {
    one: 'task status',
    many: 'task statuses',
    ids: { one: 'TaskStatus', many: 'TaskStatuses' },
    schema: 'Named',
    example: { ...entry, name: 'WAITING' },
    unique: UNIQUE_NAMES,
  },
};

type Name = keyof typeof COLLECTIONS;

const ID = {
  id: {
    description: 'The id.',
    schema: { type: 'integer', minimum: 1, maximum: 999_999_999_999_999 },
    example: 1,
  },
};

/** The problems of a collection whose entries have unique members. */
function conflictsOf(name: Name): ProblemKind[] {
  return COLLECTIONS[name].unique === undefined ? [] : ['already-exists'];
}

function withUnique(name: Name, description: string): string {
  return [description, COLLECTIONS[name].unique ?? ''].join(' ').trim();
}

export function listDocs<Parameter extends string>(
  name: Name,
  query: Record<Parameter, ParameterDocs>,
): RouteDocs<Parameter> {
  const { many, ids, schema, example } = COLLECTIONS[name];
  return {
    operationId: `list${ids.many}`,
    summary: `List ${many}`,
    description: `A window of the ${many} that match the filters, by id unless \`sort\` says otherwise.`,
    query,
    replies: {
      200: {
        description: `The ${many}.`,
        headers: {
          'X-Total-Count': {
            description: 'How many match the filters in all.',
            schema: { type: 'integer', minimum: 0 },
          },
        },
        content: json(arrayOf(ref(schema)), [example]),
      },
    },
    problems: ['unavailable'],
    ...(name === 'companies' && { smoke: 'list-companies' }),
  };
}

export function createDocs(name: Name): RouteDocs {
  const { one, ids, schema, example } = COLLECTIONS[name];
  return {
    operationId: `create${ids.one}`,
    summary: `Add a ${one}`,
    description: withUnique(name, `Makes a ${one}.`),
    replies: {
      201: {
        description: `The new ${one}.`,
        headers: { Location: { description: 'Its address.', schema: { type: 'string', pattern: '^/api/v1/' } } },
        content: json(ref(schema), example),
      },
    },
    problems: [...conflictsOf(name), 'unavailable'],
  };
}

export function getDocs(name: Name): RouteDocs {
  const { one, ids, schema, example } = COLLECTIONS[name];
  return {
    operationId: `get${ids.one}`,
    summary: `One ${one}`,
    description: `The ${one} with this id.`,
    path: ID,
    replies: { 200: jsonReply(`The ${one}.`, ref(schema), example) },
    problems: ['not-found', 'unavailable'],
  };
}

export function changeDocs(name: Name): RouteDocs {
  const { one, ids, schema, example } = COLLECTIONS[name];
  return {
    operationId: `change${ids.one}`,
    summary: `Change a ${one}`,
    description: withUnique(name, 'Changes the members that are sent, and no others.'),
    path: ID,
    replies: { 200: jsonReply(`The ${one} as it is now.`, ref(schema), example) },
    problems: ['not-found', ...conflictsOf(name), 'unavailable'],
  };
}

export function deleteDocs(name: Name): RouteDocs {
  const { one, ids } = COLLECTIONS[name];
  const isReferredTo = name !== 'tasks';
  return {
    operationId: `delete${ids.one}`,
    summary: `Delete a ${one}`,
    description: isReferredTo ? 'Refused while tasks refer to it, with their number.' : `Deletes the ${one}.`,
    path: ID,
    replies: { 204: { description: 'It is deleted.' } },
    problems: ['not-found', ...(isReferredTo ? (['in-use'] as const) : []), 'unavailable'],
  };
}

export const uploadDocs: RouteDocs = {
  operationId: 'uploadTasks',
  summary: 'Add the tasks of a CSV file',
  description: `Makes the tasks of the file, and the people, companies and statuses that it names. If anything is wrong, nothing is stored, and the reply names each line and column. Uploading a file again adds nothing. At most ${MAX_UPLOAD_ROWS.toLocaleString('en')} tasks and 4.5 MB.`,
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
    200: jsonReply('What became of the file.', ref('UploadResult'), { ok: true, count: 2, created: 2, unchanged: 0 }),
  },
  problems: ['not-multipart', 'not-csv', 'too-large', 'unsupported-media-type', 'invalid-file', 'unavailable'],
};
