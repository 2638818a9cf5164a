/** Which sums a response counts in. Pure. */
import { addTimes, type Histogram } from './correction-times.ts';
import { isOpen, type ResponseQuality, type Track } from './response-quality.ts';
import { FIGURES, type FigureKey, type Figures, type Kind } from './rows.ts';

/** A change of sums. */
export interface Change {
  key: FigureKey;
  figures: Figures;
  times: Histogram;
}

/** Collects changes of sums. */
export class Tally {
  readonly #changes = new Map<string, Change>();

  /** Adds a response to its sums; with -1, subtracts it. */
  count(quality: ResponseQuality, sign: 1 | -1): void {
    const { form_id: formId, day, collector, owner, returned, tracks } = quality;
    const month = day.slice(0, 7);
    const add = (kind: Kind, period: string, name: string, figures: Partial<Figures>, bucket: number | null) =>
      this.#add({ form_id: formId, kind, period, name }, figures, bucket, sign);
    const addBoth = (kind: 'collector' | 'rule', name: string, figures: Partial<Figures>, bucket: number | null) => {
      add(kind, day, name, figures, bucket);
      add(`${kind}-month`, month, name, figures, bucket);
    };

    const all = { responses: 1, ...figuresOf(tracks.all, returned) };
    const open = { still_open: isOpen(quality) ? 1 : 0 };
    add('day', day, '', { ...all, ...open }, tracks.all.bucket);
    addBoth('collector', collector, all, tracks.all.bucket);
    if (isOpen(quality)) addBoth('collector', owner, open, null);
    for (const [rule, track] of tracks.rules) {
      const figures = figuresOf(track, returned && track.flags > 0);
      addBoth('rule', rule, { ...figures, still_open: track.present && isOpen(quality) ? 1 : 0 }, track.bucket);
    }
  }

  /** The sums that change, in the order of their key. */
  changes(): Change[] {
    const changed = [...this.#changes].filter(
      ([, { figures, times }]) => times.size > 0 || FIGURES.some((name) => figures[name] !== 0),
    );
    return changed.toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, change]) => change);
  }

  #add(key: FigureKey, figures: Partial<Figures>, bucket: number | null, sign: 1 | -1): void {
    const name = nameOf(key);
    const change = this.#changes.get(name) ?? { key, figures: noFigures(), times: new Map() };
    this.#changes.set(name, change);
    for (const figure of FIGURES) change.figures[figure] += sign * (figures[figure] ?? 0);
    if (bucket !== null) addTimes(change.times, [[bucket, sign]]);
  }
}

export function noFigures(): Figures {
  return { responses: 0, first_flagged: 0, flagged: 0, flags: 0, returned: 0, corrected: 0, still_open: 0 };
}

/** Names a sum. */
export function nameOf({ form_id: formId, kind, period, name }: FigureKey): string {
  return `${formId} ${kind} ${period} ${name}`;
}

function figuresOf({ first, flags, bucket }: Track, returned: boolean): Partial<Figures> {
  return {
    first_flagged: Number(first),
    flagged: Number(flags > 0),
    flags,
    returned: Number(returned),
    corrected: Number(bucket !== null),
  };
}
