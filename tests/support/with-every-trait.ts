/** The items that together have every trait. From the last to the first, drops each that adds no trait to the others. */
export function withEveryTrait<Each extends { readonly traits: readonly string[] }>(
  items: readonly Each[],
): ReadonlySet<Each> {
  const kept = new Set(items);
  for (const each of items.toReversed()) {
    kept.delete(each);
    const others = new Set([...kept].flatMap(({ traits }) => traits));
    if (each.traits.some((trait) => !others.has(trait))) kept.add(each);
  }
  return kept;
}
