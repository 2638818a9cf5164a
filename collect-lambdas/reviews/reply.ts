/** Converts the outcome of saving a review into the reply. */
import type { ReviewOutcome } from '../../db-proxy-lambda/contract.ts';
import { jsonResponse, type HttpResponse } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';

/** @throws {Problem} 403, 404, 409 or 410 if the review was refused */
export function replyFor(outcome: ReviewOutcome): HttpResponse {
  switch (outcome.outcome) {
    case 'created':
      return jsonResponse(201, outcome.review);
    case 'unchanged':
      return jsonResponse(200, outcome.review);
    case 'stale': {
      const { revision, current } = outcome;
      throw new Problem('other-revision', {
        detail:
          revision === current.revision
            ? `A decision about revision ${revision} that was sent later is stored. Read it; to decide again, send a review with a new key.`
            : `Your review is about revision ${revision}; revision ${current.revision} is stored. Read it, and send the review with its number.`,
        members: { revision, current },
      });
    }
    case 'key_reused':
      throw new Problem('key-reused', {
        detail: 'The review that you sent first with this Idempotency-Key is stored. Send this one with a new key.',
      });
    case 'draft':
      throw new Problem('test-response', {
        detail: 'It is a response to a draft. Test reviews with a form that is open.',
      });
    case 'other_collector':
      throw new Problem('not-yours', { detail: 'Your token gives access to your own responses only.' });
    case 'unknown':
      throw unknownResponse();
    case 'erased':
      throw erased();
    case 'kept':
      throw new Error('The proxy returned `kept`, the outcome of late reviews only.');
  }
}

export function unknownResponse(): Problem {
  return new Problem('not-found', { detail: 'No response is stored under this id.' });
}

export function erased(): Problem {
  return new Problem('erased', { detail: 'Its answers and reviews were erased, and it cannot be reviewed any more.' });
}
