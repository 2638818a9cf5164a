/** Writes the instance of a response, as a phone would have sent it: the opposite of read-instance.ts. */
import { isJsonObject } from '../values/json.ts';
import type { Answers } from '../values/answer.ts';
import { instanceText } from './generate/instance-xml.ts';
import { tag, text } from './generate/tag.ts';
import type { InstanceMap, InstanceMetadata, InstanceNode } from './instance-nodes.ts';

type Metadata = Readonly<Partial<Record<InstanceMetadata, string>>>;

/**
 * The XML of an instance. Answers that the phone computes or records again are left blank.
 *
 * @param answers by key, as stored
 */
export function writeInstance(
  { id, version, root, nodes }: InstanceMap,
  answers: Answers,
  instanceId: string,
  metadata: Metadata,
): string {
  const meta = tag('meta', {}, tag('instanceID', {}, text(instanceId)));
  return tag(root, { id, version }, ...writeNodes(nodes, answers, metadata), meta);
}

function writeNodes(nodes: readonly InstanceNode[], answers: Answers, metadata: Metadata): string[] {
  return nodes.flatMap((each) => {
    switch (each.kind) {
      case 'question':
        return [tag(each.node, {}, text(instanceText(each.question.type, answers[each.question.key])))];
      case 'metadata':
        return [tag(each.node, {}, text(metadata[each.is] ?? ''))];
      case 'folder':
        return [tag(each.node, {}, ...writeNodes(each.nodes, answers, metadata))];
      case 'section': {
        const stored = answers[each.section.key];
        const entries: unknown[] = Array.isArray(stored) ? stored : each.section.type === 'group' ? [stored ?? {}] : [];
        return entries
          .filter(isJsonObject)
          .map((entry) => tag(each.node, {}, ...writeNodes(each.nodes, entry, metadata)));
      }
      case 'check':
      case 'hidden':
        return [];
    }
  });
}
