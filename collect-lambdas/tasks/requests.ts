/** Schemas of the bodies and queries of every route. */
import * as z from 'zod';
import { isId, type TaskReference } from '../../db-proxy-lambda/contract.ts';
import { pageLimit } from '../shared/query.ts';
import { day, description, email, entryId, name, userId } from './fields.ts';

/** `sort=task_date` sorts by that column, `sort=-task_date` in descending order; the default is `id`. */
function sortOf<Column extends string>(columns: readonly [Column, ...Column[]]) {
  const known = columns.flatMap((column) => [column, `-${column}`]);
  return z
    .enum(known, `Send one of ${columns.join(', ')}, with a - before it for descending order.`)
    .default('id')
    .transform((sort) => ({
      column: columns.find((column) => sort.replace(/^-/, '') === column) ?? columns[0],
      descending: sort.startsWith('-'),
    }));
}

const offset = z
  .string()
  .regex(/^\d{1,9}$/, 'Send a whole number of 0 or more.')
  .transform(Number)
  .default(0);

const window = { offset, limit: pageLimit };

/**
 * Digits are read as an id, other text as a name or email. An entry whose name consists of digits can be found by its id
 * only.
 */
function referenceOf(advice: string) {
  return z
    .string()
    .min(1, advice)
    .transform((text): TaskReference =>
      /^[1-9]\d{0,14}$/.test(text) ? { id: Number(text) } : { known_by: text.normalize('NFC') },
    );
}

const namedBody = z.strictObject({ name });

/** Companies and task statuses. */
export const namedRequests = {
  query: { name: name.optional(), sort: sortOf(['id', 'name', 'created_at', 'updated_at']), ...window },
  body: namedBody,
  changes: namedBody.partial(),
};

/** Email and user_id are optional, even for a person who owns tasks. */
const personBody = namedBody.extend({ email: email.nullable().optional(), user_id: userId.nullable().optional() });

export const peopleRequests = {
  query: {
    name: name.optional(),
    email: email.optional(),
    user_id: userId.optional(),
    sort: sortOf(['id', 'name', 'email', 'user_id', 'created_at', 'updated_at']),
    ...window,
  },
  body: personBody,
  changes: personBody.partial(),
};

const companyId = entryId.nullable();
const taskMembers = z.strictObject({
  owner_id: entryId,
  company_id: companyId,
  status_id: entryId,
  task_date: day,
  description,
});

export const taskRequests = {
  query: {
    status: referenceOf('Send a status, such as IN_REVIEW, or its id.').optional(),
    owner: referenceOf("Send a person's email, or an id.")
      .transform((owner) => ('id' in owner ? owner : { known_by: owner.known_by.toLowerCase() }))
      .optional(),
    company: referenceOf("Send a company's name, or its id.").optional(),
    date_from: day.optional(),
    date_to: day.optional(),
    response_id: z
      .string()
      .refine(isId, 'Send a response_id: 1 to 128 characters without spaces around it.')
      .optional(),
    sort: sortOf(['id', 'task_date', 'owner', 'company', 'status', 'created_at', 'updated_at']),
    ...window,
  },
  body: taskMembers.extend({ company_id: companyId.default(null) }),
  changes: taskMembers.partial(),
};
