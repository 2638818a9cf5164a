/** Who may do something alone, and until when. */
export interface LeasesTable {
  name: string;
  holder: string;
  held_until: string;
}

export interface LeaseTables {
  leases: LeasesTable;
}
