/** Saves reviews of the write queue. */
import { isRefusal } from '../shared/db-proxy-client.ts';
import type { Dependencies } from './dependencies.ts';
import type { ReviewMessage } from './message.ts';

/**
 * Saves the reviews of one call together. If the proxy permanently refuses the call, saves each review alone; a refused one
 * goes to the dead-letter queue with the reason.
 *
 * @returns the ids of the handled messages. A review of an unknown response stays in the queue: its response may be in the
 * queue too
 * @throws {DbProxyError} if transient
 */
export async function saveReviews(
  dependencies: Dependencies,
  messages: readonly ReviewMessage[],
  signal: AbortSignal,
): Promise<string[]> {
  try {
    return await saveTogether(dependencies, messages, signal);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const [message] = messages;
    if (messages.length === 1 && message !== undefined) {
      const { messageId, body } = message;
      const isHandled = await dependencies.deadLetter(messageId, [body], `The db-proxy refuses it: ${error.code}.`);
      return isHandled ? [messageId] : [];
    }
    const handled: string[] = [];
    for (const each of messages) handled.push(...(await saveReviews(dependencies, [each], signal)));
    return handled;
  }
}

async function saveTogether(
  { dbProxy, logger, triggerPublish }: Dependencies,
  messages: readonly ReviewMessage[],
  signal: AbortSignal,
): Promise<string[]> {
  const reviews = messages.map(({ review }) => review);
  const { results } = await dbProxy.call('saveReviews', { reviews, late: true }, signal);
  const handled: string[] = [];
  for (const [index, { messageId, review }] of messages.entries()) {
    const outcome = results[index]?.outcome ?? 'unknown';
    if (outcome !== 'created' && outcome !== 'unchanged') {
      logger.warn('review not applied', { response_id: review.response_id, review_id: review.review_id, outcome });
    }
    if (outcome !== 'unknown') handled.push(messageId);
  }
  await triggerPublish();
  return handled;
}
