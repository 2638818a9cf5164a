/** The proxy in a process of its own, as each Lambda environment is: for what must hold between several of them. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export interface ProxyRequest {
  operation: string;
  input: unknown;
}

export interface ProxyProcess {
  /** Sends requests at once, the first of which opens the database; replies in the order of the requests. */
  ask: (requests: readonly ProxyRequest[]) => Promise<unknown[]>;
  /** What the proxy has logged: why a request failed. */
  logged: string[];
  stop: () => Promise<void>;
}

/** What travels between the processes. */
export interface ProxyQuestions {
  number: number;
  requests: readonly ProxyRequest[];
}
export interface ProxyAnswers {
  number: number;
  replies: unknown[];
  logged: string[];
}

const PROGRAM = path.join(__dirname, 'proxy-process-main.ts');

/** Starts processes that are loaded and wait: their first requests then come at the same moment. */
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
      child.send({ number, requests } satisfies ProxyQuestions);
      for (;;) {
        const answers = (await nextMessage()) as ProxyAnswers;
        logged.push(...answers.logged);
        // What a test before this one did not wait for.
        if (answers.number === number) return answers.replies;
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
