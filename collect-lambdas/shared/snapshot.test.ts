import { ObjectStoreError } from './object-store.ts';
import { createSnapshot } from './snapshot.ts';

/** A snapshot whose reads S3 answers with a status. */
const answering = (status: number) =>
  createSnapshot({ get: () => Promise.reject(new ObjectStoreError('GET', status)), list: () => Promise.resolve([]) });

test('an object is missing in the snapshot if S3 replies 403 to a role that cannot list the bucket', async () => {
  expect(await answering(403).findToken('ab')).toBeUndefined();
  expect(await answering(403).findForm('wells', 1)).toBeUndefined();
});

test('the snapshot cannot be read while S3 fails', async () => {
  await expect(answering(503).findToken('ab')).rejects.toMatchObject({ status: 503 });
  await expect(answering(503).findForm('wells', 1)).rejects.toMatchObject({ status: 503 });
});
