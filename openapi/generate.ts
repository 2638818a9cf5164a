/**
 * `npm run generate`: writes the files that are derived from the routes and the question types. A test fails if one is
 * stale.
 */
import { writeFileSync } from 'node:fs';
import { generatedFiles } from './generated.ts';

for (const [file, text] of Object.entries(generatedFiles())) {
  writeFileSync(file, text);
  console.log(`Wrote ${file}.`);
}
