import { auditQuery, listQuery } from '../../collect-lambdas/tokens/request.ts';
import { json, ref, type Tag } from '../model.ts';
import { CURSOR, PAGE_LIMIT, pathVariable, query } from '../parameters.ts';

const stored = {
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

const erased = {
  id: 17,
  at: '2026-09-01T06:12:00.000Z',
  token_id: stored.token_id,
  label: 'Amina, data manager',
  action: 'response_erased',
  subject_kind: 'response',
  subject_id: 'demo-000016',
  detail: null,
  source_ip: '203.0.113.7',
};

export const tokens: Tag = {
  name: 'tokens',
  description: 'Who may call: the tokens that managers make. The first one is made on the command line.',
  operations: {
    'POST /tokens': {
      operationId: 'createToken',
      summary: 'Make a token',
      description:
        'The answer shows the token this one time; only its fingerprint is stored. A collector’s token is bound to a `user_id`, and reaches that collector’s responses only.',
      body: { 'application/json': ref('NewToken') },
      answers: {
        201: {
          description: 'The token.',
          content: json(ref('CreatedToken'), {
            ...stored,
            last_used_at: null,
            token: 'clt_Zk3vQ9xBexample-example-example-example-exa',
          }),
        },
      },
      problems: ['not-json', 'too-large', 'unsupported-media-type', 'invalid-body', 'unavailable'],
    },
    'GET /tokens': {
      operationId: 'listTokens',
      summary: 'All tokens',
      description: 'Newest first: those that are good, and those that have expired or were revoked.',
      parameters: query(listQuery, { limit: PAGE_LIMIT, cursor: CURSOR }),
      answers: {
        200: { description: 'A page.', content: json(ref('TokenPage'), { items: [stored], next_cursor: null }) },
      },
      problems: ['invalid-parameter', 'unavailable'],
    },
    'DELETE /tokens/{token_id}': {
      operationId: 'revokeToken',
      summary: 'Revoke a token',
      description: 'It is refused from now on; within five minutes where it was used just before.',
      parameters: [
        pathVariable('token_id', {
          description: 'The token_id; GET /tokens lists them.',
          schema: { type: 'string' },
          example: stored.token_id,
        }),
      ],
      answers: { 204: { description: 'It is revoked.' } },
      problems: ['not-found', 'unavailable'],
    },
    'GET /audit': {
      operationId: 'listAudit',
      summary: 'Who did what',
      description:
        'Who erased a response, requested an export, changed a form, made or revoked a token: newest first. It is the table `audit_events` for exports. `token_id` is null, and `label` is `operator`, for tokens that were made on the command line.',
      parameters: query(auditQuery, {
        action: { description: 'Only what was done so.' },
        token_id: { description: 'Only what was done with this token.', schema: { type: 'string', format: 'uuid' } },
        since: {
          description: 'Only what was done at this time or later.',
          schema: { type: 'string', format: 'date-time' },
        },
        limit: PAGE_LIMIT,
        cursor: CURSOR,
      }),
      answers: {
        200: { description: 'A page.', content: json(ref('AuditPage'), { items: [erased], next_cursor: null }) },
      },
      problems: ['invalid-parameter', 'unavailable'],
    },
  },
};
