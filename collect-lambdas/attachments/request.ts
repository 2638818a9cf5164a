/** The requests about attachments. */
import * as z from 'zod';
import { nameFault } from '../../forms/question-types/attachments.ts';

/** Max bytes of one file. */
export const MAX_ATTACHMENT_BYTES = 100_000_000;

const HASH_ADVICE = 'Send the SHA-256 of the file as 64 lowercase hexadecimal digits.';

/** The body of POST /responses/{response_id}/attachments. */
export const newAttachment = z.strictObject({
  name: z.string('Send the name of the file, as in the answer.').superRefine((name, context) => {
    const message = nameFault(name);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  }),
  bytes: z
    .int('Send the size of the file in bytes.')
    .min(1, 'Send a file that is not empty.')
    .max(MAX_ATTACHMENT_BYTES, `Send a file of at most ${MAX_ATTACHMENT_BYTES} bytes.`),
  sha256: z.string(HASH_ADVICE).regex(/^[\da-f]{64}$/, HASH_ADVICE),
  type: z
    .string('Send a content type, such as image/jpeg.')
    .max(100, 'Send a content type of at most 100 characters.')
    .regex(/^[\w.+-]+\/[\w.+-]+$/, 'Send a content type without parameters, such as image/jpeg.')
    .default('application/octet-stream'),
});
