import type { Token } from '../contract.ts';

/** One row per token, valid or not. */
export interface TokensTable extends Token {
  /** The SHA-256 of the whole token, in hexadecimal digits. */
  sha256: string;
}

export interface TokenTables {
  tokens: TokensTable;
}
