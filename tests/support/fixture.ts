/** Helpers for tests of the local host: small applications in temporary folders, and waits for conditions. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const DEADLINE_MILLISECONDS = 90_000;

export interface FixtureFolder {
  path: string;
  /** Writes a file into the folder. @returns its path */
  write(name: string, text: string): string;
  remove(): void;
}

/** Creates a temporary folder with these files, in which code can import the project's packages. */
export function fixtureFolder(files: Record<string, string>): FixtureFolder {
  const path = mkdtempSync(join(tmpdir(), 'collect-local-'));
  const write = (name: string, text: string): string => {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  symlinkSync(resolve('node_modules'), join(path, 'node_modules'));
  for (const [name, text] of Object.entries(files)) write(name, text);
  return { path, write, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A function of a fixture's template: `Properties`, and the file to bundle as `index.cjs`. */
export function functionResource(entryPoint: string, properties: Record<string, unknown> = {}): object {
  return {
    Type: 'AWS::Serverless::Function',
    Properties: { CodeUri: '.', Handler: 'index.handler', Runtime: 'nodejs24.x', ...properties },
    Metadata: {
      BuildMethod: 'esbuild',
      BuildProperties: { Format: 'cjs', Target: 'es2024', OutExtension: ['.js=.cjs'], EntryPoints: [entryPoint] },
    },
  };
}

/** Waits until `condition` returns a truthy value. @returns the value */
export async function eventually<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + DEADLINE_MILLISECONDS;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`The condition was not met within ${DEADLINE_MILLISECONDS} ms.`);
    await wait(20);
  }
}

/** Whether a process with this id exists. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
