import { MANAGING, READING } from '../shared/access.ts';
import { createRouter, route } from '../shared/route.ts';
import { DELETE_MEDIA, GET_XFORM, LIST_MEDIA, PUT_MEDIA, PUT_XFORM } from './docs.ts';
import { getXform, putXform, uploadQuery } from './handler.ts';
import { deleteMedia, listMedia, putMedia } from './media.ts';

export const about =
  !process.env['BUNDLED'] && 'XForms and XLSForms: the forms of ODK Collect, KoboCollect and Enketo.';

export const routes = {
  'PUT /forms/{form_id}/xform': route({
    roles: MANAGING,
    query: uploadQuery,
    handle: putXform,
    docs: !process.env['BUNDLED'] && PUT_XFORM(),
  }),
  'GET /forms/{form_id}/xform': route({
    roles: READING,
    handle: getXform,
    docs: !process.env['BUNDLED'] && { ...GET_XFORM(), smoke: 'get' },
  }),
  'GET /forms/{form_id}/xform/media': route({
    roles: READING,
    handle: listMedia,
    docs: !process.env['BUNDLED'] && LIST_MEDIA(),
  }),
  'PUT /forms/{form_id}/xform/media/{file}': route({
    roles: MANAGING,
    handle: putMedia,
    docs: !process.env['BUNDLED'] && PUT_MEDIA(),
  }),
  'DELETE /forms/{form_id}/xform/media/{file}': route({
    roles: MANAGING,
    handle: deleteMedia,
    docs: !process.env['BUNDLED'] && DELETE_MEDIA(),
  }),
};

export const createHandler = createRouter(routes);
