/** Reads an XForm into its parts: the nodes of its instance, their binds and controls, and the texts. */
import type { Fault } from '../../values/fault.ts';
import { submissionFaults } from './submission-faults.ts';
import { type TextReader, textReader } from './xform-texts.ts';
import {
  attributeOf,
  elementIn,
  elementsIn,
  MAX_XML_DEPTH,
  parseXml,
  textIn,
  XmlError,
  type XmlElement,
} from '../xml.ts';
import { parseXPath, XPathError } from './xpath.ts';

/** Bounds of an XForm. The depth leaves room for the groups of the body, and bounds the parser's time. */
const XFORM_LIMITS = { maxDepth: MAX_XML_DEPTH, maxBytes: 4_000_000 } as const;

/** A node of the primary instance. `path` is its elements' local names from the root, each after a `/`. */
export type XformNode = {
  readonly name: string;
  readonly path: string;
  readonly element: XmlElement;
  readonly nodes: readonly XformNode[];
};

/** The bind of a node. Expressions are as written; an absent one is undefined. */
export type Bind = {
  readonly type: string;
  readonly required: string | undefined;
  readonly relevant: string | undefined;
  readonly constraint: string | undefined;
  readonly constraintMsg: string | undefined;
  readonly calculate: string | undefined;
  readonly readonly: string | undefined;
  readonly preload: string | undefined;
  readonly preloadParams: string | undefined;
  /** Max pixels of the longer edge of a photo. */
  readonly maxPixels: string | undefined;
};

/** A question of the body. */
export type Control = { readonly path: string; readonly element: XmlElement; readonly appearance: string };

/** An XForm. Paths are those of nodes. */
export type Xform = {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly root: XformNode;
  readonly binds: ReadonlyMap<string, Bind>;
  readonly controls: ReadonlyMap<string, readonly Control[]>;
  /** The repeats, with the text of `jr:count`. */
  readonly repeats: ReadonlyMap<string, { readonly count: string | undefined }>;
  /** The elements of the body that have the labels of groups and repeats. */
  readonly labelled: ReadonlyMap<string, XmlElement>;
  /** The nodes to which an action of the form writes. */
  readonly written: ReadonlyMap<string, 'setvalue' | 'setgeopoint'>;
  /** The secondary instances; those with a `src` have no items. */
  readonly instances: ReadonlyMap<string, XmlElement>;
  readonly texts: TextReader;
  readonly warnings: { readonly path?: string; readonly detail: string }[];
};

export const JAVAROSA = 'http://openrosa.org/javarosa';
const OPENROSA = 'http://openrosa.org/xforms';
const XFORMS = 'http://www.w3.org/2002/xforms';

type ReadResult = { readonly ok: true; readonly xform: Xform } | { readonly ok: false; readonly faults: Fault[] };

/**
 * Reads an XForm. A fault's pointer is a path in the XForm, such as `/data/name` for a node of its instance.
 *
 * @param xml the whole document
 */
