// Type-checks the pages. vue-tsc needs the JavaScript version of TypeScript; the rest of the project uses the native one.
import { createRequire } from 'node:module';
import { generateTypes } from './types.mjs';

const require = createRequire(import.meta.url);
await generateTypes();
require('vue-tsc').run(require.resolve('typescript/lib/tsc'));
