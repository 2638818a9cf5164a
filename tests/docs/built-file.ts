import { readdirSync } from 'node:fs';

/** A built file of the console; its name contains a hash of its content. */
export function builtFile(extension: '.js' | '.css'): string {
  return readdirSync('console/dist').find((name) => name.startsWith('console-') && name.endsWith(extension)) ?? '';
}
