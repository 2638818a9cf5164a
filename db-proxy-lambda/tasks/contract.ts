/** Operations on tasks. Operations on people, companies and statuses are in directory-contract.ts. */
import * as z from 'zod';
import { calendarDay, count, creationKey, id, rowId, serverTime, sortBy } from '../values.ts';

/** Max rows of an uploaded file, because one call stores the whole file. MAX_FILE_BYTES limits its bytes. */
export const MAX_UPLOAD_ROWS = 20_000;

export const MAX_DESCRIPTION = 4_000;

const description = z.string().min(1).max(MAX_DESCRIPTION);

/** A task that follows up a flag has a response and no company. */
const task = z.object({
  id: rowId,
  owner_id: rowId,
  /** The name of the person. */
  owner: z.string(),
  company_id: rowId.nullable(),
  company: z.string().nullable(),
  status_id: rowId,
  status: z.string(),
  task_date: calendarDay,
  description,
  response_id: id.nullable(),
  created_at: serverTime,
  updated_at: serverTime,
});

const values = task.pick({ owner_id: true, company_id: true, status_id: true, task_date: true, description: true });

/** An entry by its id or its name; a person by id or email. */
const reference = z.union([z.object({ id: rowId }), z.object({ known_by: z.string() })]);

const missing = z.object({ outcome: z.literal('missing') });
const unknownReferences = z.object({
  outcome: z.literal('unknown_references'),
  members: z.array(z.enum(['owner_id', 'company_id', 'status_id'])),
});

/** `[owner's name, email, company, task_date, description, status]`: an array, because keys in 20,000 rows add 1.4 MB. */
const uploadRow = z.tuple([
  z.string().min(1).max(128),
  z.string().min(3).max(254),
  z.string().min(1).max(128),
  calendarDay,
  description,
  z.string().min(1).max(128),
]);

export const taskOperations = {
  /** One page of the tasks, and the total number that match the filter. */
  listTasks: {
    input: z.object({
      filter: z
        .object({
          owner: reference,
          company: reference,
          status: reference,
          /** First and last day, both included. */
          date_from: calendarDay,
          date_to: calendarDay,
          response_id: id,
        })
        .partial(),
      sort: sortBy(z.enum(['id', 'task_date', 'owner', 'company', 'status', 'created_at', 'updated_at'])),
      offset: count,
      limit: z.int().min(1).max(100),
    }),
    result: z.object({ items: z.array(task), total: count }),
  },
  getTask: {
    input: z.object({ id: rowId }),
    result: z.object({ task: task.nullable() }),
  },
  createTask: {
    input: z.object({ creation_key: creationKey, values }),
    result: z.discriminatedUnion('outcome', [z.object({ outcome: z.literal('created'), task }), unknownReferences]),
  },
  /** Changes the given members and leaves the others. */
  updateTask: {
    input: z.object({ id: rowId, changes: values.partial() }),
    result: z.discriminatedUnion('outcome', [
      z.object({ outcome: z.literal('updated'), task }),
      missing,
      unknownReferences,
    ]),
  },
  deleteTask: {
    input: z.object({ id: rowId }),
    result: z.object({ outcome: z.enum(['deleted', 'missing']) }),
  },
  /**
   * Adds the tasks of a file, and the people, companies and statuses that they name, all or nothing. Rows of an earlier
   * upload change nothing; equal rows of one file are separate tasks.
   */
  uploadTasks: {
    input: z.object({ rows: z.array(uploadRow).max(MAX_UPLOAD_ROWS) }),
    result: z.object({ created: count, unchanged: count }),
  },
  /**
   * Follows up one event of a response. A flagged revision opens or reopens the response's task, an accepted one approves
   * it, and so does a manager's decision: `returned` opens or reopens it, `approved` and `rejected` close it. Of several
   * decisions, only the last one has an effect. An assignment gives the task to the new collector. A repeated or older event
   * changes nothing. An edited description stays.
   */
  followUpResponse: {
    input: z.object({
      response_id: id,
      revision: z.int().min(1),
      type: z.enum(['flagged', 'accepted', 'corrected', 'approved', 'returned', 'rejected', 'assigned']),
      /** The decision or assignment. Earlier releases send none. */
      review_id: id.optional(),
      /** The collector, who owns the task. A person with this user_id is created if there is none. */
      user_id: id,
      task_date: calendarDay,
      description,
    }),
    result: z.object({ outcome: z.enum(['opened', 'reopened', 'approved', 'rejected', 'assigned', 'unchanged']) }),
  },
} as const;

export type Task = z.infer<typeof task>;
export type TaskReference = z.infer<typeof reference>;
export type UploadRow = z.infer<typeof uploadRow>;
