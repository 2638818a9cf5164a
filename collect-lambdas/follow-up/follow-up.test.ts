import type { ResponseEvent } from '../shared/response-event.ts';
import { toFollowUp } from './follow-up.ts';

const flagged: ResponseEvent = {
  event_id: 'event-1',
  type: 'flagged',
  response_id: 'response-1',
  revision: 1,
  form_id: 'household_finances',
  user_id: 'collector-1',
  flags: [
    { rule: 'Rule1', message: 'Expenditure is 800, less than its parts (1000).', questions: ['q1'] },
    { rule: 'Rule2', message: 'Savings are -5.', questions: ['q2'] },
  ],
  occurred_at: '2026-09-01T23:59:59.999Z',
};

describe('The follow-up of a response’s event', () => {
  it('opens a task for a flagged response, dated the day of the event, with a line for each flag', () => {
    expect(toFollowUp(flagged)).toEqual({
      response_id: 'response-1',
      revision: 1,
      type: 'flagged',
      user_id: 'collector-1',
      task_date: '2026-09-01',
      description: 'Rule1: Expenditure is 800, less than its parts (1000).\nRule2: Savings are -5.',
    });
  });

  it('cuts the description at 4,000 characters, never inside a character', () => {
    const message = '🌾'.repeat(4_000);
    const description = toFollowUp({ ...flagged, flags: [{ rule: 'R', message, questions: [] }] })?.description ?? '';
    expect(description.length).toBeLessThanOrEqual(4_000);
    expect(description.isWellFormed()).toBe(true);
    expect(description.endsWith('…')).toBe(true);
  });

  it('makes no call for a first revision that passes', () => {
    expect(toFollowUp({ ...flagged, type: 'accepted', flags: [] })).toBeUndefined();
  });

  it('updates the task when a later revision passes', () => {
    expect(toFollowUp({ ...flagged, type: 'accepted', revision: 2, flags: [] })).toMatchObject({ type: 'accepted' });
    expect(toFollowUp({ ...flagged, type: 'corrected', revision: 2, flags: [] })).toMatchObject({
      type: 'corrected',
      description: expect.stringContaining('Revision 2'),
    });
  });

  it('writes a description for a flagged event without flags', () => {
    expect(toFollowUp({ ...flagged, flags: [] })?.description).toContain('is flagged');
  });
});
