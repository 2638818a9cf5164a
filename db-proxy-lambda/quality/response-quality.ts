/** The figures of one response, and how an event changes them. Pure. docs/quality.md defines the figures. */
import { OWN_FLAGS } from '../../forms/definition/metadata.ts';
import type { PendingEvent, StandingStatus } from '../contract.ts';
import { bucketOf } from './correction-times.ts';

/** The flags of one rule, or of all rules together. */
export interface Track {
  /** Whether the first revision had such a flag. */
  first: boolean;
  /** The flags of the revision with which a collector first broke the rule; 0 if none ever did. */
  flags: number;
  /** Whether the last revision has such a flag. */
  present: boolean;
  /** The time of the flag; null if the response has no such flag, or if the correction is counted already. */
  since: string | null;
  /** The correction time; null before the first correction. */
  bucket: number | null;
}

export interface Tracks {
  all: Track;
  /** By rule; a list, because a rule may have any name. */
  rules: [rule: string, track: Track][];
}

export interface ResponseQuality {
  form_id: string;
  day: string;
  collector: string;
  owner: string;
  assigned: boolean;
  status: StandingStatus;
  returned: boolean;
  tracks: Tracks;
}

/** Names in the table are at most this long; rules of the first releases could have longer names. */
const MAX_NAME = 128;

/** A rule's name in the figures. */
export function nameOfRule(rule: string): string {
  return rule.slice(0, MAX_NAME).toWellFormed().trim();
}

/** Whether the response still waits for its collector. */
export function isOpen({ status }: Pick<ResponseQuality, 'status'>): boolean {
  return status === 'flagged' || status === 'returned';
}

/** Whether the event is that of a new response. */
export function isFirst({ type, revision }: PendingEvent): boolean {
  return revision === 1 && type !== 'reviewed' && type !== 'erased';
}

/**
 * The quality after an event; undefined if the response is not counted: it was erased, or it arrived before responses were
 * counted. Changes `known`.
 */
export function follow(known: ResponseQuality | undefined, event: PendingEvent): ResponseQuality | undefined {
  if (event.type === 'erased') return undefined;
  const quality = known ?? (isFirst(event) ? newQuality(event) : undefined);
  if (quality === undefined) return undefined;
  if (event.review !== undefined) followReview(quality, event.review, event.occurred_at);
  else followRevision(quality, event);
  return quality;
}

function newQuality({ form_id, user_id: collector, occurred_at: at }: PendingEvent): ResponseQuality {
  const day = at.slice(0, 10);
  const tracks = noTracks();
  return { form_id, day, collector, owner: collector, assigned: false, status: 'accepted', returned: false, tracks };
}

/** The figures of a response that never had a flag. */
export function noTracks(): Tracks {
  return { all: newTrack(), rules: [] };
}

function newTrack(): Track {
  return { first: false, flags: 0, present: false, since: null, bucket: null };
}

type Review = NonNullable<PendingEvent['review']>;

function followReview(quality: ResponseQuality, { action, status, assignee }: Review, at: string): void {
  quality.status = status;
  if (action === 'assign' && assignee !== undefined) {
    quality.owner = assignee;
    quality.assigned = true;
  }
  if (action === 'return') quality.returned = true;
  if (action === 'approve') for (const track of tracksOf(quality)) stopClock(track, at);
}

/** A re-judge keeps a manager's decision, and then changes no figure. */
function followRevision(quality: ResponseQuality, event: PendingEvent): void {
  const { revision, rejudged = false, occurred_at: at, user_id: sender } = event;
  const isDecided = quality.status !== 'accepted' && quality.status !== 'flagged';
  if (rejudged && isDecided) return;
  quality.status = event.type === 'flagged' ? 'flagged' : 'accepted';
  if (!quality.assigned) quality.owner = sender;

  const { all, rules } = quality.tracks;
  const flagsByRule = countFlags(event);
  for (const rule of flagsByRule.keys()) {
    if (!rules.some(([name]) => name === rule)) rules.push([rule, newTrack()]);
  }
  let isAnyFlagged = false;
  for (const [rule, track] of rules) {
    const flags = flagsByRule.get(rule) ?? 0;
    track.present = flags > 0;
    // A file that has not arrived yet is not a fault of the answers.
    if (rule === OWN_FLAGS.missingAttachment) continue;
    if (flags === 0) {
      endFlag(track, at, rejudged);
      continue;
    }
    isAnyFlagged = true;
    if (track.bucket === null) track.since ??= at;
    if (rejudged || track.flags > 0) continue;
    track.flags = flags;
    track.first = revision === 1;
    all.flags += flags;
    all.first ||= track.first;
  }
  all.present = isAnyFlagged;
  if (!isAnyFlagged) endFlag(all, at, rejudged);
  else if (all.bucket === null) all.since ??= at;
}

/** The flags of a revision by rule. */
function countFlags({ flags }: PendingEvent): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { rule } of flags) {
    const name = nameOfRule(rule);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Rules that changed clear a flag without a correction: the clock restarts at the next flag. */
function endFlag(track: Track, at: string, rejudged: boolean): void {
  if (rejudged) track.since = null;
  else stopClock(track, at);
}

function stopClock(track: Track, at: string): void {
  if (track.since === null) return;
  track.bucket = bucketOf(Date.parse(at) - Date.parse(track.since));
  track.since = null;
}

function tracksOf({ tracks: { all, rules } }: ResponseQuality): Track[] {
  return [all, ...rules.map(([, track]) => track)];
}
