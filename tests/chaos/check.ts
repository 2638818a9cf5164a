/** Holds what is stored at the end of a fault run against what the devices were told. Pure. */
import { isAcknowledged, type Sent } from './ledger.ts';

export interface StoredState {
  table: 'responses' | 'response_revisions' | 'late_revisions';
  responseId: string;
  /** Null for what came too late to be one. */
  revision: number | null;
  /** Of `contentOf`. */
  content: string;
}

/** What the topic was told of. */
export interface PublishedEvent {
  responseId: string;
  revision: number;
}

export interface Evidence {
  sent: readonly Sent[];
  stored: readonly StoredState[];
  published: readonly PublishedEvent[];
}

export const FAULTS = {
  lost: 'acknowledged, and not there',
  doubled: 'there more than once',
  wrongRevision: 'not the newest revision, or a history out of order',
  storedThoughRefused: 'refused, and there all the same',
  takenThoughInvalid: 'invalid, and acknowledged',
  refusedThoughValid: 'valid and new, and refused',
  neverSent: 'there, and nobody sent it',
  unresolved: 'neither acknowledged nor refused in the end',
  notTold: 'a revision of which the topic was not told',
} as const;

export type FaultName = keyof typeof FAULTS;

export interface Finding {
  fault: FaultName;
  responseId: string;
}

/** Everything that is wrong; empty when all that was acknowledged is there exactly once, and nothing that was refused. */
export function findFaults({ sent, stored, published }: Evidence): Finding[] {
  const sentOf = Map.groupBy(sent, ({ responseId }) => responseId);
  const storedOf = Map.groupBy(stored, ({ responseId }) => responseId);
  const told = new Set(published.map(({ responseId, revision }) => `${revision} ${responseId}`));
  return [...new Set([...sentOf.keys(), ...storedOf.keys()])].flatMap((responseId) => {
    const states = storedOf.get(responseId) ?? [];
    const faults = faultsOf(sentOf.get(responseId) ?? [], states);
    for (const { revision } of states) {
      if (revision !== null && !told.has(`${revision} ${responseId}`)) faults.push('notTold');
    }
    return faults.map((fault) => ({ fault, responseId }));
  });
}

function faultsOf(sent: readonly Sent[], stored: readonly StoredState[]): FaultName[] {
  const faults: FaultName[] = [];
  const copies = Map.groupBy(stored, ({ content }) => content);
  for (const each of sent) {
    faults.push(...faultsOfAnswers(each));
    const isStored = copies.has(each.content);
    if (isAcknowledged(each) && !isStored) faults.push('lost');
    if (mustNotBeStored(each) && isStored) faults.push('storedThoughRefused');
  }
  const contents = new Set(sent.map(({ content }) => content));
  for (const [content, { length }] of copies) {
    if (length > 1) faults.push('doubled');
    if (!contents.has(content)) faults.push('neverSent');
  }
  const standing = stored.filter(({ table }) => table === 'responses');
  if (standing.length > 1) faults.push('doubled');
  if (!isInOrder(sent, stored, standing[0])) faults.push('wrongRevision');
  return faults;
}

function faultsOfAnswers(sent: Sent): FaultName[] {
  const isTaken = isAcknowledged(sent);
  if (isTaken && sent.expects === 'refused') return ['takenThoughInvalid'];
  if (!isTaken && sent.refused === 0) return ['unresolved'];
  return !isTaken && sent.expects === 'taken' ? ['refusedThoughValid'] : [];
}

/** What a try without an answer left behind may be there, unless it could never be taken. */
function mustNotBeStored(sent: Sent): boolean {
  return sent.expects === 'refused' || (!isAcknowledged(sent) && sent.unanswered === 0);
}

/** Revisions count from 1 and move forward in time; the last one stands, and nothing acknowledged or stored is newer. */
function isInOrder(sent: readonly Sent[], stored: readonly StoredState[], standing: StoredState | undefined): boolean {
  const timeOf = new Map(sent.map(({ content, lastModified }) => [content, lastModified]));
  const times = (states: readonly { content: string }[]) =>
    states.map(({ content }) => timeOf.get(content) ?? -Infinity);
  const newest = Math.max(...times([...sent.filter((each) => isAcknowledged(each)), ...stored]));
  if (standing === undefined) return stored.length === 0;
  const revisions = stored
    .filter(({ revision }) => revision !== null)
    .toSorted((a, b) => (a.revision ?? 0) - (b.revision ?? 0));
  const history = times(revisions);
  return (
    revisions.at(-1) === standing &&
    revisions.every(({ revision }, index) => revision === index + 1) &&
    history.every((time, index) => index === 0 || time > (history[index - 1] ?? -Infinity)) &&
    history.at(-1) === newest
  );
}
