/** An answer as submitted: text, a number, true or false. An amount submitted as text stays text. */
export type Answer = string | number | boolean;

/** Answers by question key, as submitted or as stored; absent and null mean no answer. */
export type Answers = Readonly<Record<string, unknown>>;

/** An answer with its canonical form, which content hashes use; or advice on what to send instead. */
export type AnswerResult =
  | { readonly ok: true; readonly value: Answer; readonly canonical: Answer }
  | { readonly ok: false; readonly detail: string };

export function accept(value: Answer, canonical: Answer = value): AnswerResult {
  return { ok: true, value, canonical };
}

export function refuse(detail: string): AnswerResult {
  return { ok: false, detail };
}

export function isAnswer(value: unknown): value is Answer {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
