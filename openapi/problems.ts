/** The catalogue of problems, as schemas, examples and replies. */
import { PROBLEM_KINDS, type ProblemKind } from '../collect-lambdas/shared/problem.ts';
import { form } from '../collect-lambdas/shared/doc-samples.ts';
import { arrayOf, ref, type HeaderDocs, type JsonSchema } from '../collect-lambdas/shared/route-docs.ts';
import type { OpenapiResponse } from './openapi.ts';

const MEDIA_TYPE = 'application/problem+json';

const FAULT: JsonSchema = {
  description: 'One thing that is wrong, and what to do about it.',
  type: 'object',
  properties: {
    pointer: {
      type: 'string',
      description:
        'Where the fault is: a JSON pointer (RFC 6901) into the body, or `/name` for a parameter. Empty for the whole body.',
    },
    detail: { type: 'string', description: 'What to send instead.' },
    line: { type: 'integer', minimum: 1, description: 'The line of the uploaded file, if the fault is in one line.' },
    column: { type: 'integer', minimum: 1, description: 'The column in that line.' },
  },
  required: ['pointer', 'detail'],
};

const PROBLEM: JsonSchema = {
  description: 'Why a request was refused: problem details (RFC 9457). `errors` lists every fault.',
  type: 'object',
  properties: {
    type: { type: 'string', format: 'uri', description: 'The kind of problem, as a stable identifier.' },
    title: { type: 'string', description: 'The kind in words, which may change.' },
    status: { type: 'integer', minimum: 400, maximum: 599, description: 'The HTTP status.' },
    detail: { type: 'string', description: 'What happened in this request, and what to do.' },
    errors: { ...arrayOf(ref('Fault')), minItems: 1 },
  },
  required: ['type', 'title', 'status'],
};

const CURRENT: JsonSchema = {
  type: 'object',
  description: 'The stored revision.',
  properties: {
    revision: { type: 'integer', minimum: 1 },
    last_modified_time: { type: 'string' },
    status: { enum: ['accepted', 'flagged', 'approved', 'returned', 'rejected'] },
  },
  required: ['revision', 'last_modified_time', 'status'],
};
const FORM: JsonSchema = { anyOf: [ref('StoredForm'), { type: 'null' }] };
const REFERRED_TO_BY = arrayOf({
  type: 'object',
  properties: { collection: { type: 'string' }, count: { type: 'integer', minimum: 1 } },
  required: ['collection', 'count'],
});
const REQUEST_ID: JsonSchema = { type: 'string', description: 'Identifies the request in the logs.' };

interface Members {
  /** The additional members of problems of this kind. */
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  example: Record<string, unknown>;
}

const current = { revision: 2, last_modified_time: '2026-09-01T07:00:00+01:00', status: 'accepted' };
const conflict = (detail: string): Members => ({
  properties: { current: CURRENT },
  required: ['current'],
  example: { detail, current },
});
const faults = (pointer: string, detail: string): Members => ({
  required: ['errors'],
  example: { errors: [{ pointer, detail }] },
});

