import type { EventConsumer } from '../outbox/event-consumer.ts';
import { findFormsWithSheet, insertChanges } from './queries.ts';

/** Records which rows of live sheets are to be written, whatever happened to their responses. */
export const markLiveSheetChanges: EventConsumer = async (trx, events) => {
  const forms = await findFormsWithSheet(trx, [...new Set(events.map((event) => event.form_id))]);
  if (forms.size === 0) return;
  const changed = new Map(
    events.filter((event) => forms.has(event.form_id)).map((event) => [event.response_id, event.form_id]),
  );
  await insertChanges(
    trx,
    Array.from(changed, ([responseId, formId]) => ({ form_id: formId, response_id: responseId })),
  );
};
