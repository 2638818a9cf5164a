import { ANYBODY } from '../shared/access.ts';
import { ETAG, IF_NONE_MATCH, jsonReply } from '../shared/route-docs.ts';
import { createRouter, route } from '../shared/route.ts';
import { findFile, type Site } from './handler.ts';

export const about = !process.env['BUNDLED'] && 'This documentation.';

const UNCHANGED = { description: 'Your copy is up to date.', headers: ETAG };
const TEXT = { schema: { type: 'string' } };
const HEADERS = { 'If-None-Match': IF_NONE_MATCH };

export const routes = {
  'GET /openapi.json': route({
    roles: ANYBODY,
    handle: ({ serveOpenapi }: Site, { event }) => serveOpenapi(event),
    docs: !process.env['BUNDLED'] && {
      operationId: 'getOpenapi',
      summary: 'The OpenAPI document',
      description: 'The API in OpenAPI 3.1, as JSON.',
      headers: HEADERS,
      replies: {
        200: jsonReply('The document.', { type: 'object' }, { openapi: '3.1.0' }, ETAG),
        304: UNCHANGED,
      },
      smoke: 'get-openapi',
    },
  }),
  'GET /docs': route({
    roles: ANYBODY,
    handle: ({ servePage }: Site, { event }) => servePage(event),
    docs: !process.env['BUNDLED'] && {
      operationId: 'getDocs',
      summary: 'This documentation, with forms to try requests',
      description: 'Swagger UI, which displays the OpenAPI document.',
      headers: HEADERS,
      replies: {
        200: {
          description: 'The page.',
          headers: ETAG,
          content: { 'text/html': { ...TEXT, example: '<!doctype html>' } },
        },
        304: UNCHANGED,
      },
    },
  }),
  'GET /docs/{file}': route({
    roles: ANYBODY,
    handle: findFile,
    docs: !process.env['BUNDLED'] && {
      operationId: 'getDocsFile',
      summary: 'The files of the documentation page',
      description: 'The scripts, styles and icon of the page. Clients may cache them for an hour.',
      path: { file: { description: "The file's name.", schema: { type: 'string' }, example: 'swagger-ui.css' } },
      headers: HEADERS,
      replies: {
        200: {
          description: 'The file.',
          headers: ETAG,
          content: {
            'text/javascript': TEXT,
            'text/css': { ...TEXT, example: '.swagger-ui {}' },
            'text/plain': TEXT,
            'image/png': { schema: { type: 'string', format: 'binary' } },
          },
        },
        304: UNCHANGED,
      },
      problems: ['not-found'],
    },
  }),
};

export const createHandler = createRouter(routes);
