/** API documentation of the routes of XForms. Bundles leave it out. */
import * as z from 'zod';
import { FORM_ID_SCHEMA, jsonReply, SAVED_AT, type ParameterDocs, type RouteDocs } from '../shared/route-docs.ts';

const FORM_ID: ParameterDocs = { description: 'The id of a form.', schema: FORM_ID_SCHEMA, example: 'water_points' };
const PATH = { form_id: FORM_ID };

const FILE: ParameterDocs = {
  description: 'The name of the file, as the XForm has it.',
  schema: { type: 'string', minLength: 1, pattern: '^(?!\\.+$)[^/\\\\]+$' },
  example: 'districts.csv',
};

const TEXT = { type: 'string' };
const BYTES = { type: 'string', format: 'binary' };
const MD5 = '5d41402abc4b2a76b9719d911017c592';

const textsSchema = () => z.union([z.string(), z.record(z.string(), z.string())]);

const reportSchema = () =>
  z.object({
    questions: z.array(
      z.object({
        path: z.string().describe('The path in rules and responses.'),
        type: z.string(),
        label: textsSchema().optional(),
        checks: z.array(
          z.object({
            what: z.enum(['type', 'required', 'relevant', 'constraint', 'calculate', 'options']),
            where: z.enum(['server', 'phone']).describe('`phone`: only the phone checks it.'),
            why: z.string().optional().describe('Why the server does not check it, or checks less.'),
          }),
        ),
      }),
    ),
    warnings: z.array(
      z.object({ path: z.string().optional().describe('The place in the XForm.'), detail: z.string() }),
    ),
  });

const mediaSchema = () =>
  z.object({
    files: z.array(z.object({ name: z.string(), md5: z.string() })),
    missing: z.array(z.string()).describe('Files that the XForm names and that were not uploaded.'),
  });

const identitySchema = () =>
  z.object({
    id: z.string().describe('The id in the XForm.'),
    version: z.string().describe('The version in the XForm; empty if it has none.'),
    md5: z.string().describe('Of the bytes that phones get.'),
  });

const storedSchema = () =>
  z.object({
    form_id: z.string(),
    version: z.int().min(1),
    created_at: z.string(),
    xform: identitySchema(),
    report: reportSchema(),
    media: mediaSchema(),
  });

const triedSchema = () =>
  z.object({
    form_id: z.string(),
    dry_run: z.literal(true),
    xform: identitySchema(),
    report: reportSchema(),
    media: z.array(z.string()).describe('The files that the XForm names.'),
  });

const ABOUT = {
  form_id: 'water_points',
  xform: { id: 'water_points', version: '2026090101', md5: MD5 },
  report: {
    questions: [
      {
        path: 'depth',
        type: 'decimal',
        label: 'How deep is the well, in metres?',
        checks: [
          { what: 'type', where: 'server' },
          { what: 'constraint', where: 'phone', why: 'It calls the function random, which only phones know.' },
        ],
      },
    ],
    warnings: [{ path: '/data/film', detail: 'A video of more than 4 MB cannot be sent.' }],
  },
};
const MEDIA = { files: [{ name: 'districts.csv', md5: MD5 }], missing: ['pump.png'] };
const STORED = { ...ABOUT, version: 1, created_at: SAVED_AT, media: MEDIA };

const DESCRIPTION = `Stores an XForm, or an XLSForm workbook (.xlsx), which pyxform converts to an XForm. Phones get the XForm byte for byte as it was uploaded. Collect translates it to a form definition: what it can check itself, it checks; \`report\` says for each question what only the phone checks, and why. Rules, facts and other members of the newest version that the XForm cannot express are kept.

An XForm is refused with a pointer to the place in it if it is encrypted, if it names an absolute address for submissions, or if nothing fills its \`meta/instanceID\`. A version is stored once: the same version with other bytes is \`409\`, and the same bytes again change nothing. An XForm id belongs to one form.

With \`dry_run=true\` nothing is stored.`;

