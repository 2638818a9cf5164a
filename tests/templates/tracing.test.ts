import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readApplication } from '../../local/read-application.ts';
import { parseTemplate } from '../../local/template/parse.ts';
import { list, record } from '../../local/template/values.ts';
import { named, ofType, type TemplateResource } from './read-templates.ts';

const [layer, ...otherLayers] = ofType('AWS::Serverless::LayerVersion');

/** The layer is JavaScript; the Python function calls nothing that could be traced. */
const isPython = ({ logicalId }: TemplateResource): boolean => logicalId === 'XlsformFunction';
const { functions } = readApplication('template.yaml', {});

test.each(functions.filter(({ runtime }) => runtime === 'nodejs').map((fn) => [fn.id, fn] as const))(
  'the function %s has the layer, and leaves it out of its bundle',
  (_id, { layers, build }) => {
    expect(layers).toEqual([path.resolve('tracing/layer')]);
    expect(build).toMatchObject({ External: expect.arrayContaining(['@collect/tracing']) });
  },
);

const traced = ofType('AWS::Serverless::Function').filter((fn) => !isPython(fn));
test.each(traced.map(named))('the function %s is traced', (_name, fn) => {
  const properties = { ...record(parseTemplate(fn.file).globals['Function']), ...fn.properties };

  expect(properties).toMatchObject({
    Tracing: { Ref: 'Tracing' },
    Runtime: list(layer?.properties['CompatibleRuntimes'])[0],
    Architectures: layer?.properties['CompatibleArchitectures'],
  });
});

test('every function with an alias has the digest of the layer in its environment, so that a new layer makes SAM publish a new version', () => {
  const built = readFileSync('tracing/layer/nodejs/node_modules/@collect/tracing/index.cjs');
  // After a change of the layer, set TRACING_LAYER to this digest in both templates.
  const digest = createHash('sha256').update(built).digest('hex').slice(0, 12);

  for (const { file, properties } of ofType('AWS::Serverless::Function')) {
    if (properties['AutoPublishAlias'] === undefined) continue;
    const global = record(parseTemplate(file).globals['Function']);
    const variables = [global, properties].map((each) => record(record(each['Environment'])['Variables']));
    expect(Object.assign({}, ...variables)).toMatchObject({ TRACING_LAYER: digest });
  }
});

test('the tracing layer is the only layer in the templates', () => {
  expect(otherLayers).toEqual([]);
});
