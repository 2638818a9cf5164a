/** One row per person. */
interface BirthdaysTable {
  username: string;
  /** YYYY-MM-DD */
  date_of_birth: string;
  /** Null in rows of a release without eviction: the oldest rows. */
  stored_at: string | null;
}

export interface BirthdayTables {
  birthdays: BirthdaysTable;
}
