/** The application's functions by name: invokes them and manages their processes. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionModel } from '../template/model.ts';
import { bootstrapOf } from './bootstraps.ts';
import { beginTrace } from './invocation.ts';
import type { InvokeResult } from './invocation.ts';
import { FunctionPool } from './pool.ts';
import { RuntimeApi } from './runtime-api.ts';
import { functionVariables } from './variables.ts';
import type { ServiceUrls } from './variables.ts';

export interface FunctionHostOptions {
  functions: FunctionModel[];
  /** Each function's built code, by name. */
  codeFolders: Map<string, string>;
  /** A function's output goes to `<logFolder>/<function name>.log`. */
  logFolder: string;
  /** Receives a copy of the output. */
  log?: (functionName: string, text: string) => void;
  /** The maximum number of environments of a function, unless its ReservedConcurrentExecutions is smaller. */
  maxConcurrency: number;
  urls: ServiceUrls;
  /** Variables that are added to the template's and override them. */
  environment: Record<string, string>;
}

interface HostedFunction {
  model: FunctionModel;
  pool: FunctionPool;
  logFile: number;
}

/** Seconds before the first retry of an asynchronous invocation, doubled for the second. In AWS it is a minute. */
const RETRY_SECONDS = 1;

export class FunctionHost {
  readonly #runtimeApi = new RuntimeApi();
  readonly #functions = new Map<string, HostedFunction>();
  readonly #retries = new Set<NodeJS.Timeout>();
  #isStopped = false;

  /** Prepares the functions. Environments start on demand. */
  async start(options: FunctionHostOptions): Promise<void> {
    await this.#runtimeApi.start();
    mkdirSync(options.logFolder, { recursive: true });
    for (const model of options.functions) this.#functions.set(model.name, this.#host(model, options));
  }

  has(functionName: string): boolean {
    return this.#functions.has(functionName);
  }

  /** Whether ReservedConcurrentExecutions is 0, so that the function never runs. */
  isThrottled(functionName: string): boolean {
    return this.#find(functionName).model.reservedConcurrency === 0;
  }

  /**
   * Runs a function with a JSON payload. If the function fails, the result holds its error.
   * @param trace the caller's trace
   * @throws {Error} when there is no such function
   */
  invoke(functionName: string, payload: Buffer, trace = beginTrace()): Promise<InvokeResult> {
    return this.#find(functionName).pool.invoke(payload, trace);
  }

  /** Runs a function in the background. If it fails, retries it as often as the template says, by default twice. */
  invokeAsynchronously(functionName: string, payload: Buffer): void {
    const { model, pool } = this.#find(functionName);
    const attempt = async (retriesLeft: number, seconds: number): Promise<void> => {
      const { isFunctionError } = await pool.invoke(payload, beginTrace());
      if (!isFunctionError || retriesLeft === 0 || this.#isStopped) return;
      const timer = setTimeout(() => {
        this.#retries.delete(timer);
        void attempt(retriesLeft - 1, seconds * 2);
      }, seconds * 1000);
      this.#retries.add(timer);
    };
    void attempt(model.asynchronousRetries, RETRY_SECONDS);
  }

  /** The process ids of a function's environments, starting ones included. */
  pids(functionName: string): number[] {
    return this.#find(functionName)
      .pool.environments()
      .flatMap(({ pid }) => pid ?? []);
  }

  /** Kills the environments with these process ids, by default all of them. Resolves when they are gone. */
  async kill(functionName: string, ...pids: number[]): Promise<void> {
    const all = this.#find(functionName).pool.environments();
    const environments = all.filter(({ pid = 0 }) => pids.length === 0 || pids.includes(pid));
    for (const environment of environments) environment.kill();
    await Promise.all(environments.map(({ exited }) => exited));
  }

  /** Kills every environment and waits for its process. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#retries) clearTimeout(timer);
    const functions = [...this.#functions.values()];
    await Promise.all(functions.map(({ pool }) => pool.stop()));
    for (const { logFile } of functions) closeSync(logFile);
    await this.#runtimeApi.stop();
  }

  #find(functionName: string): HostedFunction {
    const found = this.#functions.get(functionName);
    if (found === undefined) throw new Error(`There is no function ${functionName}.`);
    return found;
  }

  #host(model: FunctionModel, options: FunctionHostOptions): HostedFunction {
    const { maxConcurrency, log, urls } = options;
    const taskRoot = options.codeFolders.get(model.name) ?? model.codeFolder;
    const logFile = openSync(join(options.logFolder, `${model.name}.log`), 'a');
    const copy = (text: string): void => {
      writeSync(logFile, text);
      log?.(model.name, text);
    };
    const pool = new FunctionPool({
      limit: Math.min(maxConcurrency, model.reservedConcurrency ?? maxConcurrency),
      runtimeApi: this.#runtimeApi,
      environment: {
        command: bootstrapOf(model),
        taskRoot,
        variables: functionVariables(model, taskRoot, urls, options.environment),
        functionArn: model.arn,
        timeoutSeconds: model.timeoutSeconds,
        output: log === undefined ? logFile : copy,
      },
    });
    return { model, pool, logFile };
  }
}
