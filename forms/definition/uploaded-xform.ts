/** The XForm that was uploaded for a form: phones get its bytes unchanged. */
import * as z from 'zod';
import { elementName } from '../values/names.ts';
import { textFault } from '../values/text.ts';

/** The metadata that a phone's app records automatically, by the name that XForms use. */
export const PHONE_METADATA = [
  'start',
  'end',
  'today',
  'username',
  'deviceid',
  'phonenumber',
  'email',
  'subscriberid',
  'simserial',
  'audit',
] as const;

const MAX_NAME = 255;

const shortText = (min: number) =>
  z
    .string()
    .min(min)
    .superRefine((text, context) => {
      const message = textFault(text, { max_length: MAX_NAME, multiline: false });
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    });

/**
 * `id` and `version` are those of the XForm; an XForm without a version has an empty one. `root` is the root element of
 * its instance. `metadata` lists the nodes whose values the phone records: `node` is the path below the root.
 */
export const uploadedXformSchema = z.strictObject({
  id: shortText(1),
  version: shortText(0),
  /** The hash of the bytes, in hexadecimal digits. */
  md5: z.string().regex(/^[0-9a-f]{32}$/),
  root: elementName,
  metadata: z.array(z.strictObject({ node: shortText(1), is: z.enum(PHONE_METADATA) })).max(100),
});

export type UploadedXform = z.infer<typeof uploadedXformSchema>;
