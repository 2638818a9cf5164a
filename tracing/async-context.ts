/**
 * What the X-Ray SDK takes from `cls-hooked/context`, which it keeps the current segment in, on Node's own
 * AsyncLocalStorage. cls-hooked listens to every promise of the process, which makes an `await` some twenty times slower
 * (docs/architecture.md says how that was measured).
 */
import { AsyncLocalStorage } from 'node:async_hooks';

type Context = Record<string, unknown>;

class Namespace {
  readonly #storage = new AsyncLocalStorage<Context>();
  /** What holds outside of every `run`: the SDK enters one context when it is loaded, and never leaves it. */
  #outermost: Context | undefined;

  get active(): Context | undefined {
    return this.#storage.getStore() ?? this.#outermost;
  }

  /** A context that knows what the one around it knows. */
  createContext(): Context {
    return Object.create(this.active ?? null);
  }

  enter(context: Context): void {
    this.#outermost = context;
  }

  run(work: (context: Context) => void): Context {
    const context = this.createContext();
    this.#storage.run(context, work, context);
    return context;
  }

  get(key: string): unknown {
    return this.active?.[key];
  }

  set<Value>(key: string, value: Value): Value {
    if (this.active === undefined) throw new Error('No context was entered.');
    this.active[key] = value;
    return value;
  }
}

const namespaces = new Map<string, Namespace>();

export function getNamespace(name: string): Namespace | undefined {
  return namespaces.get(name);
}

export function createNamespace(name: string): Namespace {
  const namespace = new Namespace();
  namespaces.set(name, namespace);
  return namespace;
}
