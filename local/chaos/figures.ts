/** A fault run in figures. */
import type { Outage } from './befall.ts';
import { FAULTS, type FaultName, type Finding } from './check.ts';
import type { Traffic } from './device.ts';
import { isAcknowledged, type Sent } from './ledger.ts';
import { FAULT_KINDS } from './plan.ts';

export interface Report {
  responses: number;
  seconds: number;
  drainSeconds: number;
  traffic: Traffic;
  outage: Outage;
  connectionsCut: number;
  sent: readonly Sent[];
  revisions: number;
  late: number;
  published: number;
  deadLetters: number;
  findings: readonly Finding[];
}

const LABEL_WIDTH = 54;
const IDS_SHOWN = 20;

const seconds = (value: number): string => value.toFixed(1);

/** The lines of the report. */
export function toLines(report: Report): string[] {
  const { traffic, outage, sent, findings } = report;
  const count = (is: (each: Sent) => boolean): number => sent.filter((each) => is(each)).length;
  const statuses = [...traffic.statuses].toSorted(([a], [b]) => a.localeCompare(b));
  const rows: [string, number | string][] = [
    ['responses', report.responses],
    ['states of them sent', sent.length],
    ['requests', traffic.requests],
    ...statuses.map(([status, times]): [string, number] => [`  answered ${status}`, times]),
    ['  sent again for want of an answer', traffic.retries],
    ['  repeated on purpose', traffic.repeats],
    ['states acknowledged', count(isAcknowledged)],
    ['  of these by the queue', count(({ queued }) => queued > 0)],
    ['  of these with a try that met no answer', count((each) => isAcknowledged(each) && each.unanswered > 0)],
    ['states refused', count((each) => !isAcknowledged(each))],
    ...Object.entries(FAULT_KINDS).map(([kind, label]): [string, number] => [
      `fault: ${label}`,
      [...outage.faults].find(([each]) => each === kind)?.[1] ?? 0,
    ]),
    ['connections cut in the middle of a reply', report.connectionsCut],
    ['seconds without the database', seconds(outage.millisecondsWithoutDatabase / 1000)],
    ['seconds in all', seconds(report.seconds)],
    ['seconds until the queue was empty', seconds(report.drainSeconds)],
    ['revisions stored', report.revisions],
    ['late revisions stored', report.late],
    ['events told', report.published],
    ['dead letters', report.deadLetters],
    ...countFindings(findings),
  ];
  return rows.map(([label, value]) => `${label.padEnd(LABEL_WIDTH)}${String(value).padStart(8)}`);
}

function countFindings(findings: readonly Finding[]): [string, number][] {
  return Object.entries(FAULTS).map(([name, label]) => [label, findings.filter(({ fault }) => fault === name).length]);
}

/** The ids of what is wrong, by fault. */
export function toDetails(findings: readonly Finding[]): string[] {
  return [...Map.groupBy(findings, ({ fault }): FaultName => fault)].map(([fault, all]) => {
    const ids = all.slice(0, IDS_SHOWN).map(({ responseId }) => responseId);
    const more = all.length > IDS_SHOWN ? ` and ${all.length - IDS_SHOWN} more` : '';
    return `${FAULTS[fault]}: ${ids.join(', ')}${more}`;
  });
}
