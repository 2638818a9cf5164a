/** Saves what the write queue held, and finds what can never be saved. */
import type { IncomingResponse } from '../../db-proxy-lambda/contract.ts';
import { DbProxyError } from '../shared/db-proxy-client.ts';
import type { Dependencies } from './dependencies.ts';

export interface BadResponse {
  response: IncomingResponse;
  /** The proxy's code. */
  code: string;
}

const EXPECTED: ReadonlySet<string> = new Set(['created', 'updated', 'unchanged']);

/**
 * Saves responses. When the proxy refuses them for good, halves them until those that it refuses stand alone: the
 * others are saved.
 *
 * @returns those that are bad by themselves
 * @throws {DbProxyError} that is retryable: what is not saved by then can be sent again
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
    if (!(error instanceof DbProxyError) || error.retryable) throw error;
    const [response] = responses;
    if (responses.length === 1 && response !== undefined) return [{ response, code: error.code }];
    const middle = Math.ceil(responses.length / 2);
    return [
      ...(await saveAllGood(dependencies, responses.slice(0, middle), signal)),
      ...(await saveAllGood(dependencies, responses.slice(middle), signal)),
    ];
  }
}

/** One call. A response that did not become the current one is named in the log, since nobody else is told. */
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
