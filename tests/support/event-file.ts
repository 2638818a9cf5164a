import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { HttpEvent } from '../../collect-lambdas/shared/http.ts';

/** A new copy of an HTTP event of events/, so that tests do not share changes. */
export function httpEventFile(folder: string, name: string): HttpEvent {
  return JSON.parse(readFileSync(path.join(process.cwd(), 'events', folder, `${name}.json`), 'utf8'));
}
