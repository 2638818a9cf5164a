/** Compares the stored states at the end of a fault run with the replies to the devices. Pure. */
import { isAcknowledged, type Sent } from './ledger.ts';

export interface StoredState {
  table: 'responses' | 'response_revisions' | 'late_revisions';
  responseId: string;
  /** Null for a late state, which did not become a revision. */
  revision: number | null;
  /** The result of `contentOf`. */
  content: string;
}

/** An event of the topic. */
export interface PublishedEvent {
  responseId: string;
  revision: number;
}

export interface Evidence {
  sent: readonly Sent[];
  stored: readonly StoredState[];
  published: readonly PublishedEvent[];
}

export const VIOLATIONS = {
  lost: 'acknowledged but not stored',
  doubled: 'stored more than once',
  wrongRevision: 'not the newest revision, or a history out of order',
  storedThoughRefused: 'refused but stored',
  acknowledgedThoughInvalid: 'invalid but acknowledged',
  refusedThoughValid: 'valid and new but refused',
  neverSent: 'stored but never sent',
  unresolved: 'neither acknowledged nor refused',
  notPublished: 'a revision without an event',
} as const;

export type ViolationName = keyof typeof VIOLATIONS;

export interface Finding {
  violation: ViolationName;
  responseId: string;
}

/** Every violation. There is none if each acknowledged state is stored exactly once and no refused state is stored. */
export function findViolations({ sent, stored, published }: Evidence): Finding[] {
  const sentOf = Map.groupBy(sent, ({ responseId }) => responseId);
  const storedOf = Map.groupBy(stored, ({ responseId }) => responseId);
  const events = new Set(published.map(({ responseId, revision }) => `${revision} ${responseId}`));
  return [...new Set([...sentOf.keys(), ...storedOf.keys()])].flatMap((responseId) => {
    const states = storedOf.get(responseId) ?? [];
    const violations = violationsOf(sentOf.get(responseId) ?? [], states);
    for (const { revision } of states) {
      if (revision !== null && !events.has(`${revision} ${responseId}`)) violations.push('notPublished');
    }
    return violations.map((violation) => ({ violation, responseId }));
  });
}

function violationsOf(sent: readonly Sent[], stored: readonly StoredState[]): ViolationName[] {
  const violations: ViolationName[] = [];
  const copies = Map.groupBy(stored, ({ content }) => content);
  for (const each of sent) {
    violations.push(...violationsOfReplies(each));
    const isStored = copies.has(each.content);
    if (isAcknowledged(each) && !isStored) violations.push('lost');
    if (mustNotBeStored(each) && isStored) violations.push('storedThoughRefused');
  }
  const contents = new Set(sent.map(({ content }) => content));
  for (const [content, { length }] of copies) {
    if (length > 1) violations.push('doubled');
    if (!contents.has(content)) violations.push('neverSent');
  }
  const current = stored.filter(({ table }) => table === 'responses');
  if (current.length > 1) violations.push('doubled');
  if (!isInOrder(sent, stored, current[0])) violations.push('wrongRevision');
  return violations;
}

function violationsOfReplies(sent: Sent): ViolationName[] {
  const isTaken = isAcknowledged(sent);
  if (isTaken && sent.expects === 'refused') return ['acknowledgedThoughInvalid'];
  if (!isTaken && sent.refused === 0) return ['unresolved'];
  return !isTaken && sent.expects === 'taken' ? ['refusedThoughValid'] : [];
}

/** Whether the state is invalid, or every try got a reply and none acknowledged it. */
function mustNotBeStored(sent: Sent): boolean {
  return sent.expects === 'refused' || (!isAcknowledged(sent) && sent.noReply === 0);
}

/** Whether the revisions are numbered from 1 in order of time, and the current one is the last and the newest state. */
function isInOrder(sent: readonly Sent[], stored: readonly StoredState[], current: StoredState | undefined): boolean {
  const timeOf = new Map(sent.map(({ content, lastModified }) => [content, lastModified]));
  const times = (states: readonly { content: string }[]) =>
    states.map(({ content }) => timeOf.get(content) ?? -Infinity);
  const newest = Math.max(...times([...sent.filter((each) => isAcknowledged(each)), ...stored]));
  if (current === undefined) return stored.length === 0;
  const revisions = stored
    .filter(({ revision }) => revision !== null)
    .toSorted((a, b) => (a.revision ?? 0) - (b.revision ?? 0));
  const history = times(revisions);
  return (
    revisions.at(-1) === current &&
    revisions.every(({ revision }, index) => revision === index + 1) &&
    history.every((time, index) => index === 0 || time > (history[index - 1] ?? -Infinity)) &&
    history.at(-1) === newest
  );
}
