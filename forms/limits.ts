/**
 * Limits on a form's size. They keep a form small enough for one database row, one screen and a few milliseconds of
 * work. Measured on one core: a comparison takes 4 µs a response, a term 0.4 µs. `all_comparisons` and `all_terms`
 * apply to a form as a whole.
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
  text: 5000,
  message: 1000,
  label: 1000,
  languages: 20,
  pattern: 500,
  matched_text: 500,
  rule_patterns: 2_000,
  question_patterns: 4_000,
  unique: 10,
  unique_questions: 10,
  unique_days: 3_650,
} as const;
