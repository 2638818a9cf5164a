/** The elements of a form's instances (what phones send), for uploaded and for generated XForms. */
import type { FormDefinition } from '../definition/form-definition.ts';
import { type InstanceMap, plainInstanceOf } from './instance-nodes.ts';
import { softChecksOf, withChecks } from './generate/soft-checks.ts';

/** The elements of a form's instances. @param version of the form */
export function instanceOf(definition: FormDefinition, version: number): InstanceMap {
  const instance = plainInstanceOf(definition, version);
  if (definition.xform !== undefined) return instance;
  return { ...instance, nodes: withChecks(instance.nodes, softChecksOf(definition, instance)) };
}

export type { InstanceMap, InstanceMetadata, InstanceNode } from './instance-nodes.ts';
