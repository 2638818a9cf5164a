/** Converts the outcome of saving a response into the reply to the field app. */
import type { IncomingResponse, StandingStatus } from '../../db-proxy-lambda/contract.ts';
import type { Flag } from '../../forms/compiled/flags.ts';
import { Problem } from '../shared/problem.ts';
import type { Outcome } from '../shared/intake/save.ts';

export interface Reply {
  response_id: string;
  /** For a response that was stored before, this may be what a manager decided. */
  status: StandingStatus;
  revision: number;
  flags: readonly Flag[];
  /** The response as submitted, if it is flagged or returned, so that the app can reopen it. */
  response?: IncomingResponse['response'];
  /** Where to read the full flags, if a reply shortened them. */
  detail?: string;
}

/** The reply for a response in the write queue, whose revision is not known yet. */
export interface QueuedReply extends Pick<Reply, 'response_id' | 'flags' | 'response' | 'detail'> {
  status: 'queued';
}

export const FLAGS_CUT = 'The flags are shortened; GET /responses/{response_id} returns them as stored.';

const REASSIGNED =
  'A manager assigned the response to another collector, and this change was not stored. Tell the manager what you wanted to change.';

/**
 * @throws {Problem} 409 with `current`, if the response conflicts with the stored one; 403 if that belongs to another
 * collector; 410 if it was erased
 */
export function replyFor(incoming: IncomingResponse, outcome: Outcome): Reply | QueuedReply {
  switch (outcome.outcome) {
    case 'queued':
      return toQueuedReply(incoming);
    case 'created':
    case 'updated':
      return {
        ...toReply(incoming, outcome.revision, outcome.flags ? { status: 'flagged', flags: outcome.flags } : incoming),
        ...(outcome.flags_cut && { detail: FLAGS_CUT }),
      };
    case 'unchanged':
      return {
        ...toReply(incoming, outcome.revision, outcome),
        ...(outcome.flags_cut && { detail: FLAGS_CUT }),
      };
    case 'stale':
      throw new Problem('older-revision', {
        detail: `Revision ${outcome.current.revision}, changed at ${outcome.current.last_modified_time}, is stored. Fetch it, or change the response again and send it with the new last_modified_time.`,
        members: { current: outcome.current },
      });
    case 'conflict':
      throw new Problem('same-time-other-content', {
        detail: `Revision ${outcome.current.revision} has the same last_modified_time and different content. If the response was changed, send it again with last_modified_time set to the time of that change.`,
        members: { current: outcome.current },
      });
    case 'other_form':
      throw new Problem('response-of-another-form', {
        detail: 'Send the response under a new response_id.',
        members: { current: outcome.current },
      });
    case 'older_version':
      throw new Problem('older-form-version', {
        detail:
          'The response was first sent under a later version of the form. Update the form on the device, and send the change under that version.',
        members: { current: outcome.current },
      });
    case 'other_collector':
      throw new Problem('not-yours', {
        detail: outcome.reassigned ? REASSIGNED : 'Send the response under a new response_id.',
      });
    case 'closed':
      throw new Problem('form-closed', {
        detail: 'The form accepts only corrections of stored responses. Keep the response, and ask the manager.',
      });
    case 'erased':
      throw new Problem('erased', {
        detail: 'Nothing is stored under its response_id any more. Delete the response from the device too.',
      });
    case 'kept':
      throw new Error('The proxy returned `kept`, the outcome of late responses only.');
  }
}

function toReply(
  { response_id: responseId, response }: IncomingResponse,
  revision: number,
  { status, flags }: Pick<Reply, 'status' | 'flags'>,
): Reply {
  const isOpen = status === 'flagged' || status === 'returned';
  return { response_id: responseId, status, revision, flags, ...(isOpen && { response }) };
}

function toQueuedReply({ response_id: responseId, response, status, flags }: IncomingResponse): QueuedReply {
  return { response_id: responseId, status: 'queued', flags, ...(status === 'flagged' && { response }) };
}
