/** `npm run generate`: writes the document that the docs Lambda serves. A test says when it is stale. */
import { writeFileSync } from 'node:fs';
import { documentText, OPENAPI_FILE } from './read-document.ts';

writeFileSync(OPENAPI_FILE, documentText());
console.log(`Wrote ${OPENAPI_FILE}.`);
