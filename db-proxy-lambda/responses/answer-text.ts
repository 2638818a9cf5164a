/** Finds texts in the answers of responses, and rules in their flags. */
import { sql, type Expression, type SqlBool } from 'kysely';
import { METADATA, VERSION_KEY } from '../../forms/definition/metadata.ts';
import type { Database } from '../database/database.ts';
import type { ResponsesTable } from './rows.ts';

/** The metadata that a search leaves out: times, and the version of the form. */
const NOT_SEARCHED = new Set([VERSION_KEY, ...METADATA.filter(({ type }) => type === 'time').map(({ key }) => key)]);

/**
 * Whether a flag is of this rule. `flags` is JSON whose objects start with the rule. No answer can contain such a
 * start: JSON escapes its quotes.
 */
export function hasFlagOf(rule: string): Expression<SqlBool> {
  const start = `{"rule":${JSON.stringify(rule)},`;
  return sql<SqlBool>`(instr(flags, ${`[${start}`}) > 0 or instr(flags, ${`},${start}`}) > 0)`;
}

/**
 * Whether the columns of a response contain a text, ignoring case; `hasText` then leaves out keys, times and
 * punctuation.
 */
export function mayHaveText({ containsText }: Database, text: string): Expression<SqlBool> {
  const inJson = JSON.stringify(text).slice(1, -1);
  return sql<SqlBool>`(${containsText('response', inJson)} or ${containsText('response_id', text)} or ${containsText('user_id', text)})`;
}

/** Whether a response has a text in its ids, its username, its location or an answer, ignoring case. */
export function hasText(row: Pick<ResponsesTable, 'response_id' | 'user_id' | 'response'>, text: string): boolean {
  const searched = text.toLowerCase();
  const isIn = (value: unknown): boolean => {
    if (typeof value === 'string' || typeof value === 'number') return String(value).toLowerCase().includes(searched);
    return typeof value === 'object' && value !== null && Object.values(value).some(isIn);
  };
  const answers: Record<string, unknown> = JSON.parse(row.response);
  return (
    isIn([row.response_id, row.user_id]) ||
    Object.entries(answers).some(([key, value]) => !NOT_SEARCHED.has(key) && isIn(value))
  );
}
