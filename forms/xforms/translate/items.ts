/** Turns the nodes of an XForm's instance into items of a definition, without their conditions. */
import { PHONE_METADATA } from '../../definition/uploaded-xform.ts';
import { MAX_PLACES } from '../../values/amount.ts';
import { LIMITS } from '../../values/limits.ts';
import type { Fault } from '../../values/fault.ts';
import { INSTANCE_NAME } from '../instance-nodes.ts';
import type { Bind, Control, Xform, XformNode } from './xform-parts.ts';
import { textOfChild } from './xform-texts.ts';
import { choicesOf } from './choices.ts';
import {
  type Choices,
  type ItemDraft,
  type Entry,
  isCall,
  isReadonly,
  type Translation,
  Untranslatable,
} from './draft.ts';
import { Names } from './names.ts';
import { attributeOf, textIn } from '../xml.ts';

/** The ids of the submission, which are not questions. */
const IDS: ReadonlySet<string> = new Set(['instanceID', 'deprecatedID']);

/** Metadata of the phone that is not a question: every response has the first two, and the third is a file. */
const NO_QUESTIONS: ReadonlySet<string> = new Set(['end', 'username', 'audit']);

type Around = {
  readonly parent: Entry | undefined;
  readonly path: string;
  readonly names: string;
  readonly pointer: string;
  readonly repeats: readonly string[];
};

type Typed = Pick<Entry, 'typeMembers' | 'whyKeptAsText' | 'choices'>;

/** Members of a bind that are ignored for metadata. */
const NOTHING_TO_CHECK = {
  required: undefined,
  relevant: undefined,
  constraint: undefined,
  constraintMsg: undefined,
  calculate: undefined,
};

/** Makes the items of a form. Each leaf of the instance becomes a question, unless it is metadata. */
export function itemsOf(xform: Xform): Translation {
  const names = new Names();
  const entries: Entry[] = [];
  const metadata: { node: string; is: string }[] = [];
  const meta = `${xform.root.path}/meta`;

  function read(nodes: readonly XformNode[], around: Around): ItemDraft[] {
    const drafts: ItemDraft[] = [];
    for (const node of nodes) {
      if (node.path.startsWith(`${meta}/`) && IDS.has(node.name)) continue;
      const is = around.repeats.length === 0 ? metadataOf(node, xform, meta) : undefined;
      if (is !== undefined) {
        const isFirst = metadata.every((known) => known.is !== is);
        metadata.push({ node: node.path.slice(xform.root.path.length + 1), is });
        if (isFirst && NO_QUESTIONS.has(is)) continue;
      }
      const isRecorded = is !== undefined || node.path === [xform.root.path, ...INSTANCE_NAME].join('/');
      const entry = entryOf(node, isRecorded, { ...around, pointer: `${around.pointer}/${drafts.length}` });
      const isSection = node.nodes.length > 0;
      const before = entries.length;
      entries.push(entry);
      if (isSection) {
        const { path, repeats, pointer } = entry;
        const inside = {
          parent: entry,
          path,
          names: join(around.names, entry.draft.name),
          pointer: `${pointer}/questions`,
          repeats,
        };
        entry.draft.questions = read(node.nodes, inside);
      }
      if (isSection && entry.draft.questions?.length === 0) entries.length = before;
      else drafts.push(entry.draft);
    }
    return drafts;
  }

  /** @param isRecorded whether it is metadata that the phone fills in */
  function entryOf(node: XformNode, isRecorded: boolean, around: Around): Entry {
    const { parent, pointer, repeats } = around;
    const written = xform.binds.get(node.path);
    const bind = isRecorded && written !== undefined ? { ...written, ...NOTHING_TO_CHECK } : written;
    const controls = xform.controls.get(node.path) ?? [];
    const repeat = xform.repeats.get(node.path);
    const own: Typed =
      repeat !== undefined
        ? { typeMembers: { type: 'repeat', ...entriesOf(repeat.count) } }
        : node.nodes.length > 0
          ? { typeMembers: { type: 'group' } }
          : isRecorded
            ? { typeMembers: bind?.type === 'dateTime' || bind?.type === 'date' ? (TYPES[bind.type] ?? TEXT) : TEXT }
            : typeOf(node, bind, controls, xform);
    const columns =
      own.typeMembers.type === 'geopoint' ? 'place' : bind?.calculate === undefined ? 'one' : 'calculation';
    const { key, name } = names.choose(node.name, around, columns);
    const labelled = controls[0]?.element ?? xform.labelled.get(node.path);
    const label = labelled && textOfChild(xform.texts, labelled, 'label');
    const hint = labelled && textOfChild(xform.texts, labelled, 'hint');
    const draft: ItemDraft = {
      ...own.typeMembers,
      name,
      key,
      ...(key !== node.name && { node: node.name }),
      ...(label !== undefined && { label }),
      ...(hint !== undefined && { hint }),
    };
    return {
      node,
      bind,
      controls,
      parent,
      path: join(around.path, key),
      pointer,
      repeats: repeat === undefined ? repeats : [...repeats, node.path],
      ...own,
      draft,
      checks: [],
      isHiddenByPhone: false,
      isMatched: false,
      calculated: undefined,
      possibleTexts: undefined,
    };
  }

  const around = { parent: undefined, path: '', names: '', pointer: '/questions', repeats: [] };
  const questions = read(xform.root.nodes, around);
  return { xform, questions, entries, byNode: new Map(entries.map((entry) => [entry.node.path, entry])), metadata };
}

