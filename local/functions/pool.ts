/** The environments of one function: one per concurrent invocation, up to a limit. Further invocations wait. */
import { randomUUID } from 'node:crypto';
import { Environment } from './environment.ts';
import type { EnvironmentOptions } from './environment.ts';
import { functionError } from './invocation.ts';
import type { Invocation, InvokeResult } from './invocation.ts';
import type { RuntimeApi } from './runtime-api.ts';

export interface PoolOptions {
  /** The maximum number of environments. */
  limit: number;
  runtimeApi: RuntimeApi;
  environment: Omit<EnvironmentOptions, 'onIdle' | 'onGone'>;
}

const stopped = (): InvokeResult => functionError('Host.Stopped', 'The host has stopped.');

export class FunctionPool {
  readonly #options: PoolOptions;
  /** By their ids in the Runtime API. */
  readonly #environments = new Map<string, Environment>();
  readonly #idle: Environment[] = [];
  readonly #waiting: Invocation[] = [];
  #isStopped = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Runs the function when an environment is free. Never rejects. */
  invoke(payload: Buffer, trace: string): Promise<InvokeResult> {
    return new Promise((settle) => {
      if (this.#isStopped) {
        settle(stopped());
        return;
      }
      const invocation = { requestId: randomUUID(), trace, payload, settle };
      const environment = this.#idle.pop();
      if (environment === undefined) {
        this.#waiting.push(invocation);
        this.#grow();
      } else {
        environment.run(invocation);
      }
    });
  }

  environments(): Environment[] {
    return [...this.#environments.values()];
  }

  /** Kills every environment and waits for its process. Running and waiting invocations fail. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const environments = this.environments();
    for (const environment of environments) environment.kill();
    await Promise.all(environments.map(({ exited }) => exited));
    for (const { settle } of this.#waiting.splice(0)) settle(stopped());
  }

  /** Starts an environment if the number of waiting invocations exceeds the number of starting environments. */
  #grow(): void {
    if (this.#environments.size >= this.#options.limit || this.#isStopped) return;
    const starting = this.environments().filter(({ hasStarted }) => !hasStarted).length;
    if (this.#waiting.length > starting) this.#start();
  }

  #start(): void {
    const { runtimeApi, environment: shared } = this.#options;
    const id = randomUUID();
    const environment = new Environment({
      ...shared,
      variables: { ...shared.variables, AWS_LAMBDA_RUNTIME_API: `${runtimeApi.address}/${id}` },
      onIdle: (idle) => this.#onIdle(idle),
      onGone: (gone, initFailure) => this.#onGone(id, gone, initFailure),
    });
    this.#environments.set(id, environment);
    runtimeApi.add(id, environment);
  }

  #onIdle(environment: Environment): void {
    const invocation = this.#waiting.shift();
    if (invocation === undefined) this.#idle.push(environment);
    else environment.run(invocation);
  }

  #onGone(id: string, environment: Environment, initFailure: InvokeResult | undefined): void {
    this.#environments.delete(id);
    this.#options.runtimeApi.remove(id);
    const index = this.#idle.indexOf(environment);
    if (index >= 0) this.#idle.splice(index, 1);
    // A failed start fails one waiting invocation, so that broken code does not restart forever.
    if (initFailure !== undefined) this.#waiting.shift()?.settle(initFailure);
    this.#grow();
  }
}
