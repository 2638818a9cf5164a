/** Operations on attachments: the files of responses. Their content is in the files bucket. */
import * as z from 'zod';
import { filter } from '../exports/contract.ts';
import { count, id, serverTime, storedFormId } from '../values.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const objectKey = z.string().min(1).max(255);

/** Max characters of an attachment's name, as in an answer (forms/question-types/attachments.ts). */
const MAX_NAME = 255;

/** Max attachments of one response. */
export const MAX_ATTACHMENTS = 2_000;

/** The name by which an answer refers to a file. */
export const fileName = z
  .string()
  .min(1)
  .refine((name) => Array.from(name).length <= MAX_NAME);

/** A file of a response, which is already stored in the files bucket. */
export const attachedFile = z.object({
  name: fileName,
  object_key: objectKey,
  /** The hash of the content. */
  sha256,
  bytes: count,
  /** The content type, such as `image/jpeg`. */
  type: z.string().min(1).max(128),
});

export const attachmentOperations = {
  /**
   * Adds files to a response, which may come later than its files. A file that is stored already, by name and content,
   * stays as it is. When no file that the answers name is missing any more, the flag `MissingAttachment` disappears with
   * the next revision.
   *
   * `only_of`: adds to this collector's response only. `missing`: the names without a file; empty before the response comes.
   */
  addAttachments: {
    input: z.object({ response_id: id, only_of: id.optional(), files: z.array(attachedFile).min(1).max(1_000) }),
    result: z.discriminatedUnion('outcome', [
      z.object({ outcome: z.literal('added'), missing: z.array(z.string()) }),
      z.object({ outcome: z.enum(['other_collector', 'erased']) }),
    ]),
  },
  /**
   * Remembers a file that will be uploaded, so that its arrival is recognised by its key. `stored`: the file is there
   * already. `full`: the response has the maximum number of files.
   */
  awaitUpload: {
    input: z.object({ response_id: id, only_of: id.optional(), file: attachedFile }),
    result: z.object({ outcome: z.enum(['awaited', 'stored', 'full', 'other_collector', 'erased']) }),
  },
  /**
   * Adds an uploaded file to its response, as `addAttachments` does. Idempotent. `unknown`: the object belongs to no
   * response.
   */
  receiveUpload: {
    input: z.object({ object_key: objectKey, type: attachedFile.shape.type }),
    result: z.object({ outcome: z.enum(['added', 'unknown', 'erased']) }),
  },
  /** The files of a response, in order of arrival. `expected`: the names in its answers; `missing`: those without a file. */
  listAttachments: {
    input: z.object({ response_id: id }),
    result: z.discriminatedUnion('outcome', [
      z.object({
        outcome: z.literal('found'),
        form_id: storedFormId,
        user_id: id,
        items: z.array(attachedFile.extend({ created_at: serverTime })),
        expected: z.array(z.string()),
        missing: z.array(z.string()),
      }),
      z.object({ outcome: z.enum(['unknown', 'erased']) }),
    ]),
  },
  /**
   * A page of the files of a form's responses, in order of arrival, as they were at a time: for a ZIP file. `copy` counts
   * the files of a response with the same name, from 1.
   */
  listFilesOfForm: {
    input: z.object({ form_id: storedFormId, until: serverTime, filter, after: count }),
    result: z.object({
      items: z.array(
        attachedFile
          .pick({ name: true, object_key: true, sha256: true })
          .extend({ response_id: id, copy: z.int().min(1), created_at: serverTime }),
      ),
      next: count.nullable(),
    }),
  },
} as const;

export type AttachedFile = z.infer<typeof attachedFile>;
