/**
 * The opened form behind ODK Web Forms. The component OdkWebForm does not expose the form, so it is read from the
 * property `form` of a component inside, the header. tests/console/fill.test.ts fails if a new release has no such
 * property.
 */
import type { FormNode, FormRoot } from '@getodk/web-forms';
import { isVNode, type ComponentInternalInstance, type VNode } from 'vue';

/** @returns undefined while the form is loading, or if it cannot be opened */
export function findRoot({ subTree }: ComponentInternalInstance): FormRoot | undefined {
  const waiting: VNode[] = [subTree];
  for (const vnode of waiting) {
    const { component, children } = vnode;
    if (component !== null) {
      const { form } = component.props;
      if (isRoot(form)) return form;
      waiting.push(component.subTree);
    }
    if (Array.isArray(children)) waiting.push(...children.filter((child) => isVNode(child)));
  }
  return undefined;
}

function isRoot(value: unknown): value is FormRoot {
  return typeof value === 'object' && value !== null && 'prepareInstancePayload' in value && 'currentState' in value;
}

/** The node and all nodes in it, in the form's order. */
export function nodesIn(node: FormNode): FormNode[] {
  return [node, ...(node.currentState.children ?? []).flatMap(nodesIn)];
}

/** `/data/people[position() = 2]/age` and `/data/people[2]/age` are the same. */
function normal(reference: string): string {
  return reference.replaceAll(/\[position\(\)\s*=\s*(\d+)\]/g, '[$1]');
}

/** The nodes at a reference. Without the number of an entry, the nodes of all entries. */
export function nodesAt(root: FormRoot, reference: string): FormNode[] {
  const wanted = reference.split('/');
  return nodesIn(root).filter(({ currentState }) => {
    const steps = normal(currentState.reference).split('/');
    return (
      steps.length === wanted.length &&
      steps.every((step, index) => step === wanted[index] || step.replace(/\[\d+\]$/, '') === wanted[index])
    );
  });
}

/** The element of a question on the page; null if the question is not asked. */
export function elementOf({ nodeId }: FormNode): HTMLElement | null {
  return document.querySelector<HTMLElement>(`#${CSS.escape(`${nodeId}_container`)}`);
}

/** All answers as one text, which changes whenever an answer does. It leaves out what the phone computes or records. */
export function answersOf(root: FormRoot): string {
  return nodesIn(root)
    .filter(({ nodeType }) => !UNASKED.has(nodeType))
    .map(({ currentState: { reference, instanceValue = '' } }) => `${reference}=${instanceValue}`)
    .join('\n');
}

const UNASKED: ReadonlySet<string> = new Set(['model-value', 'note', 'root', 'group']);
