/** The whole application on free ports, in a temporary home. Suites share one build of the functions. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Host } from '../../local/host.ts';
import { startStack, tokensOf, type Stack, type StackOptions } from '../../local/stack.ts';
import type { StackTokens } from '../../local/tokens.ts';

const { ARTEFACTS, COLLECT_TEST_FOLDER: testFolder = '' } = process.env;
/** The folder of the functions' bundles: ARTEFACTS, the output of `sam build`, or the build of tests/setup/system.ts. */
export const artefacts = ARTEFACTS ?? path.join(testFolder, 'functions');

export interface TestStack {
  /** The URL of the HTTP API, without a trailing slash. */
  url: string;
  host: Host;
  /** @throws if the stack accepts no tokens */
  tokens: StackTokens;
  sheets: NonNullable<Stack['sheets']>;
  home: string;
  stop: () => Promise<void>;
}

/** @param options a given `home` is not deleted; by default the database is a SQLite file in the home */
export async function startTestStack(options: Partial<StackOptions> = {}): Promise<TestStack> {
  const home = options.home ?? mkdtempSync(path.join(tmpdir(), 'collect-stack-'));
  const remove = (): void => {
    if (options.home === undefined) rmSync(home, { recursive: true, force: true });
  };
  try {
    const stack = await startStack({
      templateFile: 'template.yaml',
      port: 0,
      databaseUrl: `sqlite:${path.join(home, 'collect.sqlite')}`,
      artefacts,
      ...options,
      home,
    });
    const { host, sheets } = stack;
    if (sheets === undefined) throw new Error('The stack has no Sheets server.');
    return {
      url: host.url,
      host,
      sheets,
      home,
      get tokens() {
        return tokensOf(stack);
      },
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
