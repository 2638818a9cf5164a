/** Quality figures of a form: how well each collector, rule or day does. */
import { isFormId } from '../../db-proxy-lambda/contract.ts';
import type { ProxyAlone } from '../shared/dependencies.ts';
import { noSuchForm } from '../shared/form-reply.ts';
import { jsonResponse, pathParameter, type HttpResponse } from '../shared/http.ts';
import type { Request } from '../shared/route.ts';
import type { qualityQuery } from './request.ts';

export async function getQuality(
  { dbProxy }: ProxyAlone,
  { event, query }: Request<typeof qualityQuery>,
): Promise<HttpResponse> {
  const formId = pathParameter(event, 'form_id');
  if (!isFormId(formId)) throw noSuchForm();
  const found = await dbProxy.call('readQuality', { form_id: formId, ...query });
  if (found.outcome === 'unknown_form') throw noSuchForm();
  const { counted_since, rows } = found;
  return jsonResponse(200, { form_id: formId, by: query.by, since: query.since ?? null, counted_since, rows });
}