const MEMBERS: Record<ProblemKind, Members> = {
  'not-json': { example: { errors: [{ pointer: '', detail: 'Send JSON; at character 17 it ends too early.' }] } },
  'not-multipart': { example: { detail: 'The body is not a complete multipart/form-data body.' } },
  'not-xml': { example: { detail: 'Line 1, column 17: Send well-formed XML: unclosed tag: data.' } },
  'not-csv': faults('/file', 'The file is not text in UTF-8. Save it as CSV in UTF-8.'),
  unauthorized: {
    example: {
      detail: 'This token has expired. Send "Authorization: Bearer" and a token that a manager made for you.',
    },
  },
  forbidden: {
    example: { detail: 'This route requires a token of the role manager; this token has the role viewer.' },
  },
  'not-yours': {
    example: { errors: [{ pointer: '/user_id', detail: 'Send the user_id that your token belongs to.' }] },
  },
  'not-found': { example: { detail: 'There is nothing with this id.' } },
  'older-revision': conflict('Revision 2, changed at 2026-09-01T07:00:00+01:00, is stored. Fetch it.'),
  'other-revision': {
    properties: {
      revision: { type: 'integer', minimum: 1, description: 'The revision that you sent.' },
      current: CURRENT,
    },
    required: ['revision', 'current'],
    example: {
      detail: 'Your review is about revision 1; revision 2 is stored. Read it, and send the review with its number.',
      revision: 1,
      current,
    },
  },
  'same-time-other-content': conflict('Revision 2 has the same last_modified_time and different content.'),
  'same-instance-other-content': {
    example: { detail: 'Another submission with this instanceID is stored. Nothing was changed.' },
  },
  'key-reused': {
    example: {
      detail: 'The review that you sent first with this Idempotency-Key is stored. Send this one with a new key.',
    },
  },
  'test-response': {
    example: { detail: 'It is a response to a draft. Test reviews with a form that is open.' },
  },
  'response-of-another-form': conflict('Send the response under a new response_id.'),
  'form-in-use': {
    example: { detail: 'Responses to this form are stored. Close the form instead: "state": "closed".' },
  },
  'form-closed': { example: { detail: 'The form accepts only corrections of stored responses.' } },
  'older-form-version': conflict('Update the form on the device, and send the change under that version.'),
  'already-exists': faults('/name', '/api/v1/companies/1/ has this name.'),
  'xform-version-taken': faults('/xform/version', 'Give the XForm another version, and upload it again.'),
  'xform-id-taken': faults('/xform/id', 'The form wells has the XForm id wells. Upload the XForm there.'),
  'too-many-webhooks': { example: { detail: 'Delete one first: at most 50 can be stored.' } },
  'tab-in-use': faults(
    '/spreadsheet_id',
    'The live sheet of the form wells keeps the tab wells of this spreadsheet in step. Send the id of another spreadsheet.',
  ),
  'in-use': {
    properties: { referred_to_by: REFERRED_TO_BY },
    required: ['referred_to_by'],
    example: {
      detail: '2 tasks refer to it; /api/v1/tasks/?company=1 lists them. Change or delete them first.',
      referred_to_by: [{ collection: 'tasks', count: 2 }],
    },
  },
  erased: { example: { detail: 'Nothing is stored under its response_id any more.' } },
  'form-changed': {
    properties: {
      current: { ...FORM, description: 'The newest version; null if the form does not exist.' },
      based_on: { ...FORM, description: 'The version on which the change is based; null if it does not exist.' },
    },
    required: ['current', 'based_on'],
    example: {
      detail: 'Version 3 was stored meanwhile. Apply your change to it, and send it with "version": 3.',
      current: { ...form, title: 'Wells and springs', version: 3 },
      based_on: { ...form, version: 2 },
    },
  },
  'too-large': { example: { detail: 'The body has 300000 bytes; at most 256000 are taken.' } },
  'unsupported-media-type': { example: { detail: 'Send application/json, in UTF-8.' } },
  'invalid-response': faults('/age', 'Send a whole number from 0 to 130, without quotes, point or exponent.'),
  'invalid-form': faults('/questions/1/column', 'Choose another column; question 1 has it.'),
  'invalid-body': faults('/task_date', 'Send a real date as YYYY-MM-DD, such as 2026-09-01.'),
  'invalid-file': {
    required: ['errors'],
    example: {
      errors: [{ pointer: '/file/0/email', line: 2, column: 2, detail: 'email: Send an email address.' }],
    },
  },
  'invalid-parameter': {
    properties: {
      tables: { ...arrayOf({ type: 'string' }), description: 'All tables, if the requested one is unknown.' },
      step: { type: 'integer', minimum: 0, description: 'The step at which a calculation leaves the exponent range.' },
    },
    required: ['errors'],
    example: { errors: [{ pointer: '/limit', detail: 'Send a whole number from 1 to 100.' }] },
  },
  internal: {
    properties: { request_id: REQUEST_ID },
    required: ['request_id'],
    example: { request_id: 'JKJaXmPLvHcESHA=' },
  },
  'not-installed': {
    properties: { request_id: REQUEST_ID },
    example: { detail: 'pyxform is not installed. Install it with "npm run xlsform -- --install".' },
  },
  'not-processed': { example: {} },
  unavailable: { properties: { request_id: REQUEST_ID }, example: { request_id: 'JKJaXmPLvHcESHA=' } },
};

