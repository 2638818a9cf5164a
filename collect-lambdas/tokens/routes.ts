import { EVERY_ROLE, MANAGING } from '../shared/access.ts';
import { ID_SCHEMA, jsonReply, PAGE, ref } from '../shared/route-docs.ts';
import { createRouter, route } from '../shared/route.ts';
import { createToken, getMe, listAudit, listTokens, revokeToken } from './handler.ts';
import { auditQuery, listQuery, newToken } from './request.ts';

export const about =
  !process.env['BUNDLED'] &&
  'Tokens, which managers create, and the audit log. The first token is created on the command line.';

const TOKEN = {
  token_id: '0190d2f0-5d7a-7c3e-9a53-2f1d4b6c8e01',
  prefix: 'clt_Zk3vQ9xB',
  role: 'collector',
  user_id: 'collector-1',
  label: 'Phone 12',
  created_at: '2026-09-01T06:00:00.000Z',
  expires_at: '2026-11-30T06:00:00.000Z',
  revoked_at: null,
  last_used_at: '2026-09-01T06:12:00.000Z',
};

const ERASURE = {
  id: 17,
  at: '2026-09-01T06:12:00.000Z',
  token_id: TOKEN.token_id,
  label: 'Amina, data manager',
  action: 'response_erased',
  subject_kind: 'response',
  subject_id: 'demo-000016',
  detail: null,
  source_ip: '203.0.113.7',
};

export const routes = {
  'POST /tokens': route({
    roles: MANAGING,
    body: newToken,
    bodyLimit: 10_000,
    handle: createToken,
    docs: !process.env['BUNDLED'] && {
      operationId: 'createToken',
      summary: 'Create a token',
      description:
        'Only this reply contains the token; the database stores its hash. A collector’s token has a `user_id`, and gives access to that collector’s responses only. A device’s token is for the app on a collector’s phone: it fetches forms and submits responses under `/odk/`, and nothing else. The reply then has `odk_collect`: the settings, and the QR code that ODK Collect and KoboCollect scan, as text (`code`), as SVG and as PNG in base64. It also has `form_page`: the link that signs the phone’s browser in to the form page.',
      replies: {
        201: jsonReply('The token.', ref('CreatedToken'), {
          ...TOKEN,
          last_used_at: null,
          token: 'clt_Zk3vQ9xBexample-example-example-example-exa',
        }),
      },
      problems: ['unavailable'],
    },
  }),
  'GET /tokens': route({
    roles: MANAGING,
    query: listQuery,
    handle: listTokens,
    docs: !process.env['BUNDLED'] && {
      operationId: 'listTokens',
      summary: 'All tokens',
      description:
        'Valid, expired and revoked tokens, newest first. `last_used_at` is the time of the last use, to the minute.',
      query: {
        role: { description: 'Only tokens with this role.' },
        user_id: { description: 'Only the tokens of this collector, devices included.', schema: ID_SCHEMA },
        ...PAGE,
      },
      replies: { 200: jsonReply('A page.', ref('TokenPage'), { items: [TOKEN], next_cursor: null }) },
      problems: ['unavailable'],
      smoke: 'list-tokens',
    },
  }),
  'DELETE /tokens/{token_id}': route({
    roles: MANAGING,
    handle: revokeToken,
    docs: !process.env['BUNDLED'] && {
      operationId: 'revokeToken',
      summary: 'Revoke a token',
      description:
        'The token is refused from now on; if it was used in the last minute, it may work for up to one more minute.',
      path: {
        token_id: {
          description: 'The id of the token, not the token itself; `GET /tokens` lists the ids.',
          schema: { type: 'string' },
          example: TOKEN.token_id,
        },
      },
      replies: { 204: { description: 'The token is revoked.' } },
      problems: ['not-found', 'unavailable'],
    },
  }),
  'GET /audit': route({
    roles: MANAGING,
    query: auditQuery,
    handle: listAudit,
    docs: !process.env['BUNDLED'] && {
      operationId: 'listAudit',
      summary: 'The audit log',
      description:
        'Lists who erased or reviewed a response, requested an export or a re-judge, or changed a form, a token, a webhook or a live sheet; newest first. The log can be exported as the table `audit_events`. For actions on the command line, `token_id` is null and `label` is `operator`.',
      query: {
        action: { description: 'Only actions of this kind.' },
        token_id: {
          description: 'Only actions of callers with this token.',
          schema: { type: 'string', format: 'uuid' },
        },
        subject_id: {
          description: 'Only actions on the response, export, form, token or webhook with this id.',
          schema: ID_SCHEMA,
        },
        since: {
          description: 'Only actions at or after this time.',
          schema: { type: 'string', format: 'date-time' },
        },
        ...PAGE,
      },
      replies: { 200: jsonReply('A page.', ref('AuditPage'), { items: [ERASURE], next_cursor: null }) },
      problems: ['unavailable'],
    },
  }),
  'GET /me': route({
    roles: EVERY_ROLE,
    handle: getMe,
    docs: !process.env['BUNDLED'] && {
      operationId: 'getMe',
      summary: 'Your own token',
      description:
        'Whose token the request has: its role, the collector of a collector’s token, its label and when it expires. Pages sign in with it.',
      replies: {
        200: jsonReply('The token.', ref('Me'), {
          token_id: ERASURE.token_id,
          role: 'manager',
          user_id: null,
          label: ERASURE.label,
          expires_at: TOKEN.expires_at,
        }),
      },
      problems: ['unavailable'],
    },
  }),
};

export const createHandler = createRouter(routes);
