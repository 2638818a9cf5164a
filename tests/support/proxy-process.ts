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
  stop: () => Promise<void>;
}

const PROGRAM = path.join(__dirname, 'proxy-process-main.ts');

/** Starts processes that are loaded and wait: their first requests then come at the same moment. */
export function startProxyProcesses(count: number, databaseUrl: string): Promise<ProxyProcess[]> {
  return Promise.all(Array.from({ length: count }, () => start(databaseUrl)));
}

async function start(databaseUrl: string): Promise<ProxyProcess> {
  const child = fork(PROGRAM, { env: { ...process.env, DATABASE_URL: databaseUrl }, execArgv: [] });
  await nextMessage();
  return {
    ask: async (requests) => {
      child.send(requests);
      return (await nextMessage()) as unknown[];
    },
    stop: async () => {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };

  async function nextMessage(): Promise<unknown> {
    const ended = new AbortController();
    child.once('exit', () => ended.abort());
    const [message] = (await once(child, 'message', { signal: ended.signal })) as unknown[];
    return message;
  }
}
