import { ANYBODY } from '../shared/access.ts';
import { ETAG, FORM_ID_SCHEMA, IF_NONE_MATCH } from '../shared/route-docs.ts';
import { createRouter, route } from '../shared/route.ts';
import { serveAsset, serveConsole, serveForm, serveFormPage } from './handler.ts';

export const about =
  !process.env['BUNDLED'] && 'The pages for people: the console for managers, the form page for collectors.';

const UNCHANGED = { description: 'Your copy is up to date.', headers: ETAG };
const TEXT = { schema: { type: 'string' } };
const HEADERS = { 'If-None-Match': IF_NONE_MATCH };
const PAGE = {
  200: { description: 'The page.', headers: ETAG, content: { 'text/html': { ...TEXT, example: '<!doctype html>' } } },
  304: UNCHANGED,
};

export const routes = {
  'GET /console/': route({
    roles: ANYBODY,
    handle: serveConsole,
    docs: !process.env['BUNDLED'] && {
      operationId: 'getConsole',
      summary: 'The console',
      description: 'The page with which managers see and review responses. It asks for a token and uses this API.',
      headers: HEADERS,
      replies: PAGE,
      smoke: 'get-console',
    },
  }),
  'GET /fill/': route({
    roles: ANYBODY,
    handle: serveFormPage,
    docs: !process.env['BUNDLED'] && {
      operationId: 'getFormPage',
      summary: 'The form page',
      description: "The page with which collectors fill in forms in a phone's browser. It asks for a device token.",
      headers: HEADERS,
      replies: PAGE,
    },
  }),
  'GET /fill/{form_id}': route({
    roles: ANYBODY,
    handle: serveForm,
    docs: !process.env['BUNDLED'] && {
      operationId: 'getFormPageOfForm',
      summary: 'The form page, opened at a form',
      description: 'A name with a dot is a file that must lie beside the page, such as its service worker `sw.js`.',
      path: { form_id: { description: "The form's id.", schema: FORM_ID_SCHEMA, example: 'household_finances' } },
      headers: HEADERS,
      replies: PAGE,
      problems: ['not-found'],
    },
  }),
  'GET /assets/{file}': route({
    roles: ANYBODY,
    handle: serveAsset,
    docs: !process.env['BUNDLED'] && {
      operationId: 'getAsset',
      summary: 'The files of the pages',
      description:
        'Scripts, styles and fonts. Clients may cache a file for ever if its name contains a hash of the content. `licenses.txt` has the licences of the packages in the pages.',
      path: { file: { description: "The file's name.", schema: { type: 'string' }, example: 'index-1a2b3c4d.js' } },
      headers: HEADERS,
      replies: {
        200: {
          description: 'The file.',
          headers: ETAG,
          content: { 'text/javascript': TEXT, 'text/css': { ...TEXT, example: 'body {}' } },
        },
        304: UNCHANGED,
      },
      problems: ['not-found'],
    },
  }),
};

export const createHandler = createRouter(routes);
