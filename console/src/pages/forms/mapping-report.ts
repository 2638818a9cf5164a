/** The report of an upload as three lists: what is taken over, what only the phone checks, and what is not possible. */
import { TYPES } from './question-tree.ts';
import { textOf } from './rules/names.ts';

/** `report` in the reply of PUT /forms/{form_id}/xform. */
export interface XformReport {
  questions: {
    path: string;
    type: string;
    label?: string | Record<string, string>;
    checks: { what: string; where: 'server' | 'phone'; why?: string }[];
  }[];
  warnings: { path?: string; detail: string }[];
}

export interface ReportLine {
  name: string;
  detail: string;
}

export interface ReportLists {
  /** Questions that the server checks completely. */
  takenOver: ReportLine[];
  /** What only the phone checks, and why. */
  phoneOnly: ReportLine[];
  /** What phones or the server cannot do, and why. */
  notPossible: ReportLine[];
}

const WORDS: Record<string, string> = {
  type: 'type',
  required: 'required',
  relevant: 'when it is asked',
  constraint: 'constraint',
  calculate: 'calculation',
  options: 'options',
};
const wordOf = (what: string): string => WORDS[what] ?? what;

export function reportLists({ questions, warnings }: XformReport): ReportLists {
  const lists: ReportLists = { takenOver: [], phoneOnly: [], notPossible: [] };
  const labels = new Map(questions.map(({ path, label }) => [path, textOf(label) ?? path]));
  for (const { path, type, checks } of questions) {
    const name = labels.get(path) ?? path;
    const onPhone = checks.filter(({ where }) => where === 'phone');
    for (const { what, why = 'Only phones understand it.' } of onPhone) {
      lists.phoneOnly.push({ name, detail: `${wordOf(what)}: ${why}` });
    }
    const more = checks.map(({ what }) => wordOf(what)).filter((word) => word !== 'type');
    if (onPhone.length === 0) lists.takenOver.push({ name, detail: [TYPES[type] ?? type, ...more].join(', ') });
  }
  for (const { path = '', detail } of warnings) {
    // The path of a node without the root (`house/photo` of `/data/house/photo`) is that of its question, unless the
    // question has another key.
    lists.notPossible.push({ name: labels.get(path.replace(/^\/[^/]+\//, '')) ?? path, detail });
  }
  return lists;
}

const MAX_ID = 57;

/** A form's id from the name of its file: `Water points (v2).xlsx` gives `water_points_v2`. */
export const idFromFile = (file: string): string =>
  file
    .replace(/\.[^.]*$/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+/, '')
    .slice(0, MAX_ID)
    .replace(/_+$/, '');
