/** The metrics that functions print for CloudWatch, in its embedded metric format. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { postBatch, postResponse } from '../demo/client.ts';
import { runExport } from '../ops/run-export.ts';
import { Collector, manage } from './support/collector.ts';
import { eventually } from './support/fixture.ts';
import { startTestStack, type TestStack } from './support/test-stack.ts';
import { EXPENDITURE, household, metadata } from './support/responses.ts';
import { ofType } from './templates/read-templates.ts';

interface MetricLine {
  _aws: {
    CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit: string }[] }[];
  };
  service: string;
  [name: string]: unknown;
}

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack?.stop());

const api = () => ({ url: stack.url, token: stack.tokens.manager });
const authorization = () => ({ authorization: `Bearer ${stack.tokens.manager}` });
const exportAs = (request: object) =>
  runExport(stack.url, stack.tokens.manager, { table_name: 'household_finances', ...request });

const nameOf = (id: string): string => stack.host.model.functions.find((fn) => fn.id.endsWith(id))?.name ?? id;

function linesOf(id: string): MetricLine[] {
  const log = readFileSync(path.join(stack.host.logFolder, `${nameOf(id)}.log`), 'utf8');
  return log
    .split('\n')
    .filter((line) => line.includes('"CloudWatchMetrics"'))
    .map((line) => JSON.parse(line));
}

/** The sums of a function's metrics since its log had `before` lines of metrics. */
function countedSince(id: string, before: number): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const line of linesOf(id).slice(before)) {
    for (const { Name: name } of line['_aws'].CloudWatchMetrics.flatMap(({ Metrics: metrics }) => metrics)) {
      sums[name] = (sums[name] ?? 0) + Number(line[name]);
    }
  }
  return sums;
}

const flagged = () => household({ [EXPENDITURE]: 1 });

/** Waits until the publisher has published `responses` events. @returns the sums of its metrics */
const publishedSince = (before: number, responses: number): Promise<Record<string, number>> =>
  eventually(() => {
    const { OutboxAge: _age, ...counted } = countedSince('PublishFunction', before);
    const published = Object.values(counted).reduce((sum, each) => sum + each, 0);
    return published >= responses && counted;
  });

test('each response is counted once, under its outcome', async () => {
  const first = household();
  const before = linesOf('CollectFunction').length;
  const publishedBefore = linesOf('PublishFunction').length;

  await postResponse(api(), first);
  await postResponse(api(), first);
  await postResponse(api(), flagged());
  await fetch(`${stack.url}/collect`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization() },
    body: JSON.stringify(household({ age: 'Secret age' })),
  });
  await postBatch(
    api(),
    [household(), flagged(), first, { response_id: 'no household' }].map((each) => JSON.stringify(each)),
  );

  expect(countedSince('CollectFunction', before)).toEqual({ ResponsesUnchanged: 2, ResponsesRejected: 2 });
  expect(await publishedSince(publishedBefore, 4)).toEqual({ ResponsesAccepted: 2, ResponsesFlagged: 2 });
});

test('submissions of field apps are counted too', async () => {
  const ada = await Collector.at(stack, 'ada');
  await manage(stack, 'PUT', '/forms/wells', {
    form_id: 'wells',
    title: 'Wells',
    questions: [{ name: 'depth', type: 'decimal' }],
    rules: [],
  });
  const publishedBefore = linesOf('PublishFunction').length;
  await ada.submit('uuid:first');
  expect(await publishedSince(publishedBefore, 1)).toEqual({ ResponsesAccepted: 1 });
  const before = linesOf('OdkFunction').length;

  await ada.submit('uuid:first');
  await ada.submit('uuid:first', { answers: '<depth>7</depth>' });
  await ada.submit('uuid:early', { deprecated: 'uuid:not-yet' });

  expect(countedSince('OdkFunction', before)).toEqual({
    ResponsesUnchanged: 1,
    ResponsesRejected: 1,
    ResponsesQueued: 1,
  });
});

test('a correction is counted as a correction', async () => {
  const response = flagged();
  const before = linesOf('PublishFunction').length;
  await postResponse(api(), response);

  await postResponse(api(), {
    ...household(),
    response_id: response['response_id'],
    last_modified_time: '2026-09-02T09:00:00Z',
  });

  expect(await publishedSince(before, 2)).toEqual({ ResponsesFlagged: 1, ResponsesCorrected: 1 });
});

test('a response that is judged again is not counted again', async () => {
  const send = async (method: string, path: string, body?: object): Promise<object> => {
    const reply = await fetch(stack.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...authorization() },
      ...(body && { body: JSON.stringify(body) }),
    });
    return Object(await reply.json());
  };
  const questions = [{ name: 'bags', type: 'integer' }];
  const conditions = { fact: 'bags', operator: 'lessThan', value: 5 };
  const before = linesOf('PublishFunction').length;
  await send('PUT', '/forms/crops', { title: 'Crops', questions, rules: [] });
  await send('POST', '/forms/crops/responses', { ...metadata(), bags: 9 });
  await send('PUT', '/forms/crops', {
    title: 'Crops',
    questions,
    rules: [{ name: 'Few', message: '{bags}', conditions }],
  });

  const address = String(Reflect.get(await send('POST', '/forms/crops/rejudge', {}), 'status_url'));
  const ended = await eventually(async () => {
    const now = await send('GET', address);
    return Reflect.get(now, 'status') === 'succeeded' && now;
  });
  await postResponse(api(), flagged());

  expect(ended).toMatchObject({ checked: 1, changed: 1 });
  expect(await publishedSince(before, 2)).toEqual({ ResponsesAccepted: 1, ResponsesFlagged: 1 });
});

test('an export is counted with its rows and seconds; an export that Google refuses is counted as a failure', async () => {
  await postResponse(api(), household());
  const before = linesOf('SheetsFunction').length;

  const good = await exportAs({ format: { csv: true, sheet: false } });
  const bad = await exportAs({ spreadsheet_id: 'not-shared-with-us' });

  expect([good.status, bad.status]).toEqual(['succeeded', 'failed']);
  expect(countedSince('SheetsFunction', before)).toEqual({
    ExportRows: (good.csv?.rows ?? 0) + (bad.csv?.rows ?? 0),
    ExportSeconds: expect.any(Number),
    ExportFailures: 1,
  });
});

test('the function is the only dimension, and no line holds posted values', async () => {
  await postResponse(api(), flagged());

  for (const id of ['CollectFunction', 'PublishFunction', 'SheetsFunction']) {
    for (const line of linesOf(id)) {
      const { _aws: directive, ...members } = line;
      expect(directive.CloudWatchMetrics).toMatchObject([{ Namespace: 'Collect', Dimensions: [['service']] }]);
      expect(line.service).toBe(nameOf(id));
      const metrics = directive.CloudWatchMetrics.flatMap((each) => each.Metrics);
      expect(Object.keys(members).toSorted()).toEqual(['service', ...metrics.map(({ Name: name }) => name)].toSorted());
    }
  }
});

test('the dashboard shows the metrics that the functions count', () => {
  const [page] = ofType('AWS::CloudWatch::Dashboard');
  const body = JSON.stringify(page?.properties['DashboardBody']);

  for (const name of [
    'ResponsesAccepted',
    'ResponsesFlagged',
    'ResponsesUnchanged',
    'ResponsesRejected',
    'ResponsesCorrected',
    'ResponsesQueued',
    'PendingSubmissions',
    'OutboxAge',
    'ExportRows',
    'ExportSeconds',
    'ExportFailures',
  ]) {
    expect(body).toContain(name);
  }
});
