/** Responses for tests: as field apps post them, and as the collect Lambda passes them to the proxy. */
import { randomUUID, createHash } from 'node:crypto';
import type { IncomingResponse } from '../../db-proxy-lambda/contract.ts';
import { toInstant } from '../../forms/values/time.ts';

export const INCOME = 'what is the monthly income?';
export const SAVINGS = 'what is the monthly savings?';
export const EXPENDITURE = 'what is the monthly expenditure?';
export const FOOD = 'How much money do you spend monthly on food?';
export const CABLE = 'How much money do you spend monthly on your cable service?';
export const HEALTHCARE = 'How much money do you spend monthly on healthcare?';
export const FUEL = 'How much money do you spend monthly on fuel for your car?';

/** The metadata of a new response to any form. */
export function metadata() {
  return {
    response_id: `response-${randomUUID()}`,
    response_family_id: 'family-1',
    user_id: 'collector-1',
    username: 'Amina',
    location: 'Nairobi',
    submitted_time: '2026-09-01T06:00:00Z',
    synced_time: '2026-09-01T06:01:00Z',
    last_modified_time: '2026-09-01T06:00:00Z',
  };
}

/** A payload of `household_finances` with a unique id, which violates no rule. */
export function household(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ...metadata(),
    name: 'Ama Khan',
    email: 'ama@example.org',
    mobile_number: '+254700000000',
    gender: 'female',
    age: 40,
    [INCOME]: 1000,
    [SAVINGS]: 100,
    [EXPENDITURE]: 800,
    [FOOD]: 300,
    [CABLE]: 20,
    [HEALTHCARE]: 50,
    [FUEL]: 30,
    ...changes,
  };
}

/** Violates Rule1: food costs more than the total expenditure. */
export const BREAKS_RULE1 = { [FOOD]: 900 };

export type IncomingChanges = Partial<IncomingResponse> & { at?: string };

/**
 * A response in the proxy's format. By default the content hash covers the id, the time and the answers.
 *
 * @param changes `at` is an RFC 3339 time that sets `last_modified` and `last_modified_time`
 */
export function incoming({ at = '2026-09-01T06:00:00Z', ...changes }: IncomingChanges = {}): IncomingResponse {
  const responseId = changes.response_id ?? `response-${randomUUID()}`;
  const response = changes.response ?? { answer: 'yes' };
  return {
    response_id: responseId,
    form_id: 'household_finances',
    form_version: 1,
    user_id: 'collector-1',
    status: 'accepted',
    last_modified: toInstant(at) ?? '',
    last_modified_time: at,
    content_hash: createHash('sha256')
      .update(JSON.stringify([responseId, at, response]))
      .digest('hex'),
    flags: [],
    response,
    ...changes,
  };
}
