/** Quality figures by a scan of the stored revisions, straight from the definitions in docs/quality.md. */
import type { Database } from '../../db-proxy-lambda/database/database.ts';
import type { QualityRow } from '../../db-proxy-lambda/contract.ts';

/** The figures of a row, with every correction time in seconds instead of their median. */
export type ScannedRow = Omit<QualityRow, 'first_pass_rate' | 'flags_per_hundred' | 'median_correction_seconds'> & {
  seconds: number[];
};

/** What the revisions of a response do not tell. */
export interface Happened {
  /** The collector of the first revision: an assignment replaces it in the table. */
  collector: string;
  /** Revisions that a re-judge wrote. */
  rejudged: Set<number>;
  reviews: { at: string; afterRevision: number; action: string; assignee?: string }[];
}

/** A revision, with the rule of each of its flags. */
interface Revision {
  revision: number;
  user_id: string;
  rules: string[];
  at: string;
}

/** A time in which a response, or a rule of it, was flagged. */
interface Spell {
  from: string;
  to?: string;
  /** Whether a re-judge ended it, so that it was no correction. */
  cleared?: boolean;
}

const DECISIONS = { approve: 'approved', return: 'returned', reject: 'rejected' } as const;
const EXEMPT = 'MissingAttachment';

function decisionOf(action: string): string | undefined {
  return action === 'approve' || action === 'return' || action === 'reject' ? DECISIONS[action] : undefined;
}

/** Scans the responses of a form that arrived on `since` or later. */
export async function scanQuality(
  { db }: Database,
  formId: string,
  by: 'collector' | 'rule' | 'day',
  since: string,
  happened: ReadonlyMap<string, Happened>,
): Promise<ScannedRow[]> {
  const columns = ['response_id', 'revision', 'user_id', 'flags', 'status'] as const;
  const last = await db
    .selectFrom('responses')
    .select([...columns, 'updated_at as at'])
    .where('form_id', '=', formId)
    .where('status', '!=', 'erased')
    .execute();
  const older = await db
    .selectFrom('response_revisions')
    .select([...columns, 'saved_at as at'])
    .execute();
  const rows = new Map<string, ScannedRow>();
  let total = 0;
  const rowOf = (key: string): ScannedRow => {
    const none = { responses: 0, first_passed: 0, flagged: 0, flags: 0, returned: 0, corrected: 0, open: 0 };
    const row = rows.get(key) ?? { key, ...none, seconds: [] };
    rows.set(key, row);
    return row;
  };
  const firstFlagged = new Map<string, number>();
  for (const { response_id: id } of last) {
    const own: Revision[] = [...older, ...last]
      .filter((row) => row.response_id === id)
      .map((row) => {
        const flags: { rule: string }[] = JSON.parse(row.flags);
        return { ...row, rules: flags.map((flag) => flag.rule) };
      })
      .toSorted((one, other) => one.revision - other.revision);
    const told = happened.get(id);
    const [first] = own;
    if (told === undefined || first === undefined || first.at.slice(0, 10) < since) continue;
    total += 1;
    const { counted, status, owner } = walk(own, told);
    const isOpen = status === 'flagged' || status === 'returned';
    const isReturned = told.reviews.some((review) => review.action === 'return');
    const lastRules = counted.at(-1)?.rules ?? [];
    const rules = [...new Set(counted.flatMap((each) => each.rules))];
    const faults = rules.filter((rule) => rule !== EXEMPT);
    const broken = faults.map((rule) => ({
      rule,
      by: counted.find((each) => each.rules.includes(rule) && !told.rejudged.has(each.revision)),
    }));

    const add = (row: ScannedRow, some: typeof broken, ofRules: readonly string[], openNow: boolean) => {
      const raised = some.filter((each) => each.by !== undefined);
      if (raised.length > 0) row.flagged += 1;
      if (raised.some((each) => each.by === first)) firstFlagged.set(row.key, (firstFlagged.get(row.key) ?? 0) + 1);
      for (const { rule, by: revision } of raised) {
        row.flags += revision?.rules.filter((each) => each === rule).length ?? 0;
      }
      const isCounted = by !== 'rule' || raised.length > 0;
      if (isReturned && isCounted) row.returned += 1;
      if (openNow) row.open += 1;
      const correction = correctionSeconds(counted, told, ofRules);
      if (correction === undefined) return;
      row.corrected += 1;
      row.seconds.push(correction);
    };
    if (by === 'rule') {
      for (const rule of rules) {
        const some = broken.filter((each) => each.rule === rule);
        add(rowOf(rule), some, rule === EXEMPT ? [] : [rule], isOpen && lastRules.includes(rule));
      }
      continue;
    }
    const row = rowOf(by === 'day' ? first.at.slice(0, 10) : told.collector);
    row.responses += 1;
    add(row, broken, faults, isOpen && by === 'day');
    if (isOpen && by === 'collector') rowOf(owner).open += 1;
  }
  for (const row of rows.values()) {
    if (by === 'rule') row.responses = total;
    row.first_passed = row.responses - (firstFlagged.get(row.key) ?? 0);
  }
  return [...rows.values()]
    .filter((row) => (by === 'rule' ? row.flagged + row.corrected + row.open > 0 : row.responses + row.open > 0))
    .toSorted((one, other) => (one.key < other.key ? -1 : 1));
}

/** The revisions that count, the status and the owner in the end. */
function walk(own: readonly Revision[], { rejudged, reviews }: Happened) {
  const counted: Revision[] = [];
  let status = '';
  let owner = '';
  let isAssigned = false;
  for (const revision of own) {
    const isDecided = status !== '' && status !== 'accepted' && status !== 'flagged';
    if (!(isDecided && rejudged.has(revision.revision))) {
      counted.push(revision);
      status = revision.rules.length > 0 ? 'flagged' : 'accepted';
      if (!isAssigned) owner = revision.user_id;
    }
    for (const { action, assignee } of reviews.filter((each) => each.afterRevision === revision.revision)) {
      status = decisionOf(action) ?? status;
      if (assignee === undefined) continue;
      owner = assignee;
      isAssigned = true;
    }
  }
  return { counted, status, owner };
}

/** The length in seconds of the first time flagged by one of these rules that a correction or an approval ended. */
function correctionSeconds(
  counted: readonly Revision[],
  { rejudged, reviews }: Happened,
  rules: readonly string[],
): number | undefined {
  const marks = [
    ...counted.map(({ revision, at, rules: broken }) => ({
      order: revision,
      at,
      isFlagged: broken.some((rule) => rules.includes(rule)),
      cleared: rejudged.has(revision),
    })),
    ...reviews
      .filter((each) => each.action === 'approve')
      .map(({ at, afterRevision }) => ({ order: afterRevision + 0.5, at, isFlagged: false, cleared: false })),
  ].toSorted((one, other) => one.order - other.order);
  const spells: Spell[] = [];
  for (const { at, isFlagged, cleared } of marks) {
    const open = spells.find((spell) => spell.to === undefined);
    if (isFlagged && open === undefined) spells.push({ from: at });
    if (!isFlagged && open !== undefined) Object.assign(open, { to: at, cleared });
  }
  const ended = spells.find((spell) => spell.to !== undefined && !spell.cleared);
  return ended?.to === undefined ? undefined : (Date.parse(ended.to) - Date.parse(ended.from)) / 1_000;
}
