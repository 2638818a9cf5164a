/** The proxy in a separate process, like a Lambda environment, for tests of several environments together. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export interface ProxyRequest {
  operation: string;
  input: unknown;
}

export interface ProxyProcess {
  /** Sends requests together. The first opens the database. The replies are in the order of the requests. */
  ask: (requests: readonly ProxyRequest[]) => Promise<unknown[]>;
  /** The proxy's log lines, with the reasons of failed requests. */
  logged: string[];
  stop: () => Promise<void>;
}

/** The message to the process. `number` identifies the reply to it. */
export interface ProxyRequests {
  number: number;
  requests: readonly ProxyRequest[];
}
export interface ProxyReplies {
  number: number;
  replies: unknown[];
  logged: string[];
}

/** The bundle of proxy-process-main.ts that tests/setup/databases.ts makes. */
const PROGRAM = path.join(process.env['COLLECT_TEST_FOLDER'] ?? '', 'proxy-process.cjs');

/** Starts processes and waits until all are loaded, so that their first requests run simultaneously. */
export function startProxyProcesses(count: number, databaseUrl: string): Promise<ProxyProcess[]> {
  return Promise.all(Array.from({ length: count }, () => start(databaseUrl)));
}

async function start(databaseUrl: string): Promise<ProxyProcess> {
  const child = fork(PROGRAM, { env: { ...process.env, DATABASE_URL: databaseUrl }, execArgv: [] });
  const ended = new AbortController();
  child.once('exit', () => ended.abort());
  const logged: string[] = [];
  let asked = 0;
  const nextMessage = async (): Promise<unknown> => {
    const [message] = (await once(child, 'message', { signal: ended.signal })) as unknown[];
    return message;
  };
  await nextMessage();
  return {
    logged,
    ask: async (requests) => {
      const number = (asked += 1);
      child.send({ number, requests } satisfies ProxyRequests);
      for (;;) {
        const received = (await nextMessage()) as ProxyReplies;
        logged.push(...received.logged);
        // Skips replies for which an earlier test did not wait.
        if (received.number === number) return received.replies;
      }
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
