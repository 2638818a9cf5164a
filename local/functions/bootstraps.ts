/** The programs that execution environments (environment.ts) run, by the function's language. */
import { resolve } from 'node:path';
import { findPython } from '../python.ts';
import type { FunctionModel } from '../template/model.ts';

/** npm runs scripts in the project's folder. */
const RUNTIME_FOLDER = 'local/runtime';

/** Limits V8's young generation. Lambda gives it 5 % of the memory, but here many functions share one machine. */
const MAX_SEMI_SPACE_MEGABYTES = 16;

/** Limits the heap by the function's memory, as Lambda does. */
function heapOptions(memoryMegabytes: number): string[] {
  const semiSpace = Math.min(Math.ceil(memoryMegabytes * 0.05), MAX_SEMI_SPACE_MEGABYTES);
  return [`--max-old-space-size=${Math.floor(memoryMegabytes * 0.9)}`, `--max-semi-space-size=${semiSpace}`];
}

/** The program and its arguments. The memory of a Python function is not limited here. */
export function bootstrapOf({ runtime, memoryMegabytes }: FunctionModel): [program: string, ...rest: string[]] {
  return runtime === 'python'
    ? [findPython(), resolve(RUNTIME_FOLDER, 'bootstrap.py')]
    : [process.execPath, ...heapOptions(memoryMegabytes), resolve(RUNTIME_FOLDER, 'bootstrap.ts')];
}
