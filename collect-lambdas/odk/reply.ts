/** The reply to a submission: what the collector reads after sending. */
import type { Flag } from '../../forms/compiled/flags.ts';
import type { HttpResponse } from '../shared/http.ts';
import { openRosaMessage } from './openrosa.ts';
import { erased, notYours } from './problems.ts';
import type { Received } from './receive.ts';

/** Apps show a message in a dialog; a longer one cannot be read. */
const MAX_REASONS = 20;

/** Why a stored submission is not the current revision of its response, and what its collector can do. */
const KEPT = {
  kept: 'It is kept beside the stored answers of the same response, which count. Ask the manager which are right.',
  stale: 'A newer state of the same response is stored, and counts.',
  conflict: 'Another state of the same response with the same time is stored, and counts.',
  older_version:
    'The response was first sent with a later version of the form, and that state counts. Update the form in the app.',
  other_form: 'A response to another form has its id, and stays as it is. Ask the manager.',
  closed: 'The form is closed, and the submission counts for nothing yet. Ask the manager.',
} as const;

/** @throws {Problem} 403 if the response belongs to another collector, 410 if it was erased */
export function replyTo(received: Received): HttpResponse {
  if (received === 'waiting') {
    return openRosaMessage(
      202,
      'Received. It is kept. What it corrects has not arrived yet, or cannot be looked up now; it is saved later.',
    );
  }
  if (received === 'pending') {
    return openRosaMessage(202, 'Received. It is kept, and will be checked later.');
  }
  if (received === 'repeated') return openRosaMessage(201, 'Received before. Nothing was changed.');
  const { outcome, flags, remarks } = received;
  switch (outcome) {
    case 'created':
    case 'updated':
    case 'unchanged':
      return openRosaMessage(201, messageFor(flags, remarks));
    case 'queued':
      return openRosaMessage(202, messageFor(flags, remarks));
    case 'other_collector':
      throw notYours();
    case 'erased':
      throw erased();
    case 'kept':
    case 'stale':
    case 'conflict':
    case 'older_version':
    case 'other_form':
    case 'closed':
      return openRosaMessage(201, `Received. ${KEPT[outcome]}`);
  }
}

function messageFor(flags: readonly Flag[], remarks: readonly string[]): string {
  const reasons = flags.map(({ message, entry }) => (entry === undefined ? message : `${message} (${placeOf(entry)})`));
  const more = reasons.length - MAX_REASONS;
  return [
    reasons.length === 0 ? 'Accepted.' : 'Received. Please check, and correct what is wrong:',
    ...reasons.slice(0, MAX_REASONS),
    ...(more > 0 ? [`${more} more reasons.`] : []),
    ...remarks,
  ].join('\n');
}

/** `/people/1` is `people 2`: collectors count entries from 1. */
function placeOf(entry: string): string {
  return entry
    .split('/')
    .slice(1)
    .map((step) => (/^\d+$/.test(step) ? String(Number(step) + 1) : step))
    .join(' ');
}
