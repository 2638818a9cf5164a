/** The elements of a form's instances, without those that a generated XForm adds for its checks. */
import type { FormDefinition } from '../definition/form-definition.ts';
import { joinPath } from '../definition/question-tree.ts';
import type { PHONE_METADATA } from '../definition/uploaded-xform.ts';
import type { Expression } from '../language/expression.ts';
import { isSection, type Item, nameOf, type Question, type Section } from '../question-types/index.ts';
import { entryPartsOf } from './entry-parts.ts';

/** Metadata in an instance. Only generated XForms ask for the `location`. */
export type InstanceMetadata = (typeof PHONE_METADATA)[number] | 'location';

/** An element of an instance. `node` is its name. */
export type InstanceNode =
  | { readonly kind: 'question'; readonly node: string; readonly question: Question }
  | {
      readonly kind: 'section';
      readonly node: string;
      readonly section: Section;
      readonly nodes: readonly InstanceNode[];
    }
  /** An element around others that is neither a group nor a repeat of the form. */
  | { readonly kind: 'folder'; readonly node: string; readonly nodes: readonly InstanceNode[] }
  | { readonly kind: 'metadata'; readonly node: string; readonly is: InstanceMetadata }
  /**
   * The acknowledgement of a broken rule. `rule` is the name that its flags have; for the number of a repeat's entries,
   * which no rule limits, it is the path of the repeat's names.
   */
  | { readonly kind: 'check'; readonly node: string; readonly rule: string }
  /** An element of Collect's own that holds no answer. `computes` is what the phone computes in it. */
  | { readonly kind: 'hidden'; readonly node: string; readonly computes?: Expression };

/** The id and version of an XForm, the root element of its instances, and the elements inside it. */
export type InstanceMap = {
  readonly id: string;
  readonly version: string;
  readonly root: string;
  readonly nodes: readonly InstanceNode[];
};

const ROOT = 'data';

/** The metadata that a generated XForm asks the phone for. */
const GENERATED_METADATA: readonly InstanceMetadata[] = ['start', 'end', 'today', 'username', 'deviceid', 'location'];

/** The elements that stand for the form's questions and metadata. @param version of the form */
export function plainInstanceOf(definition: FormDefinition, version: number): InstanceMap {
  const { form_id: id, questions, xform } = definition;
  if (xform === undefined) {
    return {
      id,
      version: String(version),
      root: ROOT,
      nodes: [metadataFolder(questions), ...withParts(nodesOf(questions, generatedNames), entryPartsOf(definition))],
    };
  }
  const nodes = nodesOf(questions, (items) => items.map(elementOf));
  // Definitions of earlier releases have no questions for metadata.
  const metadata = xform.metadata
    .map(({ node, is }) => ({ path: node.split('/'), is }))
    .filter(({ path }) => itemAt(path, questions) === undefined);
  return { id: xform.id, version: xform.version, root: xform.root, nodes: withMetadata(nodes, metadata) };
}

/** The name of an item's element in an uploaded XForm. */
function elementOf({ node, key }: Item): string {
  return node ?? key;
}

/** The item of an element of an uploaded XForm. @param path the names of elements below the root */
function itemAt([first, ...rest]: readonly string[], items: readonly Item[]): Item | undefined {
  const found = items.find((item) => elementOf(item) === first);
  if (found === undefined || rest.length === 0) return found;
  return isSection(found) ? itemAt(rest, found.questions) : undefined;
}

/** The element that names a submission on the phone. */
export const INSTANCE_NAME: readonly string[] = ['meta', 'instanceName'];

/** The questions that the phone answers automatically with its metadata, of a form that was uploaded as an XForm. */
export function recordedQuestions({ questions, xform }: Pick<FormDefinition, 'questions' | 'xform'>): Set<Item> {
  if (xform === undefined) return new Set();
  const paths = [INSTANCE_NAME, ...xform.metadata.map(({ node }) => node.split('/'))];
  return new Set(paths.flatMap((path) => itemAt(path, questions) ?? []));
}

type NamesOf = (items: readonly Item[]) => readonly string[];

function nodesOf(items: readonly Item[], namesOf: NamesOf): InstanceNode[] {
  const names = namesOf(items);
  return items.map((item, index) => {
    const node = names[index] ?? item.key;
    return isSection(item)
      ? { kind: 'section', node, section: item, nodes: nodesOf(item.questions, namesOf) }
      : { kind: 'question', node, question: item };
  });
}

/** Apps read the instance's id from the first element of this name, at any depth. */
const META = 'meta';

/** The elements of a generated form have the names of its questions. */
export function generatedNames(items: readonly Item[]): string[] {
  const names = items.map(nameOf);
  const taken = new Set(names);
  return names.map((name) => {
    let free = name;
    while (free === META || (free !== name && taken.has(free))) free += '_';
    return free;
  });
}

function metadataFolder(questions: readonly Item[]): InstanceNode {
  const node = freeName('phone', questions);
  return { kind: 'folder', node, nodes: GENERATED_METADATA.map((is) => ({ kind: 'metadata', node: is, is })) };
}

/** The name of an element that collides with no question. */
export function freeName(name: string, questions: readonly Item[]): string {
  const taken = new Set(questions.map((item) => nameOf(item).toLowerCase()));
  return taken.has(name) ? freeName(`${name}_`, questions) : name;
}

/** Adds elements for what the phone computes in entries. Their names have a hyphen, which no question's name has. */
function withParts(
  nodes: readonly InstanceNode[],
  parts: ReadonlyMap<string, readonly Expression[]>,
  around = '',
): InstanceNode[] {
  if (parts.size === 0) return [...nodes];
  return nodes.map((each) => {
    if (each.kind !== 'section') return each;
    const path = joinPath(around, each.section.key);
    const own = each.section.type === 'repeat' ? (parts.get(path) ?? []) : [];
    const computed = own.map((computes, index) => ({ kind: 'hidden' as const, node: `part-${index + 1}`, computes }));
    return { ...each, nodes: [...withParts(each.nodes, parts, path), ...computed] };
  });
}

type PlacedMetadata = { readonly path: readonly string[]; readonly is: InstanceMetadata };

/** Adds metadata to the elements around it, and those elements if they hold nothing else. */
function withMetadata(nodes: readonly InstanceNode[], metadata: readonly PlacedMetadata[]): InstanceNode[] {
  const inside = new Map<string, PlacedMetadata[]>();
  const here: InstanceNode[] = [];
  for (const { path, is } of metadata) {
    const [first = '', ...rest] = path;
    if (rest.length === 0) here.push({ kind: 'metadata', node: first, is });
    else inside.set(first, [...(inside.get(first) ?? []), { path: rest, is }]);
  }
  const known = nodes.map((each) => {
    const own = inside.get(each.node);
    if (own === undefined || !('nodes' in each)) return each;
    inside.delete(each.node);
    return { ...each, nodes: withMetadata(each.nodes, own) };
  });
  const folders = [...inside].map(([node, own]): InstanceNode => ({
    kind: 'folder',
    node,
    nodes: withMetadata([], own),
  }));
  return [...here, ...known, ...folders];
}
