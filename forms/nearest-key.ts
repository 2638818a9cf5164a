const MAX_EDITS = 2;
const MAX_LENGTH = 200;

/**
 * The candidate that an unknown key was probably meant to be: the same but for capitals, blanks and punctuation, or
 * at most two letters away.
 */
export function nearestKey(key: string, candidates: readonly string[]): string | undefined {
  if (key.length > MAX_LENGTH) return undefined;
  const plain = lettersOf(key);
  const [best] = candidates
    .filter((candidate) => Math.abs(candidate.length - key.length) <= MAX_LENGTH / 10)
    .map((candidate) => ({ candidate, edits: editsBetween(plain, lettersOf(candidate)) }))
    .filter(({ candidate, edits }) => edits <= Math.min(MAX_EDITS, candidate.length / 3))
    .toSorted((a, b) => a.edits - b.edits);
  return best?.candidate;
}

function lettersOf(key: string): string {
  return key.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** Levenshtein's distance: https://en.wikipedia.org/wiki/Levenshtein_distance, one row at a time. */
function editsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_EDITS) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    // No cell of a row is below the least of the row before: what is too far apart can be left early.
    if (Math.min(...next) > MAX_EDITS) return Infinity;
    row = next;
  }
  return row[b.length] ?? Infinity;
}
