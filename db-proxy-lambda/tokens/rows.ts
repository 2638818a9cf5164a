import type { Token } from '../contract.ts';

/** One row per token, valid or not. */
export interface TokensTable extends Token {
  /** Of the whole token, in hexadecimal digits. */
  sha256: string;
}

export interface TokenTables {
  tokens: TokensTable;
}
