/** A form definition while it is made from an XForm. */
import type { Condition } from '../../language/condition.ts';
import type { Expression } from '../../language/expression.ts';
import type { Definition } from '../../question-types/index.ts';
import type { Bind, Control, Xform, XformNode } from './xform-parts.ts';
import type { Texts } from './xform-texts.ts';
import type { XPath } from './xpath.ts';

export type DraftOption = {
  readonly name: string;
  readonly label?: Texts;
  readonly if?: { readonly question: string; readonly is: readonly string[] };
};

/** An item of the definition. */
export type ItemDraft = {
  type: Definition['type'] | 'group' | 'repeat';
  key: string;
  name: string;
  node?: string;
  label?: Texts;
  hint?: Texts;
  min?: number | string;
  max?: number | string;
  places?: number;
  max_length?: number;
  multiline?: boolean;
  options?: readonly DraftOption[];
  required?: boolean | Condition;
  relevant?: Condition;
  constraint?: { readonly message: string; readonly conditions: Condition };
  value?: Expression;
  default?: unknown;
  questions?: ItemDraft[];
};

/** The parts of a question that can be checked. */
export type What = 'type' | 'required' | 'relevant' | 'constraint' | 'calculate' | 'options';

/** Where a part of a question is checked: by Collect, or on the phone only, and why. `why` is a sentence. */
export type Check = { readonly what: What; readonly where: 'server' | 'phone'; readonly why?: string };

/** The choices of a select, as the XForm lists them. */
export type Choices = {
  readonly options: readonly DraftOption[];
  /** The condition in the brackets of an itemset, and the items among which it chooses. */
  readonly filter?: { readonly predicate: XPath; readonly items: readonly ChoiceItem[] };
};

/** An item of an itemset: the option's name, and the values of its columns. */
export type ChoiceItem = { readonly name: string; readonly columns: ReadonlyMap<string, string> };

/** The kinds of answers that expressions of XForms tell apart. */
export type AnswerKind = 'number' | 'text' | 'choice' | 'options' | 'date' | 'time' | 'other';

/** The kind of value that a calculation gives. */
type Calculated = { readonly kind: AnswerKind; readonly isWhole: boolean; readonly isRoundedByPhone: boolean };

/** An item, and the parts of the XForm from which it is made. */
export type Entry = {
  readonly node: XformNode;
  readonly bind: Bind | undefined;
  readonly controls: readonly Control[];
  readonly parent: Entry | undefined;
  /** The keys of the groups and repeats around it and its own, joined by `/`. */
  readonly path: string;
  /** The JSON pointer to it in the definition. */
  readonly pointer: string;
  /** The paths of the nodes of the repeats around it; a repeat itself is among them. */
  readonly repeats: readonly string[];
  /** The type, and the members that go with it, unless the item is a calculation. */
  readonly typeMembers: Pick<ItemDraft, 'type' | 'min' | 'max' | 'places' | 'max_length' | 'multiline' | 'options'>;
  /** Why answers of any type are taken as text, as a sentence; undefined if the type is checked. */
  readonly whyKeptAsText?: string;
  readonly choices?: Choices;
  readonly draft: ItemDraft;
  checks: Check[];
  /** Whether only the phone knows if it is asked. The items inside are then unknown too. */
  isHiddenByPhone: boolean;
  /** Whether a pattern is matched with its answers. */
  isMatched: boolean;
  /** The kind of value that a calculation gives; undefined for other questions. */
  calculated: Calculated | undefined;
  /** The texts that the phone can calculate, apart from an empty one; undefined if not known. */
  possibleTexts: readonly string[] | undefined;
};

/** The XForm and all items made from it. */
export type Translation = {
  readonly xform: Xform;
  readonly questions: ItemDraft[];
  /** In the order of the instance; a group or repeat before what is in it. */
  readonly entries: readonly Entry[];
  /** By the paths of their nodes. */
  readonly byNode: ReadonlyMap<string, Entry>;
  readonly metadata: readonly { readonly node: string; readonly is: string }[];
};

/** Why a part cannot be translated, as a sentence for data managers. */
export class Untranslatable extends Error {
  override readonly name = 'Untranslatable';
}

/** Whether the collector answers an item: it has a control that is not read-only. */
export function isAsked({ controls, bind }: Pick<Entry, 'controls' | 'bind'>): boolean {
  return controls.length > 0 && !isReadonly(bind);
}

/** Whether a question is, or may be, shown without being answered. */
export function isReadonly(bind: Bind | undefined): boolean {
  return bind?.readonly !== undefined && !isCall(bind.readonly, 'false');
}

/** Whether an expression is only the call of a function without operands, such as `true()`. */
export function isCall(expression: string | undefined, name: string): boolean {
  return new RegExp(String.raw`^\s*${name}\s*\(\s*\)\s*$`).test(expression ?? '');
}

/** The item itself, and the groups and repeats around it. */
export function withAround(entry: Entry): Entry[] {
  return entry.parent === undefined ? [entry] : [entry, ...withAround(entry.parent)];
}
