/** Reviews for tests, as the reviews Lambda passes them to the proxy. */
import { hash, randomUUID } from 'node:crypto';
import type { IncomingReview } from '../../db-proxy-lambda/contract.ts';

/** A review in the proxy's format. The content hash covers its content. */
export function incomingReview(
  changes: Partial<IncomingReview> & Pick<IncomingReview, 'action' | 'response_id'>,
): IncomingReview {
  const content = { text: null, ...changes };
  const { response_id: responseId, action, text, revision, assignee } = content;
  return {
    review_id: randomUUID(),
    content_hash: hash('sha256', JSON.stringify([responseId, action, text, revision, assignee])),
    sent_at: new Date().toISOString(),
    ...content,
  };
}
