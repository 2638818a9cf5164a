/** Saves responses of the write queue and finds those that can never be saved. */
import type { IncomingResponse } from '../../db-proxy-lambda/contract.ts';
import { isRefusal } from '../shared/db-proxy-client.ts';
import type { Dependencies } from './dependencies.ts';

interface BadResponse {
  response: IncomingResponse;
  /** The error code with which the proxy refuses the response. */
  code: string;
}

const EXPECTED: ReadonlySet<string> = new Set(['created', 'updated', 'unchanged']);

/**
 * Saves responses. If the proxy permanently refuses them, halves the list until each refused response is alone; the
 * others are saved.
 *
 * @returns the responses that the proxy refuses
 * @throws {DbProxyError} if transient; responses that are not saved by then can be sent again
 */
export async function saveAllGood(
  dependencies: Dependencies,
  responses: readonly IncomingResponse[],
  signal: AbortSignal,
): Promise<BadResponse[]> {
  try {
    await save(dependencies, responses, signal);
    return [];
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const [response] = responses;
    if (responses.length === 1 && response !== undefined) return [{ response, code: error.code }];
    const middle = Math.ceil(responses.length / 2);
    return [
      ...(await saveAllGood(dependencies, responses.slice(0, middle), signal)),
      ...(await saveAllGood(dependencies, responses.slice(middle), signal)),
    ];
  }
}

/** Saves responses in one call. Logs those that did not become the current revision, because no caller gets the reply. */
export async function save(
  { dbProxy, logger, triggerPublish }: Dependencies,
  responses: readonly IncomingResponse[],
  signal: AbortSignal,
): Promise<void> {
  const { results } = await dbProxy.call('saveResponses', { responses: [...responses], late: true }, signal);
  for (const [index, { outcome }] of results.entries()) {
    const responseId = responses[index]?.response_id;
    if (!EXPECTED.has(outcome)) logger.warn('late response not current', { response_id: responseId, outcome });
  }
  await triggerPublish();
}
