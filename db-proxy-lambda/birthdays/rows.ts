import type { Birthday } from './contract.ts';

/** One row per person. */
interface BirthdaysTable extends Birthday {
  /** Null in rows that a release without eviction wrote; these count as the oldest. */
  stored_at: string | null;
}

export interface BirthdayTables {
  birthdays: BirthdaysTable;
}
