import { json, type Header, type Tag } from '../model.ts';
import { IF_NONE_MATCH, pathVariable } from '../parameters.ts';

const ETAG: Record<string, Header> = {
  ETag: { description: 'To be sent as `If-None-Match` the next time.', schema: { type: 'string' } },
};

const UNCHANGED = { 304: { description: 'You have it already.', headers: ETAG } };

const text = { schema: { type: 'string' } };

export const docs: Tag = {
  name: 'docs',
  description: 'This documentation.',
  operations: {
    'GET /openapi.json': {
      operationId: 'getOpenapi',
      summary: 'This document',
      description: 'The API in OpenAPI 3.1, for programs.',
      parameters: [IF_NONE_MATCH],
      answers: {
        200: { description: 'The document.', headers: ETAG, content: json({ type: 'object' }, { openapi: '3.1.0' }) },
        ...UNCHANGED,
      },
      problems: [],
    },
    'GET /docs': {
      operationId: 'getDocs',
      summary: 'The documentation, to read and to try',
      description: 'Swagger UI, with this document.',
      parameters: [IF_NONE_MATCH],
      answers: {
        200: {
          description: 'The page.',
          headers: ETAG,
          content: { 'text/html': { ...text, example: '<!doctype html>' } },
        },
        ...UNCHANGED,
      },
      problems: [],
    },
    'GET /docs/{file}': {
      operationId: 'getDocsFile',
      summary: 'What the page loads',
      description: 'Its scripts, its styles and its icon. They may be kept for an hour.',
      parameters: [
        pathVariable('file', {
          description: "The file's name.",
          schema: { type: 'string' },
          example: 'swagger-ui.css',
        }),
        IF_NONE_MATCH,
      ],
      answers: {
        200: {
          description: 'The file.',
          headers: ETAG,
          content: {
            'text/javascript': text,
            'text/css': { ...text, example: '.swagger-ui {}' },
            'text/plain': text,
            'image/png': { schema: { type: 'string', format: 'binary' } },
          },
        },
        ...UNCHANGED,
      },
      problems: ['not-found'],
    },
  },
};
