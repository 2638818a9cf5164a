import { readDefinition } from '../../tests/support/form-samples.ts';
import { instanceOf, type InstanceNode } from './instance.ts';

const QUESTIONS = [
  { name: 'phone', key: 'Phone number', node: 'Phone', type: 'text' },
  { name: 'house', type: 'group', questions: [{ name: 'rooms', type: 'integer' }] },
  { name: 'people', type: 'repeat', questions: [{ name: 'age', node: 'Age', type: 'integer' }] },
];

const XFORM = { id: 'Survey 1', version: '2026-a', md5: '0'.repeat(32), root: 'survey' };

function pathsOf(nodes: readonly InstanceNode[], around = ''): string[] {
  return nodes.flatMap((each) => [
    `${around}${each.node} ${each.kind}`,
    ...('nodes' in each ? pathsOf(each.nodes, `${around}${each.node}/`) : []),
  ]);
}

describe('the elements of a generated form', () => {
  test('are its questions by name, after metadata in a folder whose name no question has', () => {
    const form = readDefinition({ form_id: 'clinic', title: 'Clinic', questions: QUESTIONS });
    const { nodes, ...xform } = instanceOf(form, 3);
    expect(xform).toEqual({ id: 'clinic', version: '3', root: 'data' });
    expect(pathsOf(nodes)).toEqual([
      'phone_ folder',
      'phone_/start metadata',
      'phone_/end metadata',
      'phone_/today metadata',
      'phone_/username metadata',
      'phone_/deviceid metadata',
      'phone_/location metadata',
      'phone question',
      'house section',
      'house/rooms question',
      'people section',
      'people/age question',
    ]);
  });
});

describe('the elements of an uploaded form', () => {
  test('are questions, not metadata, if its definition has questions for what the phone records', () => {
    const xform = { ...XFORM, metadata: [{ node: 'house/rooms', is: 'deviceid' }] };
    const form = readDefinition({ form_id: 'clinic', title: 'Clinic', questions: QUESTIONS, xform });
    expect(pathsOf(instanceOf(form, 3).nodes)).toContain('house/rooms question');
    expect(pathsOf(instanceOf(form, 3).nodes)).not.toContain('house/rooms metadata');
  });

  test('are those of its XForm, with metadata where the XForm has it', () => {
    const metadata = [
      { node: 'start', is: 'start' },
      { node: 'house/phone_id', is: 'deviceid' },
      { node: 'meta/audit', is: 'audit' },
    ];
    const xform = { ...XFORM, metadata };
    const form = readDefinition({ form_id: 'clinic', title: 'Clinic', questions: QUESTIONS, xform });
    const { nodes, ...known } = instanceOf(form, 3);
    expect(known).toEqual({ id: 'Survey 1', version: '2026-a', root: 'survey' });
    expect(pathsOf(nodes)).toEqual([
      'start metadata',
      'Phone question',
      'house section',
      'house/phone_id metadata',
      'house/rooms question',
      'people section',
      'people/Age question',
      'meta folder',
      'meta/audit metadata',
    ]);
  });
});
