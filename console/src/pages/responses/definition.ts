/** The questions of a form, as far as pages show them. */

/** A text for people: one for all languages, or one per language with the form's default first. */
export type Texts = string | { [language: string]: string };

/** A question, a group or a repeat of a stored form. */
export interface Item {
  type: string;
  key?: string;
  name?: string;
  label?: Texts;
  questions?: readonly Item[];
  options?: readonly (string | { name: string; label?: Texts })[];
}

/** Members of a response that are not answers. */
export const METADATA: ReadonlySet<string> = new Set([
  'response_id',
  'response_family_id',
  'user_id',
  'username',
  'location',
  'submitted_time',
  'synced_time',
  'last_modified_time',
  'form_version',
]);

/** In the form's default language. */
export const textOf = (texts: Texts | undefined): string | undefined =>
  typeof texts === 'object' ? Object.values(texts)[0] : texts;

/** The name of its answer in a response. */
export const keyOf = ({ key, name }: Item): string => key ?? name ?? '';

export const labelOf = (item: Item): string => textOf(item.label) ?? keyOf(item);

/** The options of a question, each with its label. */
export const optionsOf = ({ options = [] }: Item): { name: string; label: string }[] =>
  options.map((option) =>
    typeof option === 'string'
      ? { name: option, label: option }
      : { name: option.name, label: textOf(option.label) ?? option.name },
  );

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface Place {
  latitude: number;
  longitude: number;
  altitude?: number;
  accuracy?: number;
}

export const isPlace = (value: unknown): value is Place =>
  isRecord(value) && typeof value['latitude'] === 'number' && typeof value['longitude'] === 'number';

/** An answer as text, with the labels of options. Numbers are written as they were sent. */
export function answerText(item: Item, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (isPlace(value)) return `${value.latitude}, ${value.longitude}`;
  if (item.type === 'repeat' && Array.isArray(value)) return String(value.length);
  if (Array.isArray(value)) return value.map((each) => answerText(item, each)).join(', ');
  const name = typeof value === 'string' ? value : JSON.stringify(value);
  return optionsOf(item).find((option) => option.name === name)?.label ?? name;
}

export const isNumeric = ({ type }: Item): boolean => type === 'integer' || type === 'decimal';

/** Questions for a response whose form is unknown: each answer with its key as the label. */
export const itemsOfAnswers = (response: Record<string, unknown>): Item[] =>
  Object.keys(response)
    .filter((key) => !METADATA.has(key))
    .map((key) => ({ type: 'text', key }));
