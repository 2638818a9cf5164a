import type { Birthday } from './contract.ts';

/** One row per person. */
interface BirthdaysTable extends Birthday {
  /** Null in rows of a release without eviction: the oldest rows. */
  stored_at: string | null;
}

export interface BirthdayTables {
  birthdays: BirthdaysTable;
}
