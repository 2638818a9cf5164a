/** A fact of a form, expressed in XPath. */
import type { Expression } from '../../language/expression.ts';
import type { Scope } from '../../language/scope.ts';
import type { XPathNumber } from './numbers.ts';
import type { Context, Places } from './places.ts';
import { allOf, xpathText } from './text.ts';
import type { XPathTime } from './times.ts';

/** Conditions in XPath without which a fact has no value. */
type Given = readonly string[];

export type NumberValue = { readonly kind: 'number'; readonly given: Given; readonly number: XPathNumber };
export type XPathValue =
  | NumberValue
  | (XPathTime & { readonly given: Given })
  | { readonly kind: 'text' | 'boolean' | 'options' | 'place'; readonly given: Given; readonly path: string };

/** The facts of a form, at an element of its instance. */
export type Facts = {
  readonly places: Places;
  /** @returns undefined if XPath cannot express it */
  readonly valueOf: (name: string, context: Context) => XPathValue | undefined;
  /** The value of an expression. @returns undefined if XPath cannot express it */
  readonly expressed: (expression: Expression, context: Context) => XPathValue | undefined;
  /** The repeat in whose entries a fact has one value each; the form for others. */
  readonly scopeOf: (name: string) => Scope;
  /** A fact and all from which it is derived. */
  readonly dependsOn: (name: string) => ReadonlySet<string>;
  /** As `dependsOn`, without the facts inside an aggregate. */
  readonly neededBy: (name: string) => ReadonlySet<string>;
};

/** What an expression needs of the facts that it names. */
export type Scoped = Pick<Facts, 'places' | 'valueOf' | 'expressed'>;

export function numberValue(number: XPathNumber | undefined, given: Given): NumberValue | undefined {
  return number && { kind: 'number', given: [...new Set(given)], number };
}

/** Whether a fact has an answer that is not blank. */
export function isAnswered(value: XPathValue): string {
  return value.kind === 'text' ? `normalize-space(${value.path}) != ''` : allOf(value.given);
}

/** What is shown if a fact has no value. */
export function orNoAnswer(given: Given, shown: string): string {
  return given.length === 0 ? shown : `if(${allOf(given)}, ${shown}, ${xpathText('no answer')})`;
}
