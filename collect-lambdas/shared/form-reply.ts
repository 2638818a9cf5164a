/** Replies that contain forms. */
import type { Result, StoredForm } from '../../db-proxy-lambda/contract.ts';
import type { FormDefinition } from '../../forms/definition/form-definition.ts';
import { etagOf } from './base-version.ts';
import { jsonResponse, type HttpResponse } from './http.ts';
import { Problem } from './problem.ts';

export function noSuchForm(): Problem {
  return new Problem('not-found', { detail: 'There is no form with this id; GET /forms lists them.' });
}

export function formResponse(statusCode: number, form: StoredForm): HttpResponse {
  return jsonResponse(statusCode, toBody(form), { etag: etagOf(form.version) });
}

function toBody({
  version,
  created_at,
  definition,
}: StoredForm): { version: number; created_at: string } & Partial<FormDefinition> {
  return { ...definition, version, created_at };
}

type Outdated = Extract<Result<'putForm'>, { outcome: 'outdated' }>;

/**
 * The problem contains both versions, so that the caller can apply its change to the newest one.
 *
 * @param how says how to send the change again, based on a version
 */
export function outdated(
  { form, expected }: Pick<Outdated, 'form' | 'expected'>,
  how = (version: number) => `send it with "version": ${version}`,
): Problem {
  const detail =
    form === null
      ? 'There is no form with this id yet. Leave out If-Match and version to create it.'
      : `Version ${form.version} was stored meanwhile. Apply your change to it, and ${how(form.version)}.`;
  return new Problem('form-changed', {
    detail,
    members: { current: form && toBody(form), based_on: expected && toBody(expected) },
  });
}
