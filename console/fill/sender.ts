/** Sends what is queued: in order, answers before photos, and each photo in a request of its own. */
import { ref, shallowRef } from 'vue';
import { NoReplyError } from '../shared/problem.ts';
import { BusyError, noteRefusedToken, RefusedError, sendSubmission } from './door.ts';
import { refusal, token, userId } from './session.ts';
import { database, outgoingInOrder } from './store.ts';
import { refreshWorklist, worklist } from './sync.ts';
import type { Outgoing, WorkItem } from './types.ts';

/** What became of a response that was sent. */
export type Outcome =
  | { kind: 'kept' }
  | { kind: 'refused'; message: string }
  | { kind: 'accepted' | 'received'; message: string }
  | { kind: 'flagged'; item: WorkItem };

/** The responses that are not sent yet, in order. */
export const outgoing = shallowRef<Outgoing[]>([]);
export const isSending = ref(false);

const RETRY_MS = 30_000;

let running: Promise<void> | undefined;
const outcomes = new Map<string, Outcome>();

export async function loadOutgoing(): Promise<void> {
  outgoing.value = await outgoingInOrder();
}

/** Sends whenever there may be a network again. */
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

/** Sends a queued response, after those before it. @returns what became of it */
export async function send(instanceId: string): Promise<Outcome> {
  await running;
  await sendAll();
  return outcomes.get(instanceId) ?? { kind: 'kept' };
}

/** Sends what is queued, unless another tab is sending. Never throws: what is not sent stays. */
export function sendAll(): Promise<void> {
  running ??= sendWithLock().finally(() => {
    running = undefined;
  });
  return running;
}

async function sendWithLock(): Promise<void> {
  await navigator.locks.request('collect-send', { ifAvailable: true }, async (lock) => {
    if (lock !== null) await sendInOrder();
  });
}

async function sendInOrder(): Promise<void> {
  isSending.value = true;
  try {
    // A correction waits for what it corrects, also if that was refused.
    const held = new Set<string>();
    await loadOutgoing();
    for (const response of outgoing.value) {
      if (token.value === undefined || refusal.value !== undefined) break;
      const isOwn = userId.value === undefined || response.user_id === userId.value;
      if (!isOwn || response.refused !== undefined || held.has(response.response_id)) {
        held.add(response.response_id);
        continue;
      }
      try {
        await sendOne(response);
      } catch (error) {
        // What the server cannot take now must not hold up the responses behind it.
        if (!(error instanceof BusyError)) throw error;
        held.add(response.response_id);
      }
      if (outcomes.get(response.instance_id)?.kind === 'refused') held.add(response.response_id);
    }
  } catch (error) {
    if (!(error instanceof NoReplyError)) await noteRefusedToken(error);
  } finally {
    isSending.value = false;
    await loadOutgoing();
  }
}

/** @throws {NoReplyError} without a network; {@link RefusedError} if the token is refused. It stays queued then */
async function sendOne(response: Outgoing): Promise<void> {
  const db = await database();
  const { instance_id: id, xml } = response;
  try {
    const waiting = response.files.filter(({ sent }) => !sent);
    let message = await sendSubmission(xml, undefined, waiting.length === 0);
    for (const [index, file] of waiting.entries()) {
      message = await sendSubmission(xml, file, index === waiting.length - 1);
      file.sent = true;
      await db.put('outgoing', response);
    }
    outcomes.set(id, await judged(response, message));
    await db.delete('outgoing', id);
  } catch (error) {
    if (!(error instanceof RefusedError) || (await noteRefusedToken(error))) throw error;
    outcomes.set(id, { kind: 'refused', message: error.message });
    await db.put('outgoing', { ...response, refused: error.message });
  }
  await loadOutgoing();
}

/** Whether a response was flagged, which the worklist says. Its answers stay on the phone, to be corrected. */
async function judged(response: Outgoing, message: string): Promise<Outcome> {
  const { response_id: responseId, xml, files } = response;
  try {
    await refreshWorklist();
  } catch {
    return { kind: 'received', message };
  }
  const item = worklist.value.find((each) => each.response_id === responseId);
  if (item === undefined) return { kind: message.startsWith('Accepted.') ? 'accepted' : 'received', message };
  const work = { response_id: responseId, revision: item.revision, xml, files };
  await (await database()).put('work', work);
  return { kind: 'flagged', item };
}
