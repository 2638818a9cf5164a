import { distance } from 'fastest-levenshtein';

const MAX_EDITS = 2;
const MAX_LENGTH = 200;

/** The candidate nearest to an unknown key: at most two letters differ. Case, blanks and punctuation are ignored. */
export function nearestKey(key: string, candidates: readonly string[]): string | undefined {
  if (key.length > MAX_LENGTH) return undefined;
  const plain = lettersOf(key);
  const [best] = candidates
    .filter((candidate) => Math.abs(candidate.length - key.length) <= MAX_LENGTH / 10)
    .map((candidate) => ({ candidate, edits: distance(plain, lettersOf(candidate)) }))
    .filter(({ candidate, edits }) => edits <= Math.min(MAX_EDITS, candidate.length / 3))
    .toSorted((a, b) => a.edits - b.edits);
  return best?.candidate;
}

function lettersOf(key: string): string {
  return key.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}
