/** The report of a fault run. */
import type { Injected } from './inject-faults.ts';
import { VIOLATIONS, type ViolationName, type Finding } from './check.ts';
import type { Traffic } from './device.ts';
import { isAcknowledged, type Sent } from './ledger.ts';
import { FAULT_KINDS } from './plan.ts';

/** What every run reports, whether it had many faults or one outage. */
interface Evidence {
  sent: readonly Sent[];
  revisions: number;
  late: number;
  published: number;
  deadLetters: number;
  findings: readonly Finding[];
}

export interface Report extends Evidence {
  responses: number;
  seconds: number;
  drainSeconds: number;
  traffic: Traffic;
  injected: Injected;
  connectionsCut: number;
}

/** The report of a run with a single outage. */
export interface OutageReport extends Evidence {
  traffic: Traffic;
  /** Milliseconds to each acknowledgement, ascending. */
  latencies: readonly number[];
  millisecondsWithoutDatabase: number;
  /** Seconds from the return of the database until the queue and the outbox were empty. */
  drainSeconds: number;
}

const LABEL_WIDTH = 54;
const IDS_SHOWN = 20;

const seconds = (value: number): string => value.toFixed(1);

/** The lines of the report. */
export function toLines(report: Report): string[] {
  const { traffic, injected, sent } = report;
  const count = (is: (each: Sent) => boolean): number => sent.filter((each) => is(each)).length;
  return format([
    ['responses', report.responses],
    ['states of responses sent', sent.length],
    ...trafficRows(traffic),
    ['  sent again after no reply or a 5xx', traffic.retries],
    ['  repeated on purpose', traffic.repeats],
    ['states acknowledged', count(isAcknowledged)],
    ['  of these queued', count(({ queued }) => queued > 0)],
    ['  of these after a try without a reply', count((each) => isAcknowledged(each) && each.noReply > 0)],
    ['states refused', count((each) => !isAcknowledged(each))],
    ...Object.entries(FAULT_KINDS).map(([kind, label]): Row => [
      `fault: ${label}`,
      [...injected.faults].find(([each]) => each === kind)?.[1] ?? 0,
    ]),
    ['connections cut in the middle of a reply', report.connectionsCut],
    ['seconds without the database', seconds(injected.millisecondsWithoutDatabase / 1000)],
    ['seconds in total', seconds(report.seconds)],
    ['seconds until the queue was empty', seconds(report.drainSeconds)],
    ...evidenceRows(report),
  ]);
}

/** The lines of the report of a single outage. */
export function toOutageLines(report: OutageReport): string[] {
  const { traffic, latencies } = report;
  const percentile = (share: number): number => latencies[Math.ceil(latencies.length * share) - 1] ?? 0;
  return format([
    ...trafficRows(traffic),
    ['milliseconds to an acknowledgement, median', percentile(0.5)],
    ['  95th percentile', percentile(0.95)],
    ['  slowest', percentile(1)],
    ['  over a second', latencies.filter((each) => each > 1000).length],
    ['seconds without the database', seconds(report.millisecondsWithoutDatabase / 1000)],
    ['seconds from its return until all was stored and published', seconds(report.drainSeconds)],
    ...evidenceRows(report),
  ]);
}

type Row = [label: string, value: number | string];

function format(rows: readonly Row[]): string[] {
  return rows.map(([label, value]) => `${label.padEnd(LABEL_WIDTH)}${String(value).padStart(8)}`);
}

function trafficRows({ requests, statuses }: Traffic): Row[] {
  const replies = [...statuses].toSorted(([a], [b]) => a.localeCompare(b));
  return [['requests', requests], ...replies.map(([status, times]): Row => [`  reply ${status}`, times])];
}

function evidenceRows({ revisions, late, published, deadLetters, findings }: Evidence): Row[] {
  return [
    ['revisions stored', revisions],
    ['late revisions stored', late],
    ['events published', published],
    ['dead letters', deadLetters],
    ...countFindings(findings),
  ];
}

function countFindings(findings: readonly Finding[]): Row[] {
  return Object.entries(VIOLATIONS).map(([name, label]) => [
    label,
    findings.filter(({ violation }) => violation === name).length,
  ]);
}

/** The ids of the responses with each violation. */
export function toDetails(findings: readonly Finding[]): string[] {
  return [...Map.groupBy(findings, ({ violation }): ViolationName => violation)].map(([violation, all]) => {
    const ids = all.slice(0, IDS_SHOWN).map(({ responseId }) => responseId);
    const more = all.length > IDS_SHOWN ? ` and ${all.length - IDS_SHOWN} more` : '';
    return `${VIOLATIONS[violation]}: ${ids.join(', ')}${more}`;
  });
}
