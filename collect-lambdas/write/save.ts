/** Saves responses of the write queue and finds those that can never be saved. */
import type { IncomingResponse } from '../../db-proxy-lambda/contract.ts';
import { isRefusal } from '../shared/db-proxy-client.ts';
import type { Dependencies } from './dependencies.ts';

export interface BadResponse {
  response: IncomingResponse;
  /** The proxy's code. */
  code: string;
}

const EXPECTED: ReadonlySet<string> = new Set(['created', 'updated', 'unchanged']);

/**
 * Saves responses. If the proxy refuses them for good, halves the list until each refused response stands alone; the
 * others are saved.
 *
 * @returns the responses that the proxy refuses
 * @throws {DbProxyError} a transient one; what is not saved by then can be sent again
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

/** One call. The log names responses that did not become the current revision, since no caller is there to be told. */
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
