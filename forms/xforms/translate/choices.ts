/** The options of select questions: listed in the body, or in an instance of the XForm. */
import { LIMITS } from '../../values/limits.ts';
import type { Control, Xform } from './xform-parts.ts';
import { oneLine, textOfChild } from './xform-texts.ts';
import { type ChoiceItem, type Choices, type DraftOption, Untranslatable } from './draft.ts';
import { attributeOf, elementIn, elementsIn, textIn, type XmlElement } from '../xml.ts';
import { parseXPath, type PathExpression, type XPath, XPathError } from './xpath.ts';

const MAX_OPTION = 200;

/**
 * The options of the controls of a node.
 *
 * @param isList whether an answer may have several options
 * @throws {Untranslatable} if Collect cannot know them
 */
export function choicesOf(controls: readonly Control[], xform: Xform, isList: boolean): Choices {
  const all = controls.map((control) => choicesOfControl(control, xform));
  const options = unique(all.flatMap((choices) => choices.options));
  if (options.length === 0) throw new Untranslatable('It has no options in the form.');
  if (options.length > LIMITS.options) {
    throw new Untranslatable(`It has ${options.length} options; the server checks up to ${LIMITS.options}.`);
  }
  for (const { name } of options) {
    if (oneLine(name, MAX_OPTION) !== name || (isList && /\s/.test(name))) {
      throw new Untranslatable(
        `The name of the option ${JSON.stringify(name.slice(0, 40))} has blanks or is too long.`,
      );
    }
  }
  const [first] = all;
  return first?.filter === undefined || all.length > 1 ? { options } : { options, filter: first.filter };
}

/** Each option once, where it is listed first. */
function unique(options: readonly DraftOption[]): DraftOption[] {
  const byName = new Map<string, DraftOption>();
  for (const option of options) if (!byName.has(option.name)) byName.set(option.name, option);
  return [...byName.values()];
}

function choicesOfControl({ element, appearance }: Control, xform: Xform): Choices {
  if (/\bsearch\s*\(/.test(appearance) || attributeOf(element, 'query') !== undefined) {
    throw new Untranslatable('Its options come from a file that only the phone reads.');
  }
  const itemset = elementIn(element, 'itemset');
  if (itemset !== undefined) return choicesOfItemset(itemset, xform);
  const options = elementsIn(element, 'item').flatMap((item): DraftOption[] => {
    const value = elementIn(item, 'value');
    const name = value === undefined ? '' : textIn(value).trim();
    const label = textOfChild(xform.texts, item, 'label');
    return name === '' ? [] : [{ name, ...(label !== undefined && { label }) }];
  });
  return { options };
}

/** The path of an itemset, without the function that shuffles its items. */
function itemsetPath(nodeset: string): PathExpression {
  let parsed: XPath;
  try {
    parsed = parseXPath(nodeset);
  } catch (error) {
    if (error instanceof XPathError) throw new Untranslatable(error.message);
    throw error;
  }
  if (parsed.kind === 'call' && parsed.name === 'randomize' && parsed.args[0] !== undefined) [parsed] = parsed.args;
  if (parsed.kind !== 'path') throw new Untranslatable('Its options are computed on the phone.');
  return parsed;
}

function choicesOfItemset(itemset: XmlElement, xform: Xform): Choices {
  const { from, steps } = itemsetPath(attributeOf(itemset, 'nodeset') ?? '');
  if (typeof from !== 'object' || from.kind !== 'call' || from.name !== 'instance') {
    throw new Untranslatable('Its options come from other answers.');
  }
  const [id] = from.args;
  const instance = id?.kind === 'text' ? xform.instances.get(id.value) : undefined;
  if (instance === undefined || attributeOf(instance, 'src') !== undefined) {
    throw new Untranslatable('Its options come from a file that only the phone reads.');
  }
  let elements: XmlElement[] = [instance];
  for (const [index, { axis, name, predicates }] of steps.entries()) {
    if (axis !== 'child' || (predicates.length > 0 && index < steps.length - 1)) {
      throw new Untranslatable('Its options are computed on the phone.');
    }
    elements = elements.flatMap((element) => elementsIn(element, name));
  }
  const column = (local: string) => attributeOf(elementIn(itemset, local) ?? itemset, 'ref')?.trim() ?? '';
  const [value, label] = [column('value'), column('label')];
  const found = elements.flatMap((element): (ChoiceItem & DraftOption)[] => {
    const columns = new Map(elementsIn(element).map((child) => [child.local, textIn(child).trim()]));
    const name = columns.get(value) ?? '';
    const shown = labelOf(element, label, columns, xform);
    return name === '' ? [] : [{ name, columns, ...(shown !== undefined && { label: shown }) }];
  });
  const options = unique(
    found.map(({ name, label: shown }) => ({ name, ...(shown !== undefined && { label: shown }) })),
  );
  const [predicate, ...more] = steps.at(-1)?.predicates ?? [];
  if (predicate === undefined) return { options };
  return {
    options,
    filter: { predicate: more.length === 0 ? predicate : { kind: 'all', parts: [predicate, ...more] }, items: found },
  };
}

function labelOf(item: XmlElement, ref: string, columns: ReadonlyMap<string, string>, { texts }: Xform) {
  const [, id] = /^jr:itext\(\s*([\w.-]+)\s*\)$/.exec(ref) ?? [];
  return id === undefined ? textOfChild(texts, item, ref) : texts.byId(columns.get(id) ?? '');
}