/** Refuses forms whose instances have no id of their own: a retry would look like a second response. */
export function instanceIdFaults({ root, binds, written }: Xform): Fault[] {
  const pointer = `${root.path}/meta/instanceID`;
  const exists = root.nodes.some(
    ({ name, nodes }) => name === 'meta' && nodes.some((node) => node.name === 'instanceID'),
  );
  const bind = binds.get(pointer);
  if (exists && (bind?.preload === 'uid' || bind?.calculate !== undefined || written.has(pointer))) return [];
  const detail = exists
    ? 'Fill this node: add jr:preload="uid" to its bind. Without an id, a retry could not be told from a second response.'
    : 'Add this node with a bind that has jr:preload="uid". Without an id, a retry could not be told from a second response.';
  return [{ pointer, detail }];
}

function join(around: string, name: string): string {
  return around === '' ? name : `${around}/${name}`;
}

/** Which metadata of the phone a node records; undefined if the collector answers it. */
function metadataOf(node: XformNode, { binds, controls }: Xform, meta: string): string | undefined {
  if (node.nodes.length > 0) return undefined;
  if (node.path === `${meta}/audit`) return 'audit';
  const bind = binds.get(node.path);
  if (bind?.preload === undefined || (controls.has(node.path) && !isReadonly(bind))) return undefined;
  const wanted = { timestamp: ['start', 'end'], date: ['today'], property: PHONE_METADATA.slice(3, -1) };
  const [, names = []] = Object.entries(wanted).find(([preload]) => preload === bind.preload) ?? [];
  return names.find((name) => name === bind.preloadParams);
}

/** The bounds of a repeat whose number of entries is fixed. */
function entriesOf(count: string | undefined): { min?: number; max?: number } {
  const fixed = /^\s*\d{1,4}\s*$/.test(count ?? '') ? Number(count) : 0;
  return fixed > 0 && fixed <= LIMITS.entries ? { min: 0, max: fixed } : {};
}

const TEXT: Typed['typeMembers'] = { type: 'text', max_length: LIMITS.text, multiline: true };

/** The types of answers that Collect keeps as text, and why they are not checked. */
const KEPT_AS_TEXT: Readonly<Record<string, string>> = {
  geotrace: 'A line is kept as the text that the phone sends.',
  geoshape: 'An area is kept as the text that the phone sends.',
  rank: 'A ranking is kept as the text that the phone sends.',
  intent: 'The answer of another app is kept as text.',
};

