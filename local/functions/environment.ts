/** One execution environment: a child process that runs one invocation at a time. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { functionError, replyResult } from './invocation.ts';
import type { Invocation, InvokeResult, SendReply } from './invocation.ts';

/** Lambda allows ten seconds. Here many environments may start together on a busy machine. */
const INIT_SECONDS = 30;

export interface EnvironmentOptions {
  /** The program that polls for invocations, with its arguments (bootstraps.ts). */
  command: [program: string, ...rest: string[]];
  taskRoot: string;
  variables: Record<string, string>;
  functionArn: string;
  timeoutSeconds: number;
  /** A file descriptor, or a function that gets each piece of output. */
  output: number | ((text: string) => void);
  /** Called when the environment polls for an invocation. */
  onIdle(environment: Environment): void;
  /** Called when the process has ended. `initFailure` is set if the process ended before its first poll. */
  onGone(environment: Environment, initFailure?: InvokeResult): void;
}

export class Environment {
  readonly exited: Promise<void>;
  readonly #options: EnvironmentOptions;
  readonly #child: ChildProcess;
  #poll: SendReply | undefined;
  #current: Invocation | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Whether its handler is loaded. */
  hasStarted = false;
  #hasEnded = false;
  #initFailure: InvokeResult | undefined;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    const { output, taskRoot, variables, command } = options;
    const [program, ...rest] = command;
    const stream = typeof output === 'number' ? output : 'pipe';
    this.#child = spawn(program, rest, {
      cwd: taskRoot,
      env: variables,
      stdio: ['ignore', stream, stream],
    });
    if (typeof output !== 'number') {
      this.#child.stdout?.setEncoding('utf8').on('data', output);
      this.#child.stderr?.setEncoding('utf8').on('data', output);
    }
    this.#timer = setTimeout(() => {
      this.#initFailure = functionError('Sandbox.Timedout', `Init timed out after ${INIT_SECONDS} seconds`);
      this.kill();
    }, INIT_SECONDS * 1000);
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#initFailure = functionError('Runtime.InvalidEntrypoint', error.message);
        this.#end(error.message);
        resolve();
      });
      this.#child.once('exit', (status, signal) => {
        this.#end(signal === null ? `exit status ${status}` : `signal: ${signal === 'SIGKILL' ? 'killed' : signal}`);
      });
      this.#child.once('close', () => resolve());
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Kills the process, as Lambda does. `exited` resolves when it is gone. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Starts an invocation and its timeout. The environment must be idle. */
  run(invocation: Invocation): void {
    const poll = this.#poll;
    if (poll === undefined) throw new Error('The environment is not waiting for an invocation.');
    this.#poll = undefined;
    this.#current = invocation;
    const { timeoutSeconds, functionArn } = this.#options;
    this.#timer = setTimeout(() => {
      const message = `RequestId: ${invocation.requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
      this.#settle(functionError('Sandbox.Timedout', message));
      this.kill();
    }, timeoutSeconds * 1000);
    const headers = {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': invocation.requestId,
      'lambda-runtime-deadline-ms': Date.now() + timeoutSeconds * 1000,
      'lambda-runtime-invoked-function-arn': functionArn,
      'lambda-runtime-trace-id': invocation.trace,
    };
    poll(200, headers, invocation.payload);
  }

  /** `GET /runtime/invocation/next`: the reply waits for an invocation. */
  next(reply: SendReply): void {
    if (!this.hasStarted) {
      this.hasStarted = true;
      clearTimeout(this.#timer);
    }
    this.#poll = reply;
    this.#options.onIdle(this);
  }

  /** `POST /runtime/invocation/{requestId}/response` */
  respond(requestId: string, payload: Buffer): void {
    if (this.#current?.requestId === requestId) this.#settle(replyResult(payload));
  }

  /** `POST /runtime/invocation/{requestId}/error` */
  fail(requestId: string, payload: Buffer): void {
    if (this.#current?.requestId === requestId) this.#settle({ payload, isFunctionError: true });
  }

  /** `POST /runtime/init/error` */
  failInit(payload: Buffer): void {
    this.#initFailure = { payload, isFunctionError: true };
  }

  #settle(result: InvokeResult): void {
    clearTimeout(this.#timer);
    const invocation = this.#current;
    this.#current = undefined;
    invocation?.settle(result);
  }

  #end(ending: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    const reason = `Runtime exited with error: ${ending}`;
    if (this.#current !== undefined) {
      const message = `RequestId: ${this.#current.requestId} Error: ${reason}`;
      this.#settle(functionError('Runtime.ExitError', message));
    }
    const failure = this.#initFailure ?? functionError('Runtime.ExitError', reason);
    this.#options.onGone(this, this.hasStarted ? undefined : failure);
  }
}
