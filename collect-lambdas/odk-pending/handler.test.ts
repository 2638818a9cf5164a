import { Door } from '../../tests/support/door.ts';

const HOUR_MS = 3_600_000;
const WELLS = { form_id: 'wells', title: 'Wells', questions: [{ name: 'depth', type: 'decimal' }] };

describe('a correction whose original does not come', () => {
  let door: Door;
  beforeEach(async () => {
    door = await Door.start('sqlite');
    door.files.now = () => door.time;
    await door.putForm(WELLS);
    await door.submit('uuid:early', { deprecated: 'uuid:original', answers: '<depth>15</depth>' });
  });
  afterEach(() => door.stop());

  /** Runs the worker at a full hour. */
  async function workAfter(hours: number): Promise<void> {
    door.time += hours * HOUR_MS;
    await door.work();
  }

  test('is counted once an hour after a day, and named in the log', async () => {
    await workAfter(23);
    expect(door.metrics).toEqual([]);

    await workAfter(2);
    expect(door.metrics).toEqual([{ CorrectionsWaiting: 1 }]);
    const [line = ''] = door.logger.lines.filter((each) => each.includes('correction waits for its original'));
    const named: Record<string, unknown> = JSON.parse(line);
    expect(named).toMatchObject({ instance_id: 'uuid:early', corrects: 'uuid:original' });
    expect(door.files.read(String(named['submission']))).toMatchObject({
      user_id: 'collector-1',
      xml: expect.stringContaining('<depth>15</depth>'),
    });
    expect(door.files.keys('waiting/')).toEqual([named['marker']]);

    door.time += HOUR_MS / 2;
    await door.work();
    expect(door.metrics).toHaveLength(1);

    await workAfter(7 * 24 + 0.5);
    expect(door.metrics).toEqual([{ CorrectionsWaiting: 1 }, { CorrectionsWaiting: 1 }]);
  });

  test('is no longer counted when its original has come', async () => {
    await workAfter(25);
    await door.submit('uuid:original', { answers: '<depth>150</depth>' });

    await workAfter(1);

    expect(door.metrics).toEqual([{ CorrectionsWaiting: 1 }]);
    expect((await door.history('uuid:original')).map(({ response }) => response['depth'])).toEqual([150, 15]);
  });
});
