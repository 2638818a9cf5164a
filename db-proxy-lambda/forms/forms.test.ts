import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy, LAMBDA_PAYLOAD_BYTES } from '../../tests/support/in-process-proxy.ts';
import { seedForms } from './seed-forms.ts';
import { startProxyProcesses } from '../../tests/support/proxy-process.ts';

describe.each(databaseKinds)('form definitions on %s', (kind) => {
  let proxy: InProcessProxy;
  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterEach(() => proxy.stop());

  const put = (title: string, formId = 'crops') =>
    proxy.call('putForm', { form_id: formId, definition: { title, questions: [{ key: 'a', max: 1.5 }] } });

  test('a new definition is stored as version 1', async () => {
    const { form, outcome } = await put('Crops');

    expect(outcome).toBe('created');
    expect(form).toEqual({
      form_id: 'crops',
      version: 1,
      definition: { title: 'Crops', questions: [{ key: 'a', max: 1.5 }] },
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect(await proxy.call('getForm', { form_id: 'crops' })).toEqual({ form });
  });

  test('the first form stays deleted when a new release sets up its database', async () => {
    await proxy.call('deleteForm', { form_id: 'household_finances' });

    await seedForms(proxy.database);

    expect(await proxy.call('getForm', { form_id: 'household_finances' })).toEqual({ form: null });
  });

  test('another definition is the next version, and the earlier one is kept', async () => {
    const first = await put('Crops');

    const second = await put('Crops and trees');

    expect(second).toMatchObject({ outcome: 'updated', form: { version: 2 } });
    expect(await proxy.call('getForm', { form_id: 'crops' })).toEqual({ form: second.form });
    expect(await proxy.call('getForm', { form_id: 'crops', version: 1 })).toEqual({ form: first.form });
  });

  test('saving the last definition again changes nothing, even with its keys in another order', async () => {
    const first = await put('Crops');

    const again = await proxy.call('putForm', {
      form_id: 'crops',
      definition: { questions: [{ max: 1.5, key: 'a' }], title: 'Crops' },
    });

    expect(again).toEqual({ form: first.form, outcome: 'unchanged' });
  });

  test('a second save of an earlier definition is a new version', async () => {
    await put('Crops');
    await put('Trees');

    expect(await put('Crops')).toMatchObject({ outcome: 'updated', form: { version: 3 } });
  });

  test('an unknown form or version is null', async () => {
    await put('Crops');

    expect(await proxy.call('getForm', { form_id: 'trees' })).toEqual({ form: null });
    expect(await proxy.call('getForm', { form_id: 'crops', version: 2 })).toEqual({ form: null });
  });

  test('the list has the last version of every form, by id', async () => {
    await put('Wells', 'wells');
    await put('Crops');
    await put('Crops and trees');

    const { forms } = await proxy.call('listForms', {});

    const created_at = expect.any(String);
    expect(forms).toEqual([
      { form_id: 'crops', version: 2, title: 'Crops and trees', state: 'open', created_at },
      { form_id: 'household_finances', version: 1, title: 'Household finances', state: 'open', created_at },
      { form_id: 'wells', version: 1, title: 'Wells', state: 'open', created_at },
    ]);
  });

  test('the list of many large forms fits into a reply', async () => {
    for (let number = 0; number < 8; number += 1) {
      const definition = { title: 'Large', questions: ['a'.repeat(900_000)] };
      await proxy.call('putForm', { form_id: `form_${number}`, definition });
    }

    const { forms } = await proxy.call('listForms', {});

    expect(forms).toHaveLength(9);
    expect(Buffer.byteLength(JSON.stringify(forms))).toBeLessThan(LAMBDA_PAYLOAD_BYTES);
  });

  test('concurrent saves each get their own version', async () => {
    const processes = await startProxyProcesses(2, proxy.url);
    const titles = Array.from({ length: 8 }, (_, index) => `Title ${index}`);

    await Promise.all(
      processes.map((each, number) =>
        each.ask(
          titles
            .filter((_, index) => index % processes.length === number)
            .map((title) => ({ operation: 'putForm', input: { form_id: 'crops', definition: { title } } })),
        ),
      ),
    );
    await Promise.all(processes.map((each) => each.stop()));

    const stored = await Promise.all(
      titles.map((_, index) => proxy.call('getForm', { form_id: 'crops', version: index + 1 })),
    );
    expect(stored.map(({ form }) => String(form?.definition['title'])).toSorted()).toEqual(titles);
  });
});
