/** The form page in several tabs, with several collectors, without space, and while a release replaces it. */
import { Collector } from '../support/collector.ts';
import { describeInBrowser } from '../support/browser.ts';
import { eventually } from '../support/fixture.ts';
import { Phone } from '../support/form-page.ts';
import { startReleases, type Releases } from '../support/releases.ts';
import { sampleXform } from '../support/sample-xform.ts';
import type { TestStack } from '../support/test-stack.ts';
import { FormPages } from './form-pages.ts';

describeInBrowser('the form page under difficult conditions', () => {
  let pages: FormPages;
  let stack: TestStack;
  let phone: Phone;
  beforeAll(async () => {
    pages = await FormPages.start();
    ({ stack } = pages);
  });
  afterAll(async () => {
    await pages?.stop();
  });
  afterEach(async () => {
    await phone?.close();
  });

  const signIn = async (userId: string) => void (phone = await pages.signIn(userId));
  /** The villages of a collector's stored responses. */
  const villages = async (userId: string) => (await pages.stored(userId)).map(({ response }) => response['village']);
  const typed = () => phone.question('Village').locator('input');
  const onList = () => phone.page.getByRole('link', { name: 'Collect' });

  test('keeps what is typed just before the form is left', async () => {
    await signIn('ada');
    await phone.openForm('Visits');
    await typed().fill('Kano');
    await onList().click();

    await phone.page.getByRole('link', { name: 'Go on' }).click();
    await typed().waitFor();
    expect(await typed().inputValue()).toBe('Kano');
  });

  test('does not send a response with the link of another collector, and does not show it to that collector', async () => {
    await signIn('ben');
    await phone.openForm('Visits');
    await phone.answer({ Village: 'Kano' });
    await phone.context.route('**/submission', (route) => route.abort());
    await phone.send();
    await phone.heading('… Kept on this phone').waitFor();
    await phone.goto('visits');
    await phone.answer({ Village: 'Jos' });
    await phone.saved();
    const draft = phone.page.url();
    await phone.context.unroute('**/submission');

    // Only the part after # changes, so the page is not loaded again by the browser.
    const other = await Collector.at(stack, 'cyd');
    await phone.page.evaluate(`location.replace('#token=${other.token}')`);
    await phone.page.getByText('belongs to another collector').waitFor();
    expect(phone.page.url()).toBe(draft);
    await onList().click();
    await phone.page.getByText('cyd ·').waitFor();
    await phone.page.getByText('1 of another collector').waitFor();
    await phone.page.getByRole('button', { name: 'Send now' }).click();
    await phone.page.getByRole('button', { name: 'Send now' }).waitFor();
    expect([await villages('ben'), await villages('cyd')]).toEqual([[], []]);

    const again = await Collector.at(stack, 'ben');
    await phone.goto(`?#token=${again.token}`);
    await eventually(async () => (await villages('ben')).length > 0);
    await phone.heading('Drafts (1)').waitFor();
    expect([await villages('ben'), await villages('cyd')]).toEqual([['Kano'], []]);
  });

  test('opens a draft in one tab only', async () => {
    await signIn('dan');
    await phone.openForm('Visits');
    await phone.answer({ Village: 'Kano' });
    await phone.saved();
    const tab = await phone.openTab(new URL(phone.page.url()).href.split('/fill/')[1] ?? '');
    await tab.getByText('These answers are open in another tab.').waitFor();

    await phone.page.close();
    await tab.reload();
    await tab.locator('.odk-form').waitFor();
    await tab.getByRole('button', { name: 'Send', exact: true }).click();
    await tab.getByRole('heading', { name: '✓ Accepted' }).waitFor();
    expect(await villages('dan')).toEqual(['Kano']);
  });

  test('says that the phone has no space, and saves again once it has', async () => {
    await signIn('eve');
    await phone.openForm('Visits');
    await phone.page.evaluate(`
      globalThis.put = IDBObjectStore.prototype.put;
      globalThis.refused = 0;
      IDBObjectStore.prototype.put = () => {
        refused += 1;
        throw new DOMException('Full.', 'QuotaExceededError');
      };
    `);
    await phone.answer({ Village: 'Kano' });
    await phone.page.getByRole('alert').getByText('The phone has no space left.').waitFor();
    // The draft was refused once. Its alert is there already, so only a second refusal shows that sending ended.
    await phone.page.evaluate('globalThis.refused = 0');
    await phone.send();
    await phone.page.waitForFunction('refused > 0');
    await phone.page.getByRole('alert').getByText('The phone has no space left.').waitFor();
    expect(await typed().inputValue()).toBe('Kano');

    await phone.page.evaluate('IDBObjectStore.prototype.put = globalThis.put');
    await phone.send();
    await phone.heading('✓ Accepted').waitFor();
    expect(await villages('eve')).toEqual(['Kano']);
  });

  test('makes photos smaller even if the form sets no limit', async () => {
    const xml = sampleXform({ model: '<bind nodeset="/data/photo" type="binary"/>' })
      .replace('<depth/>', '<depth/><photo/>')
      .replace('</h:body>', '<upload mediatype="image/*" ref="/data/photo"><label>Photo</label></upload></h:body>');
    await fetch(`${stack.url}/forms/water_points/xform`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${stack.tokens.manager}`, 'content-type': 'application/xml' },
      body: xml,
    });
    await signIn('hal');
    await phone.openForm('Water points');

    await phone.photograph('Photo', 60);
    await phone.page.waitForFunction(`document.querySelector('.question-container img')?.complete`);
    const width = await phone.page.evaluate(`document.querySelector('.question-container img').naturalWidth`);
    expect(width).toBe(2048);
  });

  test('treats only 201 and 202 as receipts', async () => {
    await signIn('fay');
    await phone.openForm('Visits');
    await phone.answer({ Village: 'Kano' });
    await phone.page.route('**/submission', (route) =>
      route.fulfill({ status: 200, contentType: 'text/html', body: '<p>Welcome to this hotel!</p>' }),
    );
    await phone.send();
    await phone.heading('… Kept on this phone').waitFor();

    await phone.page.unroute('**/submission');
    await phone.page.getByRole('link', { name: 'To the list' }).click();
    await phone.page.getByRole('button', { name: 'Send now' }).click();
    await phone.page.getByText('… 1 to send').waitFor({ state: 'detached' });
    expect(await villages('fay')).toEqual(['Kano']);
  });

  describe('while a release replaces it,', () => {
    let releases: Releases;
    beforeAll(async () => {
      releases = await startReleases(stack.url);
    });
    afterAll(async () => {
      await releases?.stop();
    });

    test('a form stays open in its version of the page; the new one takes over when no tab has a form open', async () => {
      const { token } = await Collector.at(stack, 'gus');
      phone = await Phone.open(releases.url, `#token=${token}`, pages.browser);
      await phone.heading('Forms').waitFor();
      await phone.installed();
      await phone.openForm('Visits');
      await phone.answer({ Village: 'Kano' });
      await phone.saved();
      const list = await phone.openTab('');
      await list.getByRole('heading', { name: 'Forms' }).waitFor();

      releases.next();
      await list.evaluate(`navigator.serviceWorker.ready.then((registration) => registration.update())`);
      await list.waitForFunction(`navigator.serviceWorker.ready.then(({ waiting }) => waiting?.state === 'installed')`);
      await list.reload();
      await list.getByRole('heading', { name: 'Forms' }).waitFor();
      expect([await list.title(), await phone.page.title()]).toEqual(['Collect: forms', 'Visits – Collect']);

      await typed().fill('Kano North');
      await onList().click();
      for (const page of [list, phone.page]) await page.waitForFunction(`document.title === 'The next release'`);
      await phone.page.getByRole('link', { name: 'Go on' }).click();
      await typed().waitFor();
      expect(await typed().inputValue()).toBe('Kano North');
    });
  });
});
