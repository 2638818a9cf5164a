import * as z from 'zod';
import type { Logger } from './logger.ts';

/** The environment variables of a function. Faults are collected and reported together. */
export class Environment {
  readonly variables: NodeJS.ProcessEnv;
  readonly #faults = new Set<string>();

  constructor(variables: NodeJS.ProcessEnv) {
    this.variables = variables;
  }

  /** A variable that must be set. */
  text(name: string, schema: z.ZodType<string> = z.string().min(1)): string {
    return this.#read(name, schema, '');
  }

  /** A variable that may be left out. */
  optional<Value>(name: string, schema: z.ZodType<Value>, fallback: Value): Value {
    return this.variables[name] === undefined ? fallback : this.#read(name, schema, fallback);
  }

  /** @throws {Error} that names every missing or malformed variable, without values */
  throwFaults(): void {
    if (this.#faults.size === 0) return;
    throw new Error(`The environment of this function is not complete. ${[...this.#faults].join('; ')}.`);
  }

  /** The value, or `placeholder` if it is faulty; then `throwFaults` prevents the use of the placeholder. */
  #read<Value>(name: string, schema: z.ZodType<Value>, placeholder: Value): Value {
    const parsed = schema.safeParse(this.variables[name]);
    if (parsed.success) return parsed.data;
    for (const { message } of parsed.error.issues) this.#faults.add(`${name}: ${message}`);
    return placeholder;
  }
}

/** Creates a function's own dependencies; `bind` adds the logger. */
export type CreateDependencies<Own extends object> = (environment: Environment, logger: Logger) => Own;

/** The dependencies that a handler gets: the dependencies from `createDependencies`, and the logger. */
export type Bound<Create extends CreateDependencies<object>> = ReturnType<Create> & { logger: Logger };

/** @throws {Error} that names every missing or malformed variable */
export function bind<Own extends object>(
  createDependencies: CreateDependencies<Own>,
  variables: NodeJS.ProcessEnv,
  logger: Logger,
): Own & { logger: Logger } {
  const environment = new Environment(variables);
  const dependencies = { ...createDependencies(environment, logger), logger };
  environment.throwFaults();
  return dependencies;
}
