import { instanceOf } from '../../forms/xforms/instance.ts';
import { readInstance } from '../../forms/xforms/read-instance.ts';
import { parseXml } from '../../forms/xforms/xml.ts';
import { OpenRosa, instanceXml } from '../../tests/support/openrosa.ts';
import { readDefinition } from '../../tests/support/form-samples.ts';
import { incoming } from '../../tests/support/responses.ts';
import { incomingReview } from '../../tests/support/reviews.ts';
import { XML_LIMITS } from '../shared/submissions/save-submission.ts';

const WELLS = {
  form_id: 'wells',
  title: 'Wells',
  questions: [
    { name: 'depth', key: 'How deep?', type: 'decimal', required: false },
    { name: 'photo', type: 'image', required: false },
    { name: 'site', type: 'group', questions: [{ name: 'dry', type: 'boolean', required: false }] },
    { name: 'people', type: 'repeat', questions: [{ name: 'age', type: 'integer', required: false }] },
  ],
  rules: [
    { name: 'Deep', message: 'Is it so deep?', conditions: { fact: 'How deep?', operator: 'lessThan', value: 100 } },
    { name: 'Old', message: 'So old?', conditions: { fact: 'people/age', operator: 'lessThan', value: 120 } },
  ],
};

let openRosa: OpenRosa;
beforeEach(async () => {
  openRosa = await OpenRosa.start('sqlite');
  await openRosa.putForm(WELLS);
});
afterEach(() => openRosa.stop());

const worklist = async (token = openRosa.token): Promise<unknown> =>
  JSON.parse((await openRosa.send('GET /odk/{token}/worklist', { path: { token } })).text);
const last = (responseId: string, token = openRosa.token) =>
  openRosa.send('GET /odk/{token}/responses/{response_id}/submission', { path: { token, response_id: responseId } });
const file = (responseId: string, name: string, token = openRosa.token) =>
  openRosa.send('GET /odk/{token}/responses/{response_id}/files/{file}', {
    path: { token, response_id: responseId, file: name },
  });
const review = (changes: Parameters<typeof incomingReview>[0]) =>
  openRosa.proxy.call('saveReviews', { reviews: [incomingReview({ revision: 1, ...changes })] });

test('the worklist has each open response with its reasons, the places of their questions, and what a manager wrote', async () => {
  await openRosa.submit('uuid:a', { answers: '<depth>150</depth><people/><people><age>130</age></people>' });
  await openRosa.submit('uuid:b', { answers: '<depth>1</depth>' });
  await openRosa.submit('uuid:c', { answers: '<depth>2</depth>' });
  await review({ response_id: 'uuid:c', action: 'return', text: 'Measure again.' });

  expect(await worklist()).toEqual({
    user_id: 'collector-1',
    items: [
      {
        response_id: 'uuid:a',
        form_id: 'wells',
        form_version: 1,
        form_title: 'Wells',
        label: '2026-10-15, 150',
        revision: 1,
        status: 'flagged',
        flags: [
          { message: 'Is it so deep?', acknowledged: false, questions: ['/data/depth'] },
          { message: 'So old?', acknowledged: false, questions: ['/data/people[2]/age'] },
        ],
        comments: [],
      },
      expect.objectContaining({
        response_id: 'uuid:c',
        status: 'returned',
        comments: [expect.objectContaining({ action: 'return', text: 'Measure again.' })],
      }),
    ],
  });
  expect(await worklist(await openRosa.makeToken('device', 'collector-2'))).toEqual({
    user_id: 'collector-2',
    items: [],
  });
});

