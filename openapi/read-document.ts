import { readFileSync } from 'node:fs';
import { buildDocument } from './document.ts';
import { readEventExamples } from './examples.ts';
import type { OpenapiDocument } from './openapi.ts';

/** Where `npm run generate` writes, and what the docs Lambda serves. */
export const OPENAPI_FILE = 'collect-lambdas/docs/openapi.json';

/** The document of the project in the working directory, made anew. */
export function readDocument(): OpenapiDocument {
  const { version }: { version: string } = JSON.parse(readFileSync('package.json', 'utf8'));
  return buildDocument(version, readEventExamples('events'));
}

/** As the file holds it. */
export function documentText(): string {
  return `${JSON.stringify(readDocument(), null, 2)}\n`;
}
