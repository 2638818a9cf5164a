/** Translates an XForm into a form definition, and reports for each question what Collect checks. */
import { createHash } from 'node:crypto';
import type { FormDefinition } from '../../definition/form-definition.ts';
import { parseFormDefinition } from '../../definition/read-form.ts';
import type { Fault } from '../../values/fault.ts';
import { LIMITS } from '../../values/limits.ts';
import { readXform, type XformNode } from './xform-parts.ts';
import { oneLine, type Texts } from './xform-texts.ts';
import { type Check, type Entry, type Translation, withAround } from './draft.ts';
import { instanceIdFaults, itemsOf } from './items.ts';
import { translateLogic } from './logic.ts';
import { Dropped, FACT_PREFIX, Facts } from './state.ts';
import { dropFaulty, entryAt, makeSmaller } from './repair.ts';
import { warningsOf } from './warnings.ts';

/** What Collect checks in a question, group or repeat. `path` is its path in rules and responses. */
export type QuestionReport = {
  readonly path: string;
  readonly type: string;
  readonly label?: Texts;
  readonly checks: readonly Check[];
};

/** A warning to read before the form is used. `path` is that of a node of the XForm. */
export type Warning = { readonly path?: string; readonly detail: string };

export type XformReport = { readonly questions: readonly QuestionReport[]; readonly warnings: readonly Warning[] };

/**
 * A translated form, or the faults for which it is refused. `definition` is what `parseFormDefinition` takes, `form`
 * what it returns. The pointer of a fault is a path in the XForm, such as `/data/name` for a node of its instance; ''
 * is the document.
 */
export type TranslationResult =
  | { readonly ok: true; readonly definition: object; readonly form: FormDefinition; readonly report: XformReport }
  | { readonly ok: false; readonly faults: Fault[] };

type Options = {
  readonly form_id: string;
  /** The newest stored version of the form; its rules, facts, lists of `unique`, state and spreadsheet are kept. */
  readonly previous?: FormDefinition;
};

/** Each round drops at least one part, and most drop all that is faulty. */
const MAX_ROUNDS = 100;

/** Max nodes that are not questions: metadata of the phone and of the submission. */
const MAX_METADATA = 20;

/** The same limit as of `PUT /forms/{form_id}`. */
const MAX_DEFINITION_BYTES = 1_000_000;

/**
 * Translates an XForm. What cannot be translated is checked on the phone only, and the report says why.
 *
 * @param xml the document as it was uploaded: its bytes as UTF-8 text, a byte order mark included
 */
export function translateXform(xml: string, { form_id: formId, previous }: Options): TranslationResult {
  const read = readXform(xml);
  if (!read.ok) return read;
  const { xform } = read;
  const faults = instanceIdFaults(xform);
  if (faults.length > 0) return { ok: false, faults };
  const refuse = (detail: string): TranslationResult => ({ ok: false, faults: [{ pointer: xform.root.path, detail }] });
  const nodes = countNodes(xform.root);
  if (nodes > LIMITS.questions + MAX_METADATA) {
    return refuse(
      `Use at most ${LIMITS.questions} questions, groups and repeats in all; the instance has ${nodes} nodes.`,
    );
  }
  const translation = itemsOf(xform);
  if (translation.questions.length === 0) return refuse('Add a question; the form has none.');

  const dropped = new Dropped();
  const kept = new Kept(previous);
  for (let round = 1; ; round += 1) {
    const facts = new Facts(kept.facts.length);
    translateLogic(translation, dropped, facts);
    if (dropHiddenCalculations(translation, dropped)) continue;
    const used = facts.usedBy(translation.entries);
    const definition = {
      form_id: formId,
      title: oneLine(xform.title, MAX_TITLE) ?? formId,
      questions: translation.questions,
      ...kept.members(used),
      xform: uploadedXform(xml, translation),
    };
    const bytes = Buffer.byteLength(JSON.stringify(definition));
    if (bytes > MAX_DEFINITION_BYTES) {
      if (makeSmaller(translation, dropped, bytes - MAX_DEFINITION_BYTES)) continue;
      const detail = `Use shorter texts or fewer languages: the form takes ${bytes} bytes, and ${MAX_DEFINITION_BYTES} are allowed.`;
      return refuse(detail);
    }
    const parsed = parseFormDefinition(definition);
    if (parsed.ok) {
      const warnings = [...warningsOf(translation, dropped), ...kept.warnings];
      return { ok: true, definition, form: parsed.form, report: { questions: reportOf(translation), warnings } };
    }
    const names = [...kept.facts.map(() => undefined), ...used.map(({ name }) => name)];
    const repaired = parsed.errors.filter(
      (fault) => kept.drop(fault) || dropFaulty(fault, translation, dropped, names),
    );
    if (repaired.length === 0 || round === MAX_ROUNDS) {
      return { ok: false, faults: parsed.errors.map((fault) => inXform(fault, translation)) };
    }
    kept.forget();
  }
}

