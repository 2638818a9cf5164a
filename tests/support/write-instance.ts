/** Writes submissions as a phone does. */
import type { InstanceMap, InstanceMetadata, InstanceNode } from '../../forms/xforms/instance.ts';
import { escapeXml } from '../../forms/xforms/xml.ts';
import { isJsonObject, JsonNumber } from '../../forms/values/json.ts';
import { isPoint, isScalar } from '../../forms/values/answer.ts';

export interface InstanceIds {
  instanceId: string;
  /** The instanceID of the submission that this one corrects. */
  deprecatedId?: string | undefined;
}

/**
 * Writes a submission.
 *
 * @param answers by key, as in a response
 * @param metadata what the phone records
 */
export function writeInstance(
  { id, version, root, nodes }: InstanceMap,
  answers: Readonly<Record<string, unknown>>,
  { instanceId, deprecatedId }: InstanceIds,
  metadata: Readonly<Partial<Record<InstanceMetadata, string>>> = {},
): string {
  const deprecated = deprecatedId === undefined ? '' : element('deprecatedID', escapeXml(deprecatedId));
  const meta = element('meta', element('instanceID', escapeXml(instanceId)) + deprecated);
  const inside = nodes.map((node) => writeNode(node, answers, metadata)).join('');
  return `<?xml version='1.0' ?><${root} id="${escapeXml(id)}" version="${escapeXml(version)}">${inside}${meta}</${root}>`;
}

function writeNode(
  node: InstanceNode,
  answers: Readonly<Record<string, unknown>>,
  metadata: Readonly<Partial<Record<InstanceMetadata, string>>>,
): string {
  switch (node.kind) {
    case 'folder':
      return element(node.node, node.nodes.map((each) => writeNode(each, answers, metadata)).join(''));
    case 'metadata':
      return element(node.node, escapeXml(metadata[node.is] ?? ''));
    case 'check':
    case 'hidden':
      return '';
    case 'question':
      return element(node.node, escapeXml(textOf(answers[node.question.key])));
    case 'section': {
      const content = answers[node.section.key];
      const entries: unknown[] = Array.isArray(content) ? content : [content ?? {}];
      return entries
        .filter(isJsonObject)
        .map((entry) => element(node.node, node.nodes.map((each) => writeNode(each, entry, metadata)).join('')))
        .join('');
    }
  }
}

function element(name: string, inside: string): string {
  return inside === '' ? `<${name}/>` : `<${name}>${inside}</${name}>`;
}

function textOf(answer: unknown): string {
  if (answer === undefined || answer === null) return '';
  if (Array.isArray(answer)) return answer.join(' ');
  if (answer instanceof JsonNumber) return answer.source;
  if (!isPoint(answer)) return isScalar(answer) ? String(answer) : JSON.stringify(answer);
  return [answer.latitude, answer.longitude, answer.altitude ?? 0, answer.accuracy ?? 0].join(' ');
}