/** The kinds that can be the reply itself. `not-processed` occurs only in the results of a batch. */
export const REPLY_KINDS = Object.keys(PROBLEM_KINDS).filter(
  (kind): kind is ProblemKind => Object.hasOwn(PROBLEM_KINDS, kind) && kind !== 'not-processed',
);

/** `older-revision` as `OlderRevisionProblem`. */
function schemaName(kind: ProblemKind): string {
  return `${kind.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Problem`;
}

const typeOf = (kind: ProblemKind): string => `urn:collect:problem:${kind}`;

export const problemSchemas: Record<string, JsonSchema> = {
  Problem: PROBLEM,
  Fault: FAULT,
  ...Object.fromEntries(
    REPLY_KINDS.map((kind) => {
      const { title, status } = PROBLEM_KINDS[kind];
      const { properties, required = [] } = MEMBERS[kind];
      const own = {
        type: 'object',
        properties: { type: { const: typeOf(kind) }, status: { const: status }, ...properties },
        ...(required.length > 0 && { required }),
      };
      return [schemaName(kind), { description: title, allOf: [ref('Problem'), own] }];
    }),
  ),
};

export const problemExamples = Object.fromEntries(
  REPLY_KINDS.map((kind) => {
    const { title, status } = PROBLEM_KINDS[kind];
    return [kind, { summary: title, value: { type: typeOf(kind), title, status, ...MEMBERS[kind].example } }];
  }),
);

/**
 * The error replies of an operation with these kinds of problems, by status: references to entries of `named`.
 *
 * @param named gains the entries that it lacks; operations with the same kinds share an entry
 */
export function problemResponses(
  kinds: readonly ProblemKind[],
  named: Record<string, OpenapiResponse>,
): Record<string, OpenapiResponse> {
  const byStatus = Object.groupBy(kinds, (kind) => PROBLEM_KINDS[kind].status);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, same]) => {
      const name = same.join('-or-');
      named[name] ??= problemResponse(same);
      return [status, { $ref: `#/components/responses/${name}` }];
    }),
  );
}

function problemResponse(kinds: readonly ProblemKind[]): OpenapiResponse {
  return {
    description: kinds.map((kind) => PROBLEM_KINDS[kind].title).join(' Or: '),
    ...(kinds.includes('unavailable') && { headers: RETRY_AFTER }),
    content: {
      [MEDIA_TYPE]: {
        schema: problemSchema(kinds),
        examples: Object.fromEntries(kinds.map((kind) => [kind, { $ref: `#/components/examples/${kind}` }])),
      },
    },
  };
}

function problemSchema(kinds: readonly ProblemKind[]): JsonSchema {
  const [first] = kinds;
  if (kinds.length === 1 && first !== undefined) return ref(schemaName(first));
  return {
    oneOf: kinds.map((kind) => ref(schemaName(kind))),
    discriminator: {
      propertyName: 'type',
      mapping: Object.fromEntries(kinds.map((kind) => [typeOf(kind), `#/components/schemas/${schemaName(kind)}`])),
    },
  };
}

const RETRY_AFTER: Record<string, HeaderDocs> = {
  'Retry-After': {
    description: 'Seconds to wait before sending the request again.',
    schema: { type: 'integer', minimum: 1 },
  },
};
