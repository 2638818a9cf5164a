/** Everything that happened to a response, as one list. */
import { formatBytes } from '../../../shared/format.ts';
import { changesBetween, type Change } from './answers.ts';
import type { Item } from './definition.ts';
import { ACTIONS } from './reviews.ts';
import type { Attachment, LateRevision, Review } from './use-response.ts';
import type { StoredResponse } from './use-responses.ts';

export interface TimelineEntry {
  id: string;
  at: string;
  title: string;
  status?: StoredResponse['status'];
  text?: string;
  /** What a revision changed. */
  changes?: Change[];
}

interface History {
  items: readonly Item[];
  revisions: readonly StoredResponse[];
  late: readonly LateRevision[];
  reviews: readonly Review[];
  files: readonly Attachment[];
}

/** Newest first. */
export function timelineOf({ items, revisions, late, reviews, files }: History): TimelineEntry[] {
  const decided = new Set(
    reviews.filter(({ action, applied }) => applied && action !== 'comment').map(({ revision }) => revision),
  );
  const entries: TimelineEntry[] = [
    ...revisions.map((revision, index) =>
      revisionEntry(items, decided.has(revision.revision) ? asSent(revision) : revision, revisions[index - 1]),
    ),
    ...late.map((each, index) => ({
      id: `late ${index}`,
      at: each.saved_at,
      title: `Late response by ${each.author ?? each.user_id}, kept beside the revisions`,
      changes: changesBetween(items, revisions.at(-1)?.response ?? {}, each.response),
    })),
    ...reviews.map((review) => reviewEntry(review)),
    ...files.map(({ name, bytes, sha256, created_at: at }) => ({
      id: `file ${sha256} ${name}`,
      at,
      title: `File ${name} arrived`,
      text: formatBytes(bytes),
    })),
  ];
  return entries.toSorted((one, other) => other.at.localeCompare(one.at));
}

/** A revision with the status and the collector that it had before reviews. */
function asSent(revision: StoredResponse): StoredResponse {
  const { flags, response } = revision;
  const { user_id: collector } = response;
  return {
    ...revision,
    status: flags.length > 0 ? 'flagged' : 'accepted',
    ...(typeof collector === 'string' && { user_id: collector }),
  };
}

function revisionEntry(items: readonly Item[], revision: StoredResponse, before?: StoredResponse): TimelineEntry {
  const { revision: number, status, saved_at: at, author, user_id: user, rules_version: rules } = revision;
  const entry = { id: `revision ${number}`, at, status, title: `Revision ${number} by ${author ?? user}` };
  if (before === undefined) return entry;
  const changes = changesBetween(items, before.response, revision.response);
  if (changes.length > 0 || rules === before.rules_version) return { ...entry, changes };
  return { ...entry, title: `Revision ${number}: judged again by the rules of version ${rules}` };
}

function reviewEntry({
  review_id: id,
  created_at: at,
  action,
  author,
  assignee,
  text,
  ...review
}: Review): TimelineEntry {
  const done = action === 'assign' ? `Assigned to ${assignee ?? ''}` : ACTIONS[action].done.replace(/ on$/, '');
  const title = `${done} by ${author}${review.applied ? '' : ', without effect: another decision came first'}`;
  return { id, at, title, status: review.status, ...(text !== null && { text }) };
}
