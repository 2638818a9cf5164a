/** One row per person. */
interface BirthdaysTable {
  username: string;
  /** YYYY-MM-DD */
  date_of_birth: string;
  /** Null for birthdays that a release without eviction stored: the oldest. */
  stored_at: string | null;
}

export interface BirthdayTables {
  birthdays: BirthdaysTable;
}
