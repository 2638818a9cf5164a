/** The live sheet of a form: a tab of a Google spreadsheet that is kept in step with the form's responses. */
import { isFormId, type LiveSheet } from '../../db-proxy-lambda/contract.ts';
import { readBody } from '../shared/body.ts';
import { noSuchForm } from '../shared/form-reply.ts';
import { askedBy, jsonResponse, pathParameter, type HttpResponse } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import type { Request } from '../shared/route.ts';
import type { Dependencies } from './dependencies.ts';
import { liveSheetBody } from './request.ts';

const MAX_BODY_BYTES = 10_000;

/** `starting` until every row was written once. */
export const STATES = ['starting', 'in_step', 'behind', 'broken'] as const;

export async function putLiveSheet(dependencies: Dependencies, { event, caller }: Request): Promise<HttpResponse> {
  const formId = formIdOf(event);
  const body = readBody(event, liveSheetBody, MAX_BODY_BYTES);
  const result = await dependencies.dbProxy.call('putLiveSheet', {
    form_id: formId,
    ...body,
    by: askedBy(event, caller),
  });
  if (result.outcome === 'unknown_form') throw noSuchForm();
  if (result.outcome === 'taken') {
    throw new Problem('already-exists', {
      detail: `This tab is the live sheet of the form ${result.form_id}. Choose another tab.`,
      errors: [{ pointer: '/tab', detail: 'Send another title.' }],
    });
  }
  await dependencies.triggerLiveSheets();
  return jsonResponse(result.outcome === 'created' ? 201 : 200, toBody(result.sheet));
}

export async function getLiveSheet({ dbProxy }: Dependencies, { event }: Request): Promise<HttpResponse> {
  const { sheet } = await dbProxy.call('getLiveSheet', { form_id: formIdOf(event) });
  if (sheet === null) throw noLiveSheet();
  return jsonResponse(200, toBody(sheet));
}

export async function listLiveSheets({ dbProxy }: Dependencies): Promise<HttpResponse> {
  const { sheets } = await dbProxy.call('listLiveSheets', {});
  return jsonResponse(200, { items: sheets.map(toBody) });
}

export async function deleteLiveSheet({ dbProxy }: Dependencies, { event, caller }: Request): Promise<HttpResponse> {
  const { outcome } = await dbProxy.call('deleteLiveSheet', { form_id: formIdOf(event), by: askedBy(event, caller) });
  if (outcome === 'unknown') throw noLiveSheet();
  return { statusCode: 204 };
}

function formIdOf(event: Request['event']): string {
  const formId = pathParameter(event, 'form_id');
  if (!isFormId(formId)) throw noSuchForm();
  return formId;
}

function noLiveSheet(): Problem {
  return new Problem('not-found', {
    detail: 'This form has no live sheet. PUT /forms/{form_id}/sheet with spreadsheet_id and tab makes one.',
  });
}

function stateOf({ error, in_step_at: inStepAt, behind }: Omit<LiveSheet, 'sheet_id'>): (typeof STATES)[number] {
  if (error !== null) return 'broken';
  if (inStepAt === null) return 'starting';
  return behind > 0 ? 'behind' : 'in_step';
}

function toBody({ sheet_id: _sheetId, ...sheet }: LiveSheet) {
  return { ...sheet, state: stateOf(sheet) };
}
