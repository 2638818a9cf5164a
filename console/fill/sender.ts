/** Sends the queued responses: in order, answers before photos, and each photo in a request of its own. */
import { ref, shallowRef } from 'vue';
import { messageOf, NoReplyError } from '../shared/problem.ts';
import { BusyError, RefusedError, sendSubmission, SignedOutError } from './openrosa.ts';
import { refusal, token, userId } from './session.ts';
import { database, outgoingInOrder } from './store.ts';
import { problem, refreshWorklist, worklist } from './sync.ts';
import type { Outgoing, WorkItem } from './types.ts';

/** The outcome of sending a response. */
export type Outcome =
  | { kind: 'kept' }
  | { kind: 'refused'; message: string }
  | { kind: 'accepted' | 'received'; message: string }
  | { kind: 'flagged'; item: WorkItem };

/** The responses that are not sent yet, in order. */
export const outgoing = shallowRef<Outgoing[]>([]);
export const isSending = ref(false);

const RETRY_MS = 30_000;
const SENT_BY_ANOTHER_TAB =
  'Another tab of this page has sent it. The list says whether there is something to correct.';

let last: Promise<void> = Promise.resolve();
let next: Promise<void> | undefined;
const outcomes = new Map<string, Outcome>();

export async function loadOutgoing(): Promise<void> {
  outgoing.value = await outgoingInOrder();
}

/** Sends whenever there may be a network again. A browser sends nothing while the page is closed. */
export function keepSending(): void {
  globalThis.addEventListener('online', () => void sendAll());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void sendAll();
  });
  setInterval(() => {
    if (outgoing.value.some(({ refused }) => refused === undefined)) void sendAll();
  }, RETRY_MS);
  void sendAll();
}

/** Sends a queued response, after the responses queued before it. @returns the outcome */
export async function send(instanceId: string): Promise<Outcome> {
  await sendAll();
  const isKept = outgoing.value.some((each) => each.instance_id === instanceId);
  return outcomes.get(instanceId) ?? (isKept ? { kind: 'kept' } : { kind: 'received', message: SENT_BY_ANOTHER_TAB });
}

/**
 * Sends the queued responses, one tab at a time. Unsent responses stay queued. A call during a run causes another run,
 * because the network may have returned meanwhile.
 */
export function sendAll(): Promise<void> {
  if (next !== undefined) return next;
  next = last.then(() => {
    next = undefined;
    return sendWithLock();
  });
  last = next.catch(() => undefined);
  return next;
}

async function sendWithLock(): Promise<void> {
  await loadOutgoing();
  if (token === undefined || refusal.value !== undefined || outgoing.value.length === 0) return;
  await navigator.locks.request('collect-send', sendInOrder);
}

async function sendInOrder(): Promise<void> {
  isSending.value = true;
  try {
    // Only the server knows which collector a new link belongs to; the worklist says so.
    if (userId.value === undefined) await refreshWorklist();
    // A correction waits for the response that it corrects, even if the server refused that response.
    const held = new Set<string>();
    await loadOutgoing();
    for (const response of outgoing.value) {
      const isOwn = response.user_id === userId.value;
      const isHeld = !isOwn || response.refused !== undefined || held.has(response.response_id);
      if (isHeld || !(await isSent(response))) held.add(response.response_id);
    }
  } catch (error) {
    if (!(error instanceof NoReplyError || error instanceof SignedOutError)) problem.value = messageOf(error);
  } finally {
    isSending.value = false;
    await loadOutgoing();
  }
}

/** @throws {NoReplyError} without a network; {@link SignedOutError}. The response stays queued then */
async function isSent(response: Outgoing): Promise<boolean> {
  const { instance_id: id } = response;
  const db = await database();
  try {
    const message = await sendFiles(response);
    await db.delete('outgoing', id);
    outcomes.set(id, await judged(response, message));
    return true;
  } catch (error) {
    // A response that the server cannot take now does not hold up the next ones.
    if (error instanceof BusyError) return false;
    if (!(error instanceof RefusedError)) throw error;
    outcomes.set(id, { kind: 'refused', message: error.message });
    await db.put('outgoing', { ...response, refused: error.message });
    return false;
  } finally {
    await loadOutgoing();
  }
}

/** Sends the answers, then the files that the server does not have. @returns the server's last message */
async function sendFiles(response: Outgoing): Promise<string> {
  const db = await database();
  const waiting = response.files.filter(({ sent }) => !sent);
  let message = await sendSubmission(response.xml, undefined, waiting.length === 0);
  for (const [index, file] of waiting.entries()) {
    message = await sendSubmission(response.xml, file, index === waiting.length - 1);
    file.sent = true;
    await db.put('outgoing', response);
  }
  return message;
}

/** The outcome of a sent response. The worklist says if it was flagged; then its answers stay on the phone. */
async function judged(response: Outgoing, message: string): Promise<Outcome> {
  const { response_id: responseId, xml, files } = response;
  const item = await refreshWorklist().then(
    () => worklist.value.find((each) => each.response_id === responseId),
    () => undefined,
  );
  if (item === undefined) return { kind: message.startsWith('Accepted.') ? 'accepted' : 'received', message };
  const work = { response_id: responseId, revision: item.revision, xml, files };
  await (await database()).put('work', work);
  return { kind: 'flagged', item };
}
