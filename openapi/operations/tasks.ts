import { namedQuery, peopleQuery, tasksQuery } from '../../collect-lambdas/tasks/requests.ts';
import { MAX_UPLOAD_ROWS } from '../../db-proxy-lambda/contract.ts';
import { json, ref, type JsonSchema, type Operations, type Tag } from '../model.ts';
import { ID_SCHEMA, query, type Said } from '../parameters.ts';
import { collectionOperations, WINDOW } from './collection.ts';
import { SAVED_AT } from './samples.ts';

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

const NAME: Said = {
  description: 'Only the one of this name.',
  schema: { type: 'string', maxLength: 128, pattern: '\\S' },
};

const named = (one: string, many: string, path: string, ids: { one: string; many: string }): Operations =>
  collectionOperations({
    path,
    one,
    many,
    ids,
    list: query(namedQuery, { name: NAME, ...WINDOW }),
    schema: 'Named',
    values: 'NamedValues',
    changes: 'NamedChanges',
    example: one === 'company' ? entry : { ...entry, name: 'WAITING' },
    conflicts: 'Names are unlike each other.',
    refers: true,
  });

/** Whom or what a task refers to, by id or by what it is known by. */
const reference = (description: string): Said => ({ description });

const taskList = query(tasksQuery, {
  status: reference('Only those of a status: its name or its id.'),
  owner: reference('Only those of a person: the email or the id.'),
  company: reference('Only those of a company: its name or its id.'),
  date_from: { description: 'Only those of this day or later.' },
  date_to: { description: 'Only those of this day or earlier.' },
  response_id: { description: 'Only the one that follows up this response.', schema: ID_SCHEMA },
  ...WINDOW,
});

const UPLOAD: JsonSchema = {
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
};

const upload: Operations = {
  'POST /api/v1/tasks/upload/': {
    operationId: 'uploadTasks',
    summary: 'Add the tasks of a CSV file',
    description: `Makes the people, companies and statuses that the file names, and its tasks: all of them or, when anything is wrong, none, and says at which line and column. Uploading a file again adds nothing. At most ${MAX_UPLOAD_ROWS.toLocaleString('en')} tasks and 4.5 MB.`,
    body: { 'multipart/form-data': UPLOAD },
    answers: {
      200: {
        description: 'What became of the file.',
        content: json(ref('UploadResult'), { ok: true, count: 2, created: 2, unchanged: 0 }),
      },
    },
    problems: ['not-multipart', 'not-csv', 'too-large', 'unsupported-media-type', 'invalid-file', 'unavailable'],
  },
};

export const tasks: Tag = {
  name: 'tasks',
  description:
    'Tasks, and the people, companies and statuses that they refer to. Every address is also served without its last slash. A flagged response opens a task for its collector (`IN_REVIEW`); a correction that passes closes it (`APPROVED`); a manager may set `REJECTED`.',
  operations: {
    ...collectionOperations({
      path: '/api/v1/tasks/',
      one: 'task',
      many: 'tasks',
      ids: { one: 'Task', many: 'Tasks' },
      list: taskList,
      schema: 'Task',
      values: 'TaskValues',
      changes: 'TaskChanges',
      example: task,
      refers: false,
    }),
    ...upload,
    ...collectionOperations({
      path: '/api/v1/people/',
      one: 'person',
      many: 'people',
      ids: { one: 'Person', many: 'People' },
      list: query(peopleQuery, {
        name: NAME,
        email: { description: 'Only the one with this email.' },
        user_id: {
          description: 'Only the one who is this collector.',
          schema: { type: 'string', maxLength: 128, pattern: '\\S' },
        },
        ...WINDOW,
      }),
      schema: 'Person',
      values: 'PersonValues',
      changes: 'PersonChanges',
      example: person,
      conflicts: 'Nobody has the email or the `user_id` of somebody else.',
      refers: true,
    }),
    ...named('company', 'companies', '/api/v1/companies/', { one: 'Company', many: 'Companies' }),
    ...named('task status', 'task statuses', '/api/v1/task_status/', { one: 'TaskStatus', many: 'TaskStatuses' }),
  },
};
