/** `npm run drift [-- STACK]`: prints manual changes to a deployed stack and its nested stacks. */
import { setTimeout as wait } from 'node:timers/promises';
import {
  CloudFormationClient,
  DescribeStackDriftDetectionStatusCommand,
  DetectStackDriftCommand,
  paginateDescribeStackResourceDrifts,
  paginateListStackResources,
  type StackResourceDrift,
} from '@aws-sdk/client-cloudformation';
import { UserError, runCommand } from '../local/user-error.ts';

/** Tests set a shorter interval. */
const POLL_MILLISECONDS = Number(process.env['DRIFT_POLL_MILLISECONDS'] ?? 3_000);
const client = new CloudFormationClient();

async function withNested(stack: string): Promise<string[]> {
  const found = [stack];
  for await (const page of paginateListStackResources({ client }, { StackName: stack })) {
    for (const { ResourceType: type, PhysicalResourceId: id } of page.StackResourceSummaries ?? []) {
      if (type === 'AWS::CloudFormation::Stack' && id !== undefined) found.push(...(await withNested(id)));
    }
  }
  return found;
}

/** Compares a stack with its template, which may take minutes. @returns the number of resources that differ */
async function detect(stack: string): Promise<number> {
  const { StackDriftDetectionId: id } = await client.send(new DetectStackDriftCommand({ StackName: stack }));
  for (;;) {
    const status = await client.send(new DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId: id }));
    if (status.DetectionStatus === 'DETECTION_FAILED') throw new UserError(`${stack}: ${status.DetectionStatusReason}`);
    if (status.DetectionStatus === 'DETECTION_COMPLETE') break;
    await wait(POLL_MILLISECONDS);
  }
  const drifts = await differing(stack);
  console.log(`${stack.replace(/^.*:stack\/([^/]+).*$/, '$1')}: ${drifts.length === 0 ? 'in sync' : 'DRIFTED'}`);
  for (const { LogicalResourceId: name, StackResourceDriftStatus: status, PropertyDifferences: found = [] } of drifts) {
    console.log(`  ${name} ${status}`);
    for (const { PropertyPath: at, ExpectedValue: expected, ActualValue: actual } of found) {
      console.log(`    ${at}: template ${expected}, deployed ${actual}`);
    }
  }
  return drifts.length;
}

async function differing(stack: string): Promise<StackResourceDrift[]> {
  const found: StackResourceDrift[] = [];
  const request = { StackName: stack, StackResourceDriftStatusFilters: ['MODIFIED' as const, 'DELETED' as const] };
  for await (const page of paginateDescribeStackResourceDrifts({ client }, request)) {
    found.push(...(page.StackResourceDrifts ?? []));
  }
  return found;
}

const DETECTION_FAILED = 2;
await runCommand(async () => {
  let drifted = 0;
  for (const stack of await withNested(process.argv[2] ?? 'collect')) drifted += await detect(stack);
  process.exitCode = drifted === 0 ? 0 : 1;
}, DETECTION_FAILED);
