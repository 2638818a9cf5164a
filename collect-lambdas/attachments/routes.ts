import * as z from 'zod';
import { COLLECTING, EVERY_ROLE } from '../shared/access.ts';
import { ID_SCHEMA, jsonReply, ref, SAVED_AT } from '../shared/route-docs.ts';
import { createRouter, route } from '../shared/route.ts';
import { addAttachment, listAttachments } from './handler.ts';
import { newAttachment } from './request.ts';

export const about = !process.env['BUNDLED'] && 'Attachments: the photos, recordings and other files of responses.';

const PATH = {
  response_id: {
    description: 'The id that the field app gave to the response.',
    schema: ID_SCHEMA,
    example: 'household-17',
  },
};

const FILE = {
  name: 'front.jpg',
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  bytes: 2_812_440,
  type: 'image/jpeg',
};

export const routes = {
  'GET /responses/{response_id}/attachments': route({
    roles: EVERY_ROLE,
    handle: listAttachments,
    docs: !process.env['BUNDLED'] && {
      operationId: 'listAttachments',
      summary: 'The attachments of a response',
      description:
        'Every file that has arrived, in order of arrival, with a link that downloads it for 15 minutes. `expected` are the names in the answers; `missing` are those that have not arrived, for which the response has the flag `MissingAttachment`.',
      path: PATH,
      replies: {
        200: jsonReply('The attachments.', ref('Attachments'), {
          response_id: 'household-17',
          form_id: 'visits',
          expected: ['front.jpg', 'kitchen.jpg'],
          missing: ['kitchen.jpg'],
          items: [{ ...FILE, created_at: SAVED_AT, link: 'https://files.example.org/responses/1?X-Amz-Signature=...' }],
        }),
      },
      problems: ['not-yours', 'not-found', 'erased', 'unavailable'],
      smoke: 'list',
    },
  }),
  'POST /responses/{response_id}/attachments': route({
    roles: COLLECTING,
    body: newAttachment,
    bodyLimit: 10_000,
    handle: addAttachment,
    docs: !process.env['BUNDLED'] && {
      operationId: 'addAttachment',
      summary: 'Upload an attachment',
      description:
        'Replies with a request that uploads the file, of up to 100 MB, to S3 within 15 minutes: send `upload.method` to `upload.url` with exactly `upload.headers` and the file as the body. S3 refuses a body of another size or hash. The file may be sent before its response. If it is stored already, the reply is 200 and there is nothing to upload.',
      path: PATH,
      replies: {
        200: jsonReply('The file is stored already.', z.object({ status: z.literal('stored'), name: z.string() }), {
          status: 'stored',
          name: FILE.name,
        }),
        201: jsonReply('How to upload the file.', ref('AttachmentUpload'), {
          status: 'awaited',
          name: FILE.name,
          upload: {
            method: 'PUT',
            url: 'https://files.example.org/uploads/1?X-Amz-Signature=...',
            headers: {
              'content-length': '2812440',
              'content-type': 'image/jpeg',
              'x-amz-checksum-sha256': 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=',
            },
            expires_at: SAVED_AT,
          },
        }),
      },
      problems: ['not-yours', 'not-found', 'erased', 'unavailable'],
    },
  }),
};

export const createHandler = createRouter(routes);
