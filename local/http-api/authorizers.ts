/** Lambda authorizers with simple responses, and the cache of their decisions, as in API Gateway. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { FunctionHost } from '../functions/function-host.ts';
import { functionArn } from '../template/references.ts';
import type { AuthorizerModel } from '../template/model.ts';
import { isRecord, record } from '../template/values.ts';

export type Decision =
  { outcome: 'allowed'; context: Record<string, unknown> } | { outcome: 'unidentified' | 'denied' | 'failed' };

interface Cached {
  decision: Decision;
  until: number;
}

/** API Gateway's limit. */
const AUTHORIZER_SECONDS = 10;
const CACHE_SIZE = 10_000;

export class Authorizers {
  readonly #functions: FunctionHost;
  readonly #cache = new Map<string, Cached>();

  constructor(functions: FunctionHost) {
    this.#functions = functions;
  }

  /** The authorizer's decision on a request, possibly from the cache. */
  async decide(authorizer: AuthorizerModel, event: APIGatewayProxyEventV2): Promise<Decision> {
    const { functionName, identityHeaders, ttlSeconds } = authorizer;
    const identity = identityHeaders.map((name) => event.headers[name] ?? '');
    if (identity.includes('')) return { outcome: 'unidentified' };
    const key = JSON.stringify([functionName, ...identity]);
    const cached = this.#cache.get(key);
    if (cached !== undefined && cached.until > Date.now()) return cached.decision;
    const decision = await this.#ask(functionName, identity, event);
    this.#cache.delete(key);
    if (decision.outcome !== 'failed' && ttlSeconds > 0) {
      this.#cache.set(key, { decision, until: Date.now() + ttlSeconds * 1000 });
      const [oldest] = this.#cache.keys();
      if (this.#cache.size > CACHE_SIZE && oldest !== undefined) this.#cache.delete(oldest);
    }
    return decision;
  }

  async #ask(functionName: string, identity: string[], event: APIGatewayProxyEventV2): Promise<Decision> {
    const { body: _body, isBase64Encoded: _isBase64Encoded, version: _version, ...request } = event;
    const asked = {
      version: '2.0',
      type: 'REQUEST',
      routeArn: `${functionArn(functionName)}/${event.routeKey}`,
      identitySource: identity,
      ...request,
    };
    const result = await withinSeconds(
      AUTHORIZER_SECONDS,
      this.#functions.invoke(functionName, Buffer.from(JSON.stringify(asked))),
    );
    if (result === undefined || result.isFunctionError) return { outcome: 'failed' };
    const reply: unknown = JSON.parse(result.payload.toString());
    if (!isRecord(reply) || typeof reply['isAuthorized'] !== 'boolean') return { outcome: 'failed' };
    return reply['isAuthorized'] ? { outcome: 'allowed', context: record(reply['context']) } : { outcome: 'denied' };
  }
}

/** Waits for `result`. @returns undefined if it takes longer than `seconds` */
export function withinSeconds<T>(seconds: number, result: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), seconds * 1000);
    result.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
