import { ANYBODY } from '../shared/access.ts';
import type { HttpEvent, HttpResponse } from '../shared/http.ts';
import { createRouter, route } from '../shared/route.ts';
import type { Dependencies } from './dependencies.ts';
import {
  FORM_LIST,
  GET_SUBMISSION,
  HEAD_FORM_LIST,
  HEAD_SUBMISSION,
  LAST_SUBMISSION,
  MANIFEST,
  MEDIA,
  RESPONSE_FILE,
  SUBMIT,
  WORKLIST,
  XFORM,
} from './docs.ts';
import { formList, manifest, media, xform } from './forms.ts';
import { announce, submit } from './handler.ts';
import { toOpenRosa } from './openrosa.ts';
import { lastSubmission, responseFile, worklist } from './worklist.ts';

export const about =
  !process.env['BUNDLED'] &&
  'The OpenRosa API for field apps such as ODK Collect, KoboCollect and Enketo. The token is in the path, because these apps cannot send it in a header; enter the address up to the token into the app.';

export const routes = {
  'GET /odk/{token}/formList': route({
    roles: ANYBODY,
    handle: formList,
    docs: !process.env['BUNDLED'] && FORM_LIST(),
  }),
  'HEAD /odk/{token}/formList': route({
    roles: ANYBODY,
    handle: formList,
    docs: !process.env['BUNDLED'] && HEAD_FORM_LIST(),
  }),
  'GET /odk/{token}/forms/{form_id}/{file}': route({
    roles: ANYBODY,
    handle: xform,
    docs: !process.env['BUNDLED'] && XFORM(),
  }),
  'GET /odk/{token}/forms/{form_id}/{version}/manifest': route({
    roles: ANYBODY,
    handle: manifest,
    docs: !process.env['BUNDLED'] && MANIFEST(),
  }),
  'GET /odk/{token}/forms/{form_id}/{version}/media/{file}': route({
    roles: ANYBODY,
    handle: media,
    docs: !process.env['BUNDLED'] && MEDIA(),
  }),
  'HEAD /odk/{token}/submission': route({
    roles: ANYBODY,
    handle: announce,
    docs: !process.env['BUNDLED'] && HEAD_SUBMISSION(),
  }),
  'GET /odk/{token}/submission': route({
    roles: ANYBODY,
    handle: announce,
    docs: !process.env['BUNDLED'] && GET_SUBMISSION(),
  }),
  'POST /odk/{token}/submission': route({
    roles: ANYBODY,
    handle: submit,
    docs: !process.env['BUNDLED'] && SUBMIT(),
  }),
  'GET /odk/{token}/worklist': route({
    roles: ANYBODY,
    handle: worklist,
    docs: !process.env['BUNDLED'] && WORKLIST(),
  }),
  'GET /odk/{token}/responses/{response_id}/submission': route({
    roles: ANYBODY,
    handle: lastSubmission,
    docs: !process.env['BUNDLED'] && LAST_SUBMISSION(),
  }),
  'GET /odk/{token}/responses/{response_id}/files/{file}': route({
    roles: ANYBODY,
    handle: responseFile,
    docs: !process.env['BUNDLED'] && RESPONSE_FILE(),
  }),
};

const createReply = createRouter(routes);

export function createHandler(dependencies: Dependencies): (event: HttpEvent) => Promise<HttpResponse> {
  const reply = createReply(dependencies);
  return async (event) => toOpenRosa(await reply(event), dependencies.now());
}