export const PUT_XFORM = (): RouteDocs<'dry_run'> => ({
  operationId: 'putXform',
  summary: 'Upload an XForm or an XLSForm',
  description: DESCRIPTION,
  path: PATH,
  query: {
    dry_run: {
      description: 'Whether to reply with the report only.',
      schema: { enum: ['true', 'false'] },
      withoutExamples: true,
    },
  },
  headers: {
    'If-Match': {
      description: 'The `ETag` of `GET /forms/{form_id}` on which the upload is based; `412` if it is not the newest.',
      schema: { type: 'string', pattern: '^"[1-9]\\d{0,8}"$' },
      withoutExamples: true,
    },
  },
  body: {
    'application/octet-stream': BYTES,
    'text/xml': TEXT,
    'application/xml': TEXT,
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': BYTES,
  },
  replies: {
    200: jsonReply(
      'The new version, the newest version if nothing changed, or the report of a dry run.',
      z.union([storedSchema(), triedSchema()]),
      { ...STORED, version: 2 },
    ),
    201: jsonReply('A new form.', storedSchema(), STORED),
  },
  problems: [
    'xform-version-taken',
    'xform-id-taken',
    'form-changed',
    'too-large',
    'unsupported-media-type',
    'invalid-form',
    'invalid-file',
    'not-installed',
    'unavailable',
  ],
});

export const GET_XFORM = (): RouteDocs => ({
  operationId: 'getXform',
  summary: 'The XForm of a form',
  description:
    'The newest version, byte for byte as it was uploaded; the generated XForm of a form that was sent as JSON.',
  path: PATH,
  replies: {
    200: {
      description: 'The XForm.',
      headers: { ETag: { description: 'The MD5 of the bytes.', schema: { type: 'string' } } },
      content: { 'text/xml': { schema: TEXT, example: '<h:html>...</h:html>' } },
    },
    304: { description: 'The caller has it, as `If-None-Match` says.' },
  },
  problems: ['not-found', 'invalid-form', 'unavailable'],
});

export const LIST_MEDIA = (): RouteDocs => ({
  operationId: 'listXformMedia',
  summary: 'The media of an XForm',
  description: 'Pictures, sounds and lists that phones download with the newest version, and those that are missing.',
  path: PATH,
  replies: { 200: jsonReply('The files.', mediaSchema(), MEDIA) },
  problems: ['not-found', 'unavailable'],
});

export const PUT_MEDIA = (): RouteDocs => ({
  operationId: 'putXformMedia',
  summary: 'Upload a media file of an XForm',
  description:
    'Stores a file of at most 4 MB for the newest version of the XForm; phones fetch it again if it changes. A later version uses the same file, unless a new one is uploaded for it. A file that the XForm does not name gets a warning.',
  path: { ...PATH, file: FILE },
  body: { 'text/csv': TEXT, 'application/octet-stream': BYTES, 'image/png': BYTES, 'image/jpeg': BYTES },
  replies: {
    200: jsonReply(
      'The file is stored.',
      z.object({
        name: z.string(),
        bytes: z.int().min(1),
        md5: z.string(),
        missing: z.array(z.string()).describe('Files that are still missing.'),
        warning: z.string().optional(),
      }),
      { name: 'districts.csv', bytes: 1200, md5: MD5, missing: ['pump.png'] },
    ),
  },
  problems: ['not-found', 'too-large', 'invalid-file', 'invalid-parameter', 'unavailable'],
});

export const DELETE_MEDIA = (): RouteDocs => ({
  operationId: 'deleteXformMedia',
  summary: 'Delete a media file of an XForm',
  description: 'Removes a file from the newest version of the XForm.',
  path: { ...PATH, file: FILE },
  replies: { 204: { description: 'The file is deleted.' } },
  problems: ['not-found', 'invalid-parameter', 'unavailable'],
});
