/** Plans the faults of a run. The same seed gives the same plan. */
import { randomNumbers } from '../../local/random.ts';

export const FAULT_KINDS = {
  'kill-database': 'the database killed and restarted',
  'kill-database-and-refuse-queue': 'the database killed while the queue refuses',
  'kill-proxy': 'the proxy killed',
  'kill-collect': 'collect killed',
  'kill-odk': 'OdkFunction killed',
  'kill-write': "the write queue's function killed",
  'drop-request': 'calls of the proxy lost',
  'drop-reply': 'replies of the proxy cut',
  throttle: 'calls of the proxy throttled',
  'refuse-proxy': 'the proxy unavailable for a while',
  'cut-database': 'replies of the database cut',
  'no-connection': 'no free connection (error 9501)',
  'read-only': 'the database read-only',
  'cut-api': 'replies to devices cut',
  'cut-queue': 'the proxy unavailable, replies of the queue cut',
  'refuse-queue': 'the proxy unavailable, the queue refuses',
} as const;

export type FaultKind = keyof typeof FAULT_KINDS;

export interface PlannedFault {
  kind: FaultKind;
  /** The fault begins when this number of responses is done. */
  after: number;
  milliseconds: number;
  times: number;
}

const KINDS = Object.keys(FAULT_KINDS).filter((kind): kind is FaultKind => kind in FAULT_KINDS);
const RESPONSES_PER_FAULT = 70;
/** The last fault begins while responses are still being sent. */
const LAST_PART = 0.95;

/** Plans rounds that are spread over the run. Each round has every kind of fault, in a random order. */
export function planFaults(responses: number, seed: number): PlannedFault[] {
  const random = randomNumbers(seed);
  const between = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  const count = Math.max(KINDS.length, Math.round(responses / RESPONSES_PER_FAULT));
  const rounds = Array.from({ length: Math.ceil(count / KINDS.length) }, () =>
    KINDS.map((kind) => ({ kind, place: random() })).toSorted((a, b) => a.place - b.place),
  );
  const distance = (responses * LAST_PART) / count;
  return rounds
    .flat()
    .slice(0, count)
    .map(({ kind }, index) => ({
      kind,
      after: Math.floor(distance * (index + random())),
      milliseconds: between(1_000, 3_000),
      // A call may meet fewer or more faults than it has tries.
      times: between(2, 12),
    }));
}