export function readXform(xml: string): ReadResult {
  let html: XmlElement;
  try {
    html = parseXml(xml, XFORM_LIMITS);
  } catch (error) {
    if (error instanceof XmlError) return refuse('', error.message);
    throw error;
  }
  const head = elementIn(html, 'head');
  const model = head && elementIn(head, 'model');
  const title = head && elementIn(head, 'title');
  const body = elementIn(html, 'body');
  if (html.local !== 'html' || model === undefined || body === undefined) {
    return refuse('', 'Send an XForm: an html element with a head, which has a model, and a body.');
  }
  const instances = elementsIn(model, 'instance');
  const primary = instances[0] && elementsIn(instances[0])[0];
  if (primary === undefined) {
    return refuse(
      '/html/head/model/instance',
      'Add the primary instance: its root element with the nodes of the form.',
    );
  }
  const id = (attributeOf(primary, 'id') ?? (primary.uri === XFORMS ? '' : primary.uri)).trim();
  if (id === '') return refuse(`/${primary.local}/@id`, 'Add the attribute id: the XForm needs an id.');

  const reading = new Reading(primary);
  const faults: Fault[] = [];
  for (const bind of elementsIn(model, 'bind')) reading.readBind(bind);
  reading.readBody(body, `/${primary.local}`, undefined);
  for (const place of [model, body]) reading.readActions(place, `/${primary.local}`);
  const root = reading.nodeOf(primary, '', faults);
  reading.checkControls(faults);
  faults.push(...submissionFaults(model));
  if (faults.length > 0) return { ok: false, faults };
  const { binds, controls, repeats, labelled, written, warnings } = reading;
  return {
    ok: true,
    xform: {
      id,
      version: (attributeOf(primary, 'version') ?? attributeOf(primary, 'version', OPENROSA) ?? '').trim(),
      title: title === undefined ? id : textIn(title),
      root,
      binds,
      controls,
      repeats,
      labelled,
      written,
      instances: new Map(instances.slice(1).map((each) => [attributeOf(each, 'id') ?? '', each])),
      texts: textReader(model),
      warnings,
    },
  };
}

function refuse(pointer: string, detail: string): ReadResult {
  return { ok: false, faults: [{ pointer, detail }] };
}

/** The controls of the body. Their children are labels, hints and items. */
const CONTROLS: ReadonlySet<string> = new Set([
  'input',
  'secret',
  'select',
  'select1',
  'rank',
  'upload',
  'range',
  'trigger',
  'textarea',
]);

const NO_QUESTIONS: ReadonlySet<string> = new Set(['label', 'hint', 'setvalue', 'setgeopoint', 'action', 'submit']);
const ACTIONS = ['setvalue', 'setgeopoint'] as const;

class Reading {
  readonly binds = new Map<string, Bind>();
  readonly controls = new Map<string, Control[]>();
  readonly repeats = new Map<string, { readonly count: string | undefined }>();
  readonly labelled = new Map<string, XmlElement>();
  readonly written = new Map<string, 'setvalue' | 'setgeopoint'>();
  readonly warnings: { path?: string; detail: string }[] = [];
  readonly #root: string;
  readonly #paths = new Set<string>();
  /** The paths of binds by their ids, which controls may name. */
  readonly #bindIds = new Map<string, string>();

  constructor(primary: XmlElement) {
    this.#root = `/${primary.local}`;
  }

