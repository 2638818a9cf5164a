/** Lambda authorizers with simple responses, as API Gateway asks them and keeps their answers. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { FunctionHost } from '../functions/function-host.ts';
import { functionArn } from '../template/references.ts';
import type { AuthorizerModel } from '../template/model.ts';
import { isRecord, record } from '../template/values.ts';

export type Decision =
  { outcome: 'allowed'; context: Record<string, unknown> } | { outcome: 'unidentified' | 'denied' | 'failed' };

interface Kept {
  decision: Decision;
  until: number;
}

/** API Gateway waits no longer. */
const AUTHORIZER_SECONDS = 10;
const MOST_KEPT = 10_000;

export class Authorizers {
  readonly #functions: FunctionHost;
  readonly #kept = new Map<string, Kept>();

  constructor(functions: FunctionHost) {
    this.#functions = functions;
  }

  /** What the authorizer says of a request, now or within the time that its answers are kept. */
  async decide(authorizer: AuthorizerModel, event: APIGatewayProxyEventV2): Promise<Decision> {
    const { functionName, identityHeaders, ttlSeconds } = authorizer;
    const identity = identityHeaders.map((name) => event.headers[name] ?? '');
    if (identity.includes('')) return { outcome: 'unidentified' };
    const key = JSON.stringify([functionName, ...identity]);
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.until > Date.now()) return kept.decision;
    const decision = await this.#ask(functionName, identity, event);
    this.#kept.delete(key);
    if (decision.outcome !== 'failed' && ttlSeconds > 0) {
      this.#kept.set(key, { decision, until: Date.now() + ttlSeconds * 1000 });
      const [oldest] = this.#kept.keys();
      if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
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
    const answer: unknown = JSON.parse(result.payload.toString());
    if (!isRecord(answer) || typeof answer['isAuthorized'] !== 'boolean') return { outcome: 'failed' };
    return answer['isAuthorized'] ? { outcome: 'allowed', context: record(answer['context']) } : { outcome: 'denied' };
  }
}

/** Undefined when it takes longer. */
export function withinSeconds<T>(seconds: number, result: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), seconds * 1000);
    result.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
