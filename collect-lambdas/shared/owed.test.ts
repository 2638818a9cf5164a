import { MemoryStore } from '../../tests/support/memory-store.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { EXPORT_MARKERS, leaveMarker, OWED, PUBLISH_MARKER, snapshotMarker } from './owed.ts';

test('every marker is below the prefix that the sweep lists', () => {
  for (const key of [EXPORT_MARKERS + '1', snapshotMarker('1'), PUBLISH_MARKER])
    expect(key.startsWith(OWED)).toBe(true);
});

describe('leaving a marker', () => {
  it('stores an object under its key', async () => {
    const store = new MemoryStore();

    expect(await leaveMarker(store, new RecordingLogger(), PUBLISH_MARKER)).toBe(true);

    expect(store.keys()).toEqual([PUBLISH_MARKER]);
  });

  it('returns false and logs the marker and the ids if S3 refuses', async () => {
    const store = new MemoryStore();
    store.failing = () => true;
    const logger = new RecordingLogger();

    expect(await leaveMarker(store, logger, EXPORT_MARKERS + '1', { export_id: '1' })).toBe(false);

    expect(logger.lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { message: 'marker not left', marker: EXPORT_MARKERS + '1', export_id: '1', name: 'ObjectStoreError' },
    ]);
  });
});
