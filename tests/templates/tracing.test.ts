import path from 'node:path';
import { readApplication } from '../../local/read-application.ts';
import { parseTemplate } from '../../local/template/parse.ts';
import { list, record } from '../../local/template/values.ts';
import { named, ofType } from './read-templates.ts';

const [layer, ...otherLayers] = ofType('AWS::Serverless::LayerVersion');

test.each(readApplication('template.yaml', {}).functions.map((fn) => [fn.id, fn] as const))(
  'the function %s has the layer, and leaves it out of its bundle',
  (_id, { layers, build }) => {
    expect(layers).toEqual([path.resolve('tracing/layer')]);
    expect(build).toMatchObject({ External: expect.arrayContaining(['@collect/tracing']) });
  },
);

test.each(ofType('AWS::Serverless::Function').map(named))('the function %s is traced', (_name, fn) => {
  const properties = { ...record(parseTemplate(fn.file).globals['Function']), ...fn.properties };

  expect(properties).toMatchObject({
    Tracing: 'Active',
    Runtime: list(layer?.properties['CompatibleRuntimes'])[0],
    Architectures: layer?.properties['CompatibleArchitectures'],
  });
});

test('there is one layer', () => {
  expect(otherLayers).toEqual([]);
});
