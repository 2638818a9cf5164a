/** The whole application on this machine, in a home and with a database of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Host } from '../../local/host.ts';
import { startStack, tokensOf } from '../../local/stack.ts';
import type { StackTokens } from '../../local/tokens.ts';
import { artefacts } from './artefacts.ts';

export interface RunningStack {
  /** Of the HTTP API, without a last slash. */
  url: string;
  host: Host;
  tokens: StackTokens;
  stop: () => Promise<void>;
}

/**
 * Starts template.yaml on free ports, on SQLite.
 * @param functionEnvironment variables of all functions, beside the template's
 */
export async function startTestStack(functionEnvironment: Record<string, string> = {}): Promise<RunningStack> {
  const home = mkdtempSync(path.join(tmpdir(), 'collect-stack-'));
  const remove = (): void => rmSync(home, { recursive: true, force: true });
  try {
    const stack = await startStack({
      templateFile: 'template.yaml',
      home,
      port: 0,
      functionEnvironment,
      databaseUrl: `sqlite:${path.join(home, 'collect.sqlite')}`,
      ...artefacts,
    });
    return {
      url: stack.host.url,
      host: stack.host,
      tokens: tokensOf(stack),
      stop: async () => {
        await stack.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