  readBind(element: XmlElement): void {
    const nodeset = attributeOf(element, 'nodeset') ?? attributeOf(element, 'ref') ?? '';
    const path = resolveNames(nodeset, this.#root);
    if (path === undefined) {
      // Entities have binds of attributes, whose values are not answers.
      if (nodeset.includes('/@')) return;
      this.warnings.push({ path: nodeset, detail: 'This bind is left out: its nodeset is not a plain path.' });
      return;
    }
    const id = attributeOf(element, 'id');
    if (id !== undefined) this.#bindIds.set(id, path);
    const expression = (name: string) => attributeOf(element, name)?.trim() || undefined;
    this.binds.set(path, {
      type: (attributeOf(element, 'type') ?? '').replace(/^.*:/, ''),
      required: expression('required'),
      relevant: expression('relevant'),
      constraint: expression('constraint'),
      constraintMsg: attributeOf(element, 'constraintMsg', JAVAROSA),
      calculate: expression('calculate'),
      readonly: expression('readonly'),
      preload: attributeOf(element, 'preload', JAVAROSA)?.toLowerCase(),
      preloadParams: attributeOf(element, 'preloadParams', JAVAROSA)?.toLowerCase(),
      maxPixels: attributeOf(element, 'max-pixels', OPENROSA)?.trim(),
    });
  }

  /** @param label the group around, which has the label, if that group has no node */
  readBody(parent: XmlElement, base: string, label: XmlElement | undefined): void {
    for (const element of elementsIn(parent)) {
      if (NO_QUESTIONS.has(element.local)) continue;
      const bound = attributeOf(element, 'bind');
      const ref = attributeOf(element, 'ref') ?? attributeOf(element, 'nodeset');
      const path = bound === undefined ? ref && resolveNames(ref, base) : this.#bindIds.get(bound);
      if (element.local === 'repeat' && path !== undefined) {
        this.repeats.set(path, { count: attributeOf(element, 'count', JAVAROSA) });
        if (label !== undefined && !this.labelled.has(path)) this.labelled.set(path, label);
        this.readBody(element, path, undefined);
      } else if (element.local === 'group') {
        if (path !== undefined) this.labelled.set(path, element);
        this.readBody(element, path ?? base, path === undefined ? element : undefined);
      } else if (path !== undefined) {
        if (!CONTROLS.has(element.local)) {
          const detail = `The control ${element.local} is not known; its answers are kept as text.`;
          this.warnings.push({ path, detail });
        }
        const appearance = attributeOf(element, 'appearance') ?? '';
        this.controls.set(path, [...(this.controls.get(path) ?? []), { path, element, appearance }]);
      }
    }
  }

  /** Reads the actions that write to nodes, including those inside controls. */
  readActions(parent: XmlElement, base: string): void {
    for (const element of elementsIn(parent)) {
      if (element.local === 'instance' || element.local === 'itext') continue;
      const action = ACTIONS.find((name) => name === element.local);
      const target = attributeOf(element, 'ref') ?? attributeOf(element, 'target');
      const path = action && target && resolveNames(target, base);
      if (action !== undefined && path !== undefined && path !== '') this.written.set(path, action);
      this.readActions(element, base);
    }
  }

  /** A node and those in it. The entries of a repeat become one node; its template is preferred. */
  nodeOf(element: XmlElement, parent: string, faults: Fault[]): XformNode {
    const path = `${parent}/${element.local}`;
    this.#paths.add(path);
    const inside = new Map<string, XmlElement>();
    for (const child of elementsIn(element)) {
      const own = `${path}/${child.local}`;
      const isTemplate = attributeOf(child, 'template', JAVAROSA) !== undefined;
      if (isTemplate && !this.repeats.has(own)) this.repeats.set(own, { count: undefined });
      if (inside.has(child.local) && !this.repeats.has(own)) {
        faults.push({
          pointer: own,
          detail: 'Give each node its own name; two nodes beside each other have this one.',
        });
      }
      if (isTemplate || !inside.has(child.local)) inside.set(child.local, child);
    }
    const nodes = [...inside.values()].map((child) => this.nodeOf(child, path, faults));
    return { name: element.local, path, element, nodes };
  }

  /** Refuses controls without a node, as phones do. */
  checkControls(faults: Fault[]): void {
    for (const path of [...this.controls.keys(), ...this.repeats.keys()]) {
      if (this.#paths.has(path)) continue;
      faults.push({ pointer: path, detail: 'Add this node to the primary instance; a control of the body names it.' });
    }
    for (const path of this.binds.keys()) {
      if (!this.#paths.has(path)) {
        this.warnings.push({ path, detail: 'This bind is left out: the primary instance has no such node.' });
      }
    }
  }
}

/**
 * The path of the node that a path without predicates names.
 *
 * @param base the path of the node from which a relative path starts
 * @returns undefined if it is not such a path
 */
function resolveNames(text: string, base: string): string | undefined {
  try {
    const parsed = parseXPath(text);
    if (parsed.kind !== 'path' || (parsed.from !== 'root' && parsed.from !== 'here')) return undefined;
    const names = parsed.from === 'root' ? [] : base.split('/').slice(1);
    for (const { axis, name, predicates } of parsed.steps) {
      if (axis === 'other' || predicates.length > 0) return undefined;
      if (axis === 'parent') names.pop();
      if (axis === 'child') names.push(name);
    }
    return names.map((name) => `/${name}`).join('');
  } catch (error) {
    if (error instanceof XPathError) return undefined;
    throw error;
  }
}
