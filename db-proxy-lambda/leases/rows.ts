/** One row per lease: its holder and its expiry. A rate limiter stores its time in `held_until`. */
export interface LeasesTable {
  name: string;
  holder: string;
  held_until: string;
}

export interface LeaseTables {
  leases: LeasesTable;
}
