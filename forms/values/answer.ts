/** A text, a number, true or false. An amount submitted as text stays text. Constants in conditions are scalars. */
export type Scalar = string | number | boolean;

/** A place: degrees, and metres for its altitude and accuracy. */
export type Point = {
  readonly latitude: number;
  readonly longitude: number;
  readonly altitude?: number | undefined;
  readonly accuracy?: number | undefined;
};

/** An answer as submitted. A list has the names of the chosen options. */
export type Answer = Scalar | string[] | Point;

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

export function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** Whether a stored value is the answer to a question of several options. */
export function isList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

/** Whether a stored value is a place. */
export function isPoint(value: unknown): value is Point {
  return (
    typeof value === 'object' &&
    value !== null &&
    'latitude' in value &&
    typeof value.latitude === 'number' &&
    'longitude' in value &&
    typeof value.longitude === 'number'
  );
}

export function isAnswer(value: unknown): value is Answer {
  return isScalar(value) || isList(value) || isPoint(value);
}

/** An answer as a text for people, such as `north, south` or `-1.29, 36.82`. */
export function textOf(answer: Answer): string {
  if (isScalar(answer)) return String(answer);
  return isList(answer) ? answer.join(', ') : `${answer.latitude}, ${answer.longitude}`;
}

/** An upper bound of a value's length as JSON, apart from a text's quotes and escapes. */
export function maxLength(answer: Scalar | object): number {
  return typeof answer === 'object' ? JSON.stringify(answer).length : String(answer).length;
}
