/**
 * Replaces `cls-hooked/context`, in which the X-Ray SDK keeps the current segment, by Node's own AsyncLocalStorage.
 * cls-hooked listens to every promise of the process, which makes an `await` about twenty times slower
 * (docs/architecture.md describes the measurement).
 */
import { AsyncLocalStorage } from 'node:async_hooks';

type Context = Record<string, unknown>;

class Namespace {
  readonly #storage = new AsyncLocalStorage<Context>();
  /** The context outside of every `run`: the SDK enters a context when it is loaded and never leaves it. */
  #outermost: Context | undefined;

  get active(): Context | undefined {
    return this.#storage.getStore() ?? this.#outermost;
  }

  /** Creates a context that inherits the values of the surrounding context. */
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
