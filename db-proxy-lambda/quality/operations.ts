import type { Input } from '../contract.ts';
import { findForm } from '../forms/queries.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import type { qualityOperations, QualityRow } from './contract.ts';
import { addTimes, medianSeconds, readTimes, type Histogram } from './correction-times.ts';
import { countResponses, findCountedSince, findFigures, type Range, type SumRow } from './queries.ts';
import { FIGURES, type Figures } from './rows.ts';
import { noFigures } from './tally.ts';

export const qualityHandlers: OperationHandlers<typeof qualityOperations> = {
  readQuality: async ({ db }, { form_id: formId, by, since }) => {
    const read = [];
    for (const range of rangesOf(by, since)) read.push(...(await findFigures(db, formId, range)));
    const total = by === 'rule' ? await countResponses(db, formId, since ?? '') : undefined;
    const sums = sumByKey(read, keyBy(by, formId));
    const rows = [...sums]
      .filter(([, { figures }]) => FIGURES.some((name) => figures[name] !== 0))
      .map(([key, { figures, times }]) => toRow(key, { ...figures, responses: total ?? figures.responses }, times))
      .toSorted((one, other) => (one.key < other.key ? -1 : 1));
    if (rows.length === 0 && (await findForm(db, formId, undefined)) === undefined) return { outcome: 'unknown_form' };
    return { outcome: 'found', counted_since: await findCountedSince(db), rows };
  },
};

function keyBy(by: Input<'readQuality'>['by'], formId: string): (row: SumRow) => string {
  if (by === 'form') return () => formId;
  return by === 'day' ? ({ period }) => period : ({ name }) => name;
}

/** Days until the end of the first month, then whole months. */
function rangesOf(by: Input<'readQuality'>['by'], since: string | undefined): Range[] {
  if (by === 'day' || by === 'form') return [{ kind: 'day', from: since ?? '' }];
  const months = `${by}-month` as const;
  if (since === undefined) return [{ kind: months, from: '' }];
  if (since.endsWith('-01')) return [{ kind: months, from: since.slice(0, 7) }];
  const next = monthAfter(since);
  return [
    { kind: by, from: since, before: next },
    { kind: months, from: next },
  ];
}

function monthAfter(day: string): string {
  const [year, month] = day.split('-').map(Number);
  return new Date(Date.UTC(year ?? 0, month ?? 0)).toISOString().slice(0, 7);
}

interface Sum {
  figures: Figures;
  times: Histogram;
}

function sumByKey(rows: readonly SumRow[], keyOf: (row: SumRow) => string): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const row of rows) {
    const key = keyOf(row);
    const sum = sums.get(key) ?? { figures: noFigures(), times: new Map() };
    sums.set(key, sum);
    for (const name of FIGURES) sum.figures[name] += row[name];
    addTimes(sum.times, readTimes(row.times));
  }
  return sums;
}

function toRow(key: string, figures: Figures, times: Histogram): QualityRow {
  const { responses, first_flagged: firstFlagged, flagged, flags, returned, corrected, still_open: open } = figures;
  const firstPassed = responses - firstFlagged;
  return {
    key,
    responses,
    first_passed: firstPassed,
    first_pass_rate: responses === 0 ? null : rounded(firstPassed / responses, 4),
    flagged,
    flags,
    flags_per_hundred: responses === 0 ? null : rounded((flags / responses) * 100, 2),
    returned,
    corrected,
    median_correction_seconds: medianSeconds(times),
    open,
  };
}

function rounded(value: number, places: number): number {
  return Number(value.toFixed(places));
}