test('the worklist has the responses that wait for the collector; if there are too many, the earliest arrivals', async () => {
  const save = (kind: string, count: number, acknowledged?: true) =>
    openRosa.proxy.call('saveResponses', {
      responses: Array.from({ length: count }, (_, index) =>
        incoming({
          response_id: `${kind}-${index}`,
          form_id: 'wells',
          user_id: 'collector-1',
          status: 'flagged',
          flags: [
            { rule: 'Deep', message: 'So deep?', questions: [], values: {}, ...(acknowledged && { acknowledged }) },
          ],
        }),
      ),
    });
  await save('confirmed', 310, true);
  await save('open', 310);

  const { items }: { items: { response_id: string }[] } = Object(await worklist());
  expect(items.map(({ response_id: id }) => id)).toEqual([
    ...Array.from({ length: 50 }, (_, index) => `confirmed-${index + 260}`),
    ...Array.from({ length: 300 }, (_, index) => `open-${index}`),
  ]);
});

test('the submission to edit is the last that was sent', async () => {
  const correction = { answers: '<depth>140</depth>', deprecated: 'uuid:a' };
  await openRosa.submit('uuid:a', { answers: '<depth>150</depth>' });
  await openRosa.submit('uuid:b', correction);

  expect((await last('uuid:a')).text).toBe(instanceXml('uuid:b', correction));
});

test('a response that did not come as a submission is written as one, and its correction is the next revision', async () => {
  const response = {
    user_id: 'collector-1',
    username: 'Amina',
    location: 'Nairobi',
    last_modified_time: '2026-09-01T06:00:00Z',
    response_family_id: 'family-1',
    'How deep?': '150.50',
    site: { dry: true },
    people: [{ age: 30 }, { age: 5 }],
  };
  await openRosa.proxy.call('saveResponses', {
    responses: [incoming({ response_id: 'r-1', form_id: 'wells', user_id: 'collector-1', response })],
  });

  const { text } = await last('r-1');
  const { answers } = readInstance(parseXml(text, XML_LIMITS), instanceOf(readDefinition(WELLS), 1));
  expect(JSON.parse(JSON.stringify(answers))).toEqual({
    'How deep?': 150.5,
    site: { dry: true },
    people: [{ age: 30 }, { age: 5 }],
  });
  expect(text).toContain('<meta><instanceID>r-1</instanceID></meta>');
  await openRosa.submit('uuid:b', { answers: '<depth>15</depth>', deprecated: 'r-1' });
  expect(await openRosa.history('r-1')).toMatchObject([
    { revision: 1 },
    { revision: 2, response: { 'How deep?': 15 } },
  ]);
});

test('a file of a response is returned as a download', async () => {
  await openRosa.submit('uuid:a', { answers: '<photo>well.jpg</photo>', files: { 'well.jpg': 'a picture' } });

  expect(await file('uuid:a', 'well.jpg')).toMatchObject({
    status: 200,
    headers: { 'content-disposition': 'attachment' },
    text: 'a picture',
  });
  expect(await file('uuid:a', 'other.jpg')).toMatchObject({ status: 404 });
});

test('another collector gets nothing of a response, until it is assigned to them', async () => {
  const other = await openRosa.makeToken('device', 'collector-2');
  await openRosa.submit('uuid:a', { answers: '<depth>150</depth>' });

  expect(await last('uuid:a', other)).toMatchObject({ status: 403 });
  expect(await file('uuid:a', 'well.jpg', other)).toMatchObject({ status: 403 });
  await review({ response_id: 'uuid:a', action: 'assign', assignee: 'collector-2' });

  expect(await last('uuid:a', other)).toMatchObject({ status: 200 });
  const corrected = { answers: '<depth>15</depth>', deprecated: 'uuid:a', token: other };
  expect(await openRosa.submit('uuid:b', corrected)).toMatchObject({ status: 201, message: 'Accepted.' });
  expect(await openRosa.history('uuid:a')).toMatchObject([{ user_id: 'collector-1' }, { user_id: 'collector-2' }]);
});

test('an unknown response is 404, an erased one 410', async () => {
  await openRosa.submit('uuid:a');
  await openRosa.proxy.call('eraseResponse', { response_id: 'uuid:a' });

  expect(await last('uuid:a')).toMatchObject({ status: 410 });
  expect(await last('uuid:b')).toMatchObject({ status: 404 });
});
