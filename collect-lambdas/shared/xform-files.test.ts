import { MemoryStore } from '../../tests/support/memory-store.ts';
import { findFormVersion, xformVersionKey, mediaKey, mediaName, xformKey } from './xform-files.ts';

test.each(['cities.csv', 'Größe 1.png', "the women's list.csv", 'a&b<c>.csv', '100%.csv', '...'])(
  'the key of the media file %s has no further folder and no character that S3 escapes, and gives the name back',
  (name) => {
    const key = mediaKey('wells', '2026.1', name);

    expect(key).toMatch(/^forms\/wells\/[0-9a-f]{64}\/media\/[^/<>&'"]+$/);
    expect(mediaName(key)).toBe(name);
  },
);

test('versions that differ in any character have different keys, and an XForm may have no version', () => {
  const keys = ['', '1', '1 ', '../2', '01'].map((version) => xformKey('wells', version));

  expect(new Set(keys).size).toBe(5);
  for (const key of keys) expect(key).toMatch(/^forms\/wells\/[0-9a-f]{64}\/form\.xml$/);
});

test('the form version of an XForm is that stored beside it, or unknown', async () => {
  const store = new MemoryStore();
  await store.put(xformVersionKey('wells', '2026.1'), '{"form_version":3}');

  expect(await findFormVersion(store, 'wells', '2026.1')).toBe(3);
  expect(await findFormVersion(store, 'wells', '2026.2')).toBeUndefined();
});
