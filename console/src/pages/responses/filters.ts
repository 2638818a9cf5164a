/** The filters of the list of responses. They are in the address, so a link opens the same list for a colleague. */
import { addDays, formatISO, isValid, parseISO } from 'date-fns';
import type { LocationQuery, LocationQueryRaw } from 'vue-router';
import { formatDay, formatTime } from '../../../shared/format.ts';
import { STATUSES, type Status } from '../../statuses.ts';

export interface Filters {
  status: Status[];
  user_id?: string;
  rule?: string;
  /** Flagged or returned at any time, whatever the status is now. */
  ever?: Ever;
  text?: string;
  /** A day, `2026-09-01`, or a time with its zone: received then or later. */
  from?: string;
  /** Received before: a day, to its end, or a time, exclusive. */
  to?: string;
}

type Ever = keyof typeof EVER;

const EVER = { flagged: 'Ever flagged', returned: 'Ever returned' };

const TEXTS = ['user_id', 'rule', 'text', 'from', 'to'] as const;

const isTime = (name: (typeof TEXTS)[number]): boolean => name === 'from' || name === 'to';

const isEver = (word: unknown): word is Ever => typeof word === 'string' && Object.hasOwn(EVER, word);

const isStatus = (word: string): word is Status => Object.hasOwn(STATUSES, word);

/** Reads the filters from the query parameters of an address. Invalid ones are left out. */
export function filtersOf(query: LocationQuery): Filters {
  const status = typeof query['status'] === 'string' ? query['status'].split(',').filter(isStatus) : [];
  const texts = TEXTS.flatMap((name) => {
    const value = query[name];
    if (typeof value !== 'string' || value === '') return [];
    return isTime(name) && !isValid(parseISO(value)) ? [] : [[name, value]];
  });
  const { ever } = query;
  return { status, ...(isEver(ever) && { ever }), ...Object.fromEntries(texts) };
}

/** The filters as query parameters of an address. */
export function addressOf({ status, ...texts }: Filters): LocationQueryRaw {
  return { ...(status.length > 0 && { status: status.join(',') }), ...texts };
}

const DAY = /^\d{4}-\d\d-\d\d$/;

/** The start of the day that is `later` days after a day, in the reader's zone; a time stays as it is. */
const startOf = (day: string, later: number): string =>
  DAY.test(day) ? formatISO(addDays(parseISO(day), later)) : day;

/** The filters as parameters of the API: days become times in the reader's zone. */
export function parametersOf({ status, from, to, ...texts }: Filters) {
  return {
    order: 'newest' as const,
    ...texts,
    ...(status.length > 0 && { status: status.join(',') }),
    ...(from !== undefined && { from: startOf(from, 0) }),
    ...(to !== undefined && { to: startOf(to, 1) }),
  };
}

export interface Chip {
  text: string;
  /** The filters without this one. */
  without: Filters;
}

const WORDS = { user_id: 'Collector', rule: 'Rule', text: 'Contains', from: 'From', to: 'To' };

/** Each filter as a text that can be removed. */
export function chipsOf(filters: Filters): Chip[] {
  const statuses = filters.status.map((status) => ({
    text: `Status: ${STATUSES[status].word}`,
    without: { ...filters, status: filters.status.filter((each) => each !== status) },
  }));
  const texts = TEXTS.flatMap((name) => {
    const { [name]: value, ...without } = filters;
    if (value === undefined) return [];
    const shown = isTime(name) ? (DAY.test(value) ? formatDay(value) : formatTime(value)) : value;
    return [{ text: `${WORDS[name]}: ${shown}`, without }];
  });
  const { ever, ...without } = filters;
  return [...statuses, ...(ever === undefined ? [] : [{ text: EVER[ever], without }]), ...texts];
}