const TYPES: Readonly<Record<string, Typed['typeMembers']>> = {
  int: { type: 'integer' },
  integer: { type: 'integer' },
  long: { type: 'integer' },
  decimal: { type: 'decimal', places: MAX_PLACES },
  double: { type: 'decimal', places: MAX_PLACES },
  float: { type: 'decimal', places: MAX_PLACES },
  date: { type: 'date' },
  time: { type: 'time_of_day' },
  dateTime: { type: 'datetime' },
  geopoint: { type: 'geopoint' },
  binary: { type: 'file' },
};

function typeOf(node: XformNode, bind: Bind | undefined, controls: readonly Control[], xform: Xform): Typed {
  const type = bind?.type ?? '';
  const [control] = controls;
  switch (control?.element.local) {
    case 'select':
    case 'select1':
      return selectOf(controls, xform);
    case 'rank':
      return { typeMembers: TEXT, whyKeptAsText: KEPT_AS_TEXT['rank'] ?? '' };
    case 'trigger':
      return { typeMembers: { type: 'select_one', options: [{ name: 'OK' }] } };
    case 'upload':
      return { typeMembers: { type: mediaOf(control) } };
    case 'range':
      return { typeMembers: rangeOf(control, type) };
    case 'input':
      if (attributeOf(control.element, 'query') !== undefined) {
        return { typeMembers: TEXT, whyKeptAsText: 'Its options come from a file that only the phone reads.' };
      }
      if (isNote(node, bind, xform)) return { typeMembers: { type: 'note' } };
      break;
    default:
  }
  const whyKeptAsText = KEPT_AS_TEXT[type];
  return { typeMembers: TYPES[type] ?? TEXT, ...(whyKeptAsText !== undefined && { whyKeptAsText }) };
}

/** Whether a node is a note: a read-only text that nothing fills. */
function isNote(node: XformNode, bind: Bind | undefined, { written }: Xform): boolean {
  const isText = ['', 'string'].includes(bind?.type ?? '');
  const isFilled =
    bind?.calculate !== undefined ||
    bind?.preload !== undefined ||
    written.has(node.path) ||
    textIn(node.element) !== '';
  return isText && !isFilled && isCall(bind?.readonly, 'true');
}

function selectOf(controls: readonly Control[], xform: Xform): Typed {
  const isList = controls.some(({ element }) => element.local === 'select');
  const areSame = controls.every(({ element }) => element.local === (isList ? 'select' : 'select1'));
  try {
    if (!areSame) throw new Untranslatable('Several controls of different kinds ask it.');
    const choices: Choices = choicesOf(controls, xform, isList);
    return { typeMembers: { type: isList ? 'select_multiple' : 'select_one' }, choices };
  } catch (error) {
    if (error instanceof Untranslatable) return { typeMembers: TEXT, whyKeptAsText: error.message };
    throw error;
  }
}

function mediaOf({ element }: Control): 'image' | 'audio' | 'video' | 'file' {
  const media = attributeOf(element, 'mediatype') ?? '';
  const [known] = (['image', 'audio', 'video'] as const).filter((each) => media.startsWith(`${each}/`));
  return known ?? 'file';
}

function rangeOf({ element }: Control, type: string): Typed['typeMembers'] {
  const bounds = ['start', 'end'].map((name) => attributeOf(element, name)?.trim() ?? '');
  const numbers = bounds.map(Number).toSorted((a, b) => a - b);
  const isWhole = ['int', 'integer', ''].includes(type) && numbers.every(Number.isSafeInteger);
  const plain = isWhole ? { type: 'integer' as const } : { type: 'decimal' as const, places: MAX_PLACES };
  const [min, max] = numbers;
  const areKnown = bounds.every((bound) => /^-?\d{1,9}(?:\.\d{1,5})?$/.test(bound));
  return min === undefined || max === undefined || !areKnown ? plain : { ...plain, min, max };
}
