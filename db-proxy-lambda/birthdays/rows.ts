/** One row a person. */
export interface BirthdaysTable {
  username: string;
  /** YYYY-MM-DD */
  date_of_birth: string;
  /** Null for those from before there was a bound: the oldest. */
  stored_at: string | null;
}

export interface BirthdayTables {
  birthdays: BirthdaysTable;
}
