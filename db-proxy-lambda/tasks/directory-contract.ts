/** Operations on the collections that tasks refer to: companies, people and task statuses. */
import * as z from 'zod';
import { count, creationKey, id, rowId, serverTime, sortBy } from '../values.ts';

const collection = z.enum(['companies', 'people', 'task_statuses']);

/** Only people have `email` (in lowercase) and `user_id` (a collector's). Both are unique. */
const email = z.string().min(3).max(254).nullable();
const userId = id.nullable();
const name = z.string().min(1).max(128);

const entry = z.object({
  id: rowId,
  name,
  email: email.optional(),
  user_id: userId.optional(),
  created_at: serverTime,
  updated_at: serverTime,
});

/** The unique members with values that other entries already have, and the ids of those entries. */
const taken = z.object({
  outcome: z.literal('taken'),
  by: z.array(z.object({ member: z.enum(['name', 'email', 'user_id']), id: rowId })),
});
const missing = z.object({ outcome: z.literal('missing') });

const columns = z.enum(['id', 'name', 'email', 'user_id', 'created_at', 'updated_at']);

const own = { error: 'Only people have email and user_id.' };
function hasOwnMembers(of: string, members: object): boolean {
  return of === 'people' || (!('email' in members) && !('user_id' in members));
}

export const directoryOperations = {
  /** One page of a collection, and the total number of entries that match the filter. */
  listDirectory: {
    input: z
      .object({
        collection,
        filter: z.object({ name: z.string(), email: z.string(), user_id: z.string() }).partial(),
        sort: sortBy(columns),
        offset: count,
        limit: z.int().min(1).max(100),
      })
      .refine((input) => hasOwnMembers(input.collection, { ...input.filter, [input.sort.column]: true }), own),
    result: z.object({ items: z.array(entry), total: count }),
  },
  getDirectoryEntry: {
    input: z.object({ collection, id: rowId }),
    result: z.object({ entry: entry.nullable() }),
  },
  createDirectoryEntry: {
    input: z
      .object({
        creation_key: creationKey,
        collection,
        values: z.object({ name, email: email.optional(), user_id: userId.optional() }),
      })
      .refine((input) => hasOwnMembers(input.collection, input.values), own),
    result: z.discriminatedUnion('outcome', [z.object({ outcome: z.literal('created'), entry }), taken]),
  },
  /** Changes the given members and leaves the others. */
  updateDirectoryEntry: {
    input: z
      .object({
        collection,
        id: rowId,
        changes: z.object({ name, email, user_id: userId }).partial(),
      })
      .refine((input) => hasOwnMembers(input.collection, input.changes), own),
    result: z.discriminatedUnion('outcome', [z.object({ outcome: z.literal('updated'), entry }), missing, taken]),
  },
  /** Deletes an entry. If tasks refer to it, returns their number instead. */
  deleteDirectoryEntry: {
    input: z.object({ collection, id: rowId }),
    result: z.discriminatedUnion('outcome', [
      z.object({ outcome: z.literal('deleted') }),
      missing,
      z.object({ outcome: z.literal('in_use'), tasks: z.int().min(1) }),
    ]),
  },
} as const;

export type Collection = z.infer<typeof collection>;
export type DirectoryEntry = z.infer<typeof entry>;
