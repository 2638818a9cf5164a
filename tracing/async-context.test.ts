import { setImmediate as turn } from 'node:timers/promises';
import { createNamespace, getNamespace } from './async-context.ts';

const namespace = createNamespace('test');
const base = namespace.createContext();
namespace.enter(base);
namespace.set('segment', 'outermost');

test('a namespace is found by its name', () => {
  expect(getNamespace('test')).toBe(namespace);
  expect(getNamespace('other')).toBeUndefined();
});

test('a value set in a run is visible in that run, even after its awaits, and nowhere else', async () => {
  const seen: unknown[] = [];
  const work = async (name: string) => {
    seen.push(namespace.get('segment'));
    namespace.set('segment', name);
    await turn();
    seen.push(namespace.get('segment'));
  };
  const works: Promise<void>[] = [];

  for (const name of ['first', 'second']) namespace.run(() => works.push(work(name)));
  await Promise.all(works);

  expect(seen).toEqual(['outermost', 'outermost', 'first', 'second']);
  expect(namespace.get('segment')).toBe('outermost');
});

test('a nested run inherits the values of the outer run, and its own values stay inside it', () => {
  namespace.run(() => {
    namespace.set('segment', 'around');
    const context = namespace.run((within) => {
      expect(namespace.active).toBe(within);
      expect(namespace.get('segment')).toBe('around');
      namespace.set('segment', 'within');
    });
    expect(context['segment']).toBe('within');
    expect(namespace.get('segment')).toBe('around');
  });
});

test('without a context no value can be read or set', () => {
  const empty = createNamespace('empty');

  expect(empty.get('segment')).toBeUndefined();
  expect(() => empty.set('segment', 'lost')).toThrow('No context was entered.');
});