function countNodes({ nodes }: XformNode): number {
  return nodes.reduce((sum, node) => sum + countNodes(node), nodes.length);
}

const MAX_TITLE = 200;

/** The parts of the previous version that a form keeps when its XForm is uploaded again. */
class Kept {
  facts: FormDefinition['facts'];
  #rules: FormDefinition['rules'];
  #unique: NonNullable<FormDefinition['unique']>;
  readonly warnings: Warning[] = [];
  readonly #previous: FormDefinition | undefined;
  /** The elements to leave out of the next round. */
  readonly #faulty = new Set<object>();

  constructor(previous: FormDefinition | undefined) {
    this.#previous = previous;
    this.facts = previous?.facts.filter(({ name }) => !name.startsWith(FACT_PREFIX)) ?? [];
    this.#rules = previous?.rules ?? [];
    this.#unique = previous?.unique ?? [];
  }

  /** The members of the definition. @param facts the derived facts of the questions' conditions */
  members(facts: readonly object[]): object {
    const { state, spreadsheet_id: spreadsheet } = this.#previous ?? {};
    return {
      facts: [...this.facts, ...facts],
      rules: this.#rules,
      ...(this.#unique.length > 0 && { unique: this.#unique }),
      ...(state !== undefined && { state }),
      ...(spreadsheet !== undefined && { spreadsheet_id: spreadsheet }),
    };
  }

  /** Marks the element that a fault is about. @returns false if the fault is about something else */
  drop({ pointer, detail }: Fault): boolean {
    const [, list = '', place = ''] = /^\/(facts|rules|unique)\/(\d+)/.exec(pointer) ?? [];
    const lists = new Map<string, readonly { name: string }[]>([
      ['facts', this.facts],
      ['rules', this.#rules],
      ['unique', this.#unique],
    ]);
    const element = lists.get(list)?.[Number(place)];
    if (element === undefined) return false;
    if (this.#faulty.has(element)) return true;
    this.#faulty.add(element);
    const what = { facts: 'derived fact', rules: 'rule', unique: 'list of unique' }[list] ?? 'part';
    this.warnings.push({ detail: `The ${what} ${element.name} of the last version is left out. ${detail}` });
    return true;
  }

  /** Leaves out the marked elements. */
  forget(): void {
    this.facts = this.facts.filter((fact) => !this.#faulty.has(fact));
    this.#rules = this.#rules.filter((rule) => !this.#faulty.has(rule));
    this.#unique = this.#unique.filter((list) => !this.#faulty.has(list));
  }
}

/** Drops calculations that the phone may leave out: the server must not compute them. @returns whether there was one */
function dropHiddenCalculations({ entries }: Translation, dropped: Dropped): boolean {
  const hidden = entries.filter(
    (entry) => entry.draft.type === 'calculate' && withAround(entry).some(({ isHiddenByPhone }) => isHiddenByPhone),
  );
  const why = 'Only the phone knows whether it is asked.';
  return hidden.map((entry) => dropped.add(entry, 'calculate', why)).includes(true);
}

function uploadedXform(xml: string, { xform, metadata }: Translation): object {
  const { id, version, root } = xform;
  return { id, version, md5: createHash('md5').update(xml).digest('hex'), root: root.name, metadata };
}

function reportOf({ entries }: Translation): QuestionReport[] {
  return entries.map(({ path, draft, checks }) => ({
    path,
    type: draft.type,
    ...(draft.label !== undefined && { label: draft.label }),
    checks,
  }));
}

/** A fault of the definition as one of the XForm. */
function inXform({ pointer, detail }: Fault, translation: Translation): Fault {
  const { xform } = translation;
  const found = entryAt(pointer, translation);
  if (found !== undefined) return { pointer: found.entry.node.path, detail: `${member(found)}${detail}` };
  const place = pointer.startsWith('/xform/') ? `/@${pointer.slice('/xform/'.length)}` : '';
  return { pointer: xform.root.path + place, detail };
}

function member({ entry, rest }: { entry: Entry; rest: string }): string {
  const [name = ''] = rest.split('/');
  return name === '' || name === 'type' ? '' : `In the ${name} of ${entry.draft.type}: `;
}
