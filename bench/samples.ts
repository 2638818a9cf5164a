import type { IncomingResponse } from '../db-proxy-lambda/contract.ts';
import { householdFinances } from '../forms/definition/household-finances.ts';
import { compileForm } from '../forms/compiled/compiled-form.ts';
import { generateHouseholds } from '../demo/households.ts';

/** Accepted responses, as the collect Lambda passes them to the proxy, to measure the writes. */
export function incomingResponses(count: number, run: string): IncomingResponse[] {
  const form = compileForm(householdFinances, 1);
  return Array.from(generateHouseholds(count, 7, run), (household) => {
    const read = form.readSubmission(household);
    if (!read.ok) throw new Error('A generated household violates the form.');
    const { response_id, form_id, form_version, user_id, last_modified, last_modified_time, content_hash, response } =
      read.submission;
    const ids = { response_id, form_id, form_version, user_id };
    return { ...ids, status: 'accepted', last_modified, last_modified_time, content_hash, flags: [], response };
  });
}

/** Splits a list into pieces of equal size; the last may be shorter. */
export function pieces<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}
