/** The tables of quality figures. One transaction at a time writes them: see `lockFigures`. */

import type { StandingStatus } from '../contract.ts';

/** The figures of one response. They contain no answer and no flag's text. */
export interface QualityResponsesTable {
  response_id: string;
  form_id: string;
  /** The UTC day on which the first revision was saved. */
  day: string;
  /** The collector of the first revision. */
  collector: string;
  /** The collector to whom the response belongs. */
  owner: string;
  /** 1 after an assignment: then only another assignment changes the owner. */
  assigned: number;
  /** The status after the last counted event. */
  status: StandingStatus;
  /** 1 if a manager ever returned the response. */
  returned: number;
  /** The flags of the response as JSON (`Tracks`); null if it never had a flag. */
  tracks: string | null;
}

/** The figures that add up. The figures of a rule count only responses that the rule flagged. */
export const FIGURES = [
  'responses',
  'first_flagged',
  'flagged',
  'flags',
  'returned',
  'corrected',
  'still_open',
] as const;

export type Figures = Record<(typeof FIGURES)[number], number>;

/**
 * Sums of a form: of a day (`day`), of a collector on a day or in a month (`collector`, `collector-month`), and of a rule
 * on a day or in a month (`rule`, `rule-month`).
 */
export type Kind = 'day' | 'collector' | 'collector-month' | 'rule' | 'rule-month';

export interface FigureKey {
  form_id: string;
  kind: Kind;
  /** YYYY-MM-DD, or YYYY-MM for a month. */
  period: string;
  /** The collector or the rule; empty for `day`. */
  name: string;
}

export interface QualityFiguresTable extends FigureKey, Figures {
  /** The histogram of correction times as JSON: the number of times by bucket (`bucketOf`). Null if there are none. */
  times: string | null;
}

/** One row: since when responses are counted. */
interface QualityStartTable {
  id: number;
  counted_since: string;
}

export interface QualityTables {
  quality_responses: QualityResponsesTable;
  quality_figures: QualityFiguresTable;
  quality_start: QualityStartTable;
}
