/**
 * Limits on a form's size. They keep a form small enough for one database row, and bound its time: its rules take 0.1 s
 * for the largest response, on one core. A rule takes 4 µs for each entry, each further comparison 1 µs, a term 0.2 µs,
 * a step of a pattern up to 0.06 µs. Limits whose names begin with `all` apply to a form as a whole.
 */
export const LIMITS = {
  questions: 2_000,
  nesting: 5,
  entries: 1_000,
  facts: 100,
  terms: 100,
  rules: 200,
  depth: 5,
  conditions: 100,
  all_comparisons: 1_000,
  all_terms: 2_000,
  judged_comparisons: 30_000,
  computed_terms: 100_000,
  computed_bytes: 500_000,
  list: 500,
  options: 500,
  /** A line or an area on a map is text too. A cell of Google Sheets takes 50,000 characters. */
  text: 45_000,
  message: 1000,
  label: 1000,
  languages: 20,
  pattern: 500,
  matched_text: 500,
  rule_pattern_steps: 1_000_000,
  question_pattern_steps: 2_000_000,
  unique: 10,
  unique_questions: 10,
  unique_days: 3_650,
} as const;
