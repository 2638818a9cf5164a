/** Quality figures by a scan of the stored revisions and reviews, straight from the definitions in docs/quality.md. */
import type { Database } from '../../db-proxy-lambda/database/database.ts';
import type { QUALITY_KEYS, QualityRow } from '../../db-proxy-lambda/contract.ts';

/** The figures of a row, with every correction time in seconds instead of their median. */
export type ScannedRow = Omit<QualityRow, 'first_pass_rate' | 'flags_per_hundred' | 'median_correction_seconds'> & {
  seconds: number[];
};

interface Review {
  at: string;
  revision: number;
  action: string;
}

/** What happened to a response, apart from its revisions. */
interface Happened {
  /** Revisions that a re-judge wrote. */
  rejudged: ReadonlySet<number>;
  reviews: readonly Review[];
}

/** A revision, with the rule of each of its flags. */
interface Revision {
  revision: number;
  /** The user_id of its sender. */
  collector: string;
  rules: string[];
  at: string;
}

/** A period in which rules flagged a response. */
interface Spell {
  from: string;
  to?: string;
  /** Whether a re-judge ended it, so that it was not a correction. */
  cleared?: boolean;
}

const DECISIONS: ReadonlySet<string> = new Set(['approve', 'return', 'reject']);
const EXEMPT = 'MissingAttachment';

/** Scans the responses of a form that arrived on `since` or later. */
export async function scanQuality(
  { db }: Database,
  formId: string,
  by: (typeof QUALITY_KEYS)[number],
  since: string,
  rejudged: ReadonlyMap<string, ReadonlySet<number>>,
): Promise<ScannedRow[]> {
  const columns = ['response_id', 'revision', 'user_id', 'flags'] as const;
  const last = await db
    .selectFrom('responses')
    .select((eb) => [
      ...columns,
      'status',
      eb.fn.coalesce('collected_by', 'user_id').as('collector'),
      eb.fn.coalesce('revised_at', 'updated_at').as('at'),
    ])
    .where('form_id', '=', formId)
    .where('status', '!=', 'erased')
    .execute();
  const older = await db
    .selectFrom('response_revisions')
    .select([...columns, 'user_id as collector', 'saved_at as at'])
    .execute();
  const reviews = await db
    .selectFrom('reviews')
    .select(['response_id', 'saved_at as at', 'revision', 'action'])
    .where('applied', '=', 1)
    .orderBy('id')
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
  for (const { response_id: id, status, user_id: owner } of last) {
    const own: Revision[] = [...older, ...last]
      .filter((row) => row.response_id === id)
      .map((row) => {
        const flags: { rule: string }[] = JSON.parse(row.flags);
        return { ...row, rules: flags.map((flag) => flag.rule) };
      })
      .toSorted((one, other) => one.revision - other.revision);
    const told = {
      rejudged: rejudged.get(id) ?? new Set(),
      reviews: reviews.filter((review) => review.response_id === id),
    };
    const [first] = own;
    if (first === undefined || first.at.slice(0, 10) < since) continue;
    total += 1;
    const counted = countedOf(own, told);
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
    const keys = { day: first.at.slice(0, 10), form: formId, collector: first.collector };
    const row = rowOf(keys[by]);
    row.responses += 1;
    add(row, broken, faults, isOpen && by !== 'collector');
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

/** The revisions that count: after a manager's decision, a re-judge changes no figure. */
function countedOf(own: readonly Revision[], { rejudged, reviews }: Happened): Revision[] {
  const counted: Revision[] = [];
  let isDecided = false;
  for (const revision of own) {
    if (!isDecided || !rejudged.has(revision.revision)) {
      counted.push(revision);
      isDecided = false;
    }
    isDecided ||= reviews.some((each) => each.revision === revision.revision && DECISIONS.has(each.action));
  }
  return counted;
}

/** The seconds of the first period with a flag of these rules that a correction or an approval ended. */
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
      .map(({ at, revision }) => ({ order: revision + 0.5, at, isFlagged: false, cleared: false })),
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
