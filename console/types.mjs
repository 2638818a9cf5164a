// Generates the types of the API's requests and replies from the OpenAPI document.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

/** Writes shared/openapi.d.ts. */
export async function generateTypes() {
  const document = new URL('../collect-lambdas/docs/openapi.json', import.meta.url);
  const types = await openapiTS(document, { alphabetize: true, defaultNonNullable: false });
  writeFileSync(fileURLToPath(new URL('shared/openapi.d.ts', import.meta.url)), astToString(types));
}
