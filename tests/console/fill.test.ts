/** The form page in a real browser, at the width of a phone. */
import type { Locator } from 'playwright-core';
import { Collector, manage } from '../support/collector.ts';
import { describeInBrowser } from '../support/browser.ts';
import { eventually } from '../support/fixture.ts';
import { fitsWidth, seriousViolations } from '../support/console-page.ts';
import { HOUSEHOLD, Phone } from '../support/form-page.ts';
import { BREAKS_RULE1, EXPENDITURE, FOOD, household } from '../support/responses.ts';
import type { TestStack } from '../support/test-stack.ts';
import { FormPages, VISITS } from './form-pages.ts';

describeInBrowser('the form page', () => {
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
  const stored = (userId: string) => pages.stored(userId);

  /** A response that another app sent. */
  async function sent(userId: string, changes: Record<string, unknown>): Promise<string> {
    const response = household({ user_id: userId, ...changes });
    await manage(stack, 'POST', '/collect', response);
    return String(response['response_id']);
  }

  test('signs in by link, and fills in a form that is accepted', async () => {
    await signIn('ada');
    expect(new URL(phone.page.url()).hash).toBe('');
    expect(await seriousViolations(phone.page)).toEqual([]);

    await phone.openForm('Household finances');
    // The page complains if it no longer finds the opened form inside ODK Web Forms.
    expect(phone.complaints).toEqual([]);
    await phone.answer(HOUSEHOLD);
    expect(await seriousViolations(phone.page)).toEqual([]);
    expect(await fitsWidth(phone.page)).toBe(true);
    await phone.send();

    await phone.heading('✓ Accepted').waitFor();
    expect(await stored('ada')).toMatchObject([{ status: 'accepted', revision: 1, response: { name: 'Ama Khan' } }]);
    expect(phone.complaints).toEqual([]);
  });

  test('can be used by keyboard alone, also at the width of a desk, and says on a slow network that it sends', async () => {
    await signIn('kofi');
    const { page } = phone;
    await page.setViewportSize({ width: 1280, height: 900 });
    async function tabTo(target: Locator): Promise<void> {
      for (let presses = 0; presses < 50; presses += 1) {
        await page.keyboard.press('Tab');
        if ((await target.and(page.locator(':focus')).count()) === 1) return;
      }
      throw new Error(`Tab does not lead to ${String(target)}.`);
    }
    await tabTo(page.getByRole('link', { name: 'Visits' }));
    await page.keyboard.press('Enter');
    await page.locator('.odk-form').waitFor();
    await tabTo(phone.question('Village').locator('input'));
    await page.keyboard.type('Kano');
    const held = Promise.withResolvers<void>();
    await page.route('**/submission', async (route) => {
      await held.promise;
      await route.continue();
    });
    await tabTo(page.getByRole('button', { name: 'Send', exact: true }));
    await page.keyboard.press('Enter');
    await page.getByText('Sending').first().waitFor();
    expect(await fitsWidth(page)).toBe(true);
    held.resolve();

    await phone.heading('✓ Accepted').waitFor();
    expect(await stored('kofi')).toMatchObject([{ status: 'accepted', response: { village: 'Kano' } }]);
    expect(phone.complaints).toEqual([]);
  });

  test('signs in with a pasted link, and says what to do if the pasted text is not such a link', async () => {
    const collector = await Collector.at(stack, 'ben');
    phone = await Phone.open(stack.url, '', pages.browser);

    await phone.page.getByLabel('Or paste the link').fill('https://example.org/clt_');
    await phone.page.getByRole('button', { name: 'Sign in' }).click();
    await phone.page.getByRole('alert').getByText('Copy all of it.').waitFor();
    await phone.page.getByLabel('Or paste the link').fill(`${stack.url}/fill/#token=${collector.token}`);
    await phone.page.getByRole('button', { name: 'Sign in' }).click();

    await phone.page.getByRole('link', { name: 'Household finances' }).waitFor();
    await phone.page.getByText('ben ·').waitFor();
    expect(await fitsWidth(phone.page)).toBe(true);
  });

  test('shows flags beside their questions with the old answers, until the correction is accepted', async () => {
    await signIn('cyd');
    await phone.openForm('Household finances');
    await phone.answer({ ...HOUSEHOLD, [FOOD]: '900' });
    await phone.page.getByText('Okay').click();
    await phone.send();

    await phone.heading('⚑ Please check').waitFor();
    for (const label of [EXPENDITURE, FOOD]) {
      await phone.question(label).getByText('⚑ Monthly expenditure is 800, but food 900').waitFor();
    }
    expect(await phone.question(FOOD).locator('input').inputValue()).toBe('900');
    await phone.page.getByRole('button', { name: `Go to “${EXPENDITURE}”` }).click();
    expect(await phone.question(EXPENDITURE).locator('input:focus').count()).toBe(1);
    expect(await seriousViolations(phone.page)).toEqual([]);
    await phone.page.emulateMedia({ colorScheme: 'dark' });
    expect(await seriousViolations(phone.page)).toEqual([]);
    expect(await fitsWidth(phone.page)).toBe(true);
    // The collector has confirmed the answers, so they may leave them as they are.
    await phone.page.getByRole('button', { name: 'They are right' }).waitFor();

    await phone.answer({ [FOOD]: '300' });
    await phone.send();
    await phone.heading('✓ Accepted').waitFor();
    expect(await stored('cyd')).toMatchObject([{ status: 'accepted', revision: 2, response: { name: 'Ama Khan' } }]);
    expect(phone.complaints).toEqual([]);
  });

  test('lists flagged and returned responses of another app, with the manager’s comment, and opens them with the old answers', async () => {
    const returned = await sent('dan', {});
    for (const _ of [1, 2, 3]) await sent('dan', BREAKS_RULE1);
    const review = { action: 'return', revision: 1, text: 'Did they pay for two households?' };
    await manage(stack, 'POST', `/responses/${returned}/reviews`, review);
    await signIn('dan');

    await phone.heading('To correct (4)').waitFor();
    await phone.page.getByRole('button', { name: 'Show all 4' }).click();
    await phone.page.getByText('but food 900').nth(2).waitFor();
    expect(await seriousViolations(phone.page)).toEqual([]);
    await phone.page.emulateMedia({ colorScheme: 'dark' });
    expect(await seriousViolations(phone.page)).toEqual([]);
    const card = phone.page.locator('.card').filter({ hasText: 'Did they pay for two households?' });
    await card.getByRole('link', { name: 'Correct' }).click();
    await phone.heading('↩ Returned').waitFor();
    await phone.page.getByText('Did they pay for two households?').waitFor();
    await phone.answer({ [FOOD]: '250' });
    await phone.send();

    await phone.heading('✓ Accepted').waitFor();
    const reply = await manage(stack, 'GET', `/responses/${returned}`);
    expect(await reply.json()).toMatchObject({ status: 'accepted', revision: 2, response: { [FOOD]: 250 } });
    await phone.page.getByRole('link', { name: 'To the list' }).click();
    await phone.heading('To correct (3)').waitFor();
    expect(phone.complaints).toEqual([]);
  });

  test('keeps drafts and unsent responses without a network, even while it is closed, and sends them once', async () => {
    await signIn('eve');
    await phone.installed();
    await phone.page.getByRole('link', { name: 'Visits' }).waitFor();
    await phone.context.setOffline(true);

    await phone.reopen();
    await phone.openForm('Visits');
    await phone.answer({ Village: 'Kpalimé' });
    await phone.saved();
    await phone.reopen();
    await phone.page.getByRole('link', { name: 'Go on' }).click();
    await phone.page.locator('.odk-form').waitFor();
    expect(await phone.question('Village').locator('input').inputValue()).toBe('Kpalimé');
    await phone.send();
    await phone.heading('… Kept on this phone, will be sent').waitFor();
    await phone.reopen();
    await phone.page.getByText('… 1 to send').waitFor();
    expect(await stored('eve')).toEqual([]);

    await phone.context.setOffline(false);
    await phone.page.getByText('… 1 to send').waitFor({ state: 'detached' });
    expect(await stored('eve')).toMatchObject([{ status: 'accepted', revision: 1, response: { village: 'Kpalimé' } }]);
  });

  test('sends photos after the answers, and resumes where it stopped', async () => {
    await signIn('fay');
    await phone.openForm('Visits');
    await phone.answer({ Village: 'Kano' });
    await phone.photograph('Photo');
    let requests = 0;
    await phone.page.route('**/submission', async (route) => {
      requests += 1;
      await (requests === 2 ? route.abort() : route.continue());
    });
    await phone.send();
    await phone.heading('… Kept on this phone, will be sent').waitFor();
    expect(await stored('fay')).toMatchObject([{ status: 'flagged', flags: [{ rule: 'MissingAttachment' }] }]);

    await phone.page.getByRole('link', { name: 'To the list' }).click();
    await phone.page.getByRole('button', { name: 'Send now' }).click();
    await phone.page.getByText('… 1 to send').waitFor({ state: 'detached' });
    expect(await stored('fay')).toMatchObject([{ status: 'accepted', flags: [] }]);
  });

  test('opens a response with its photo again, and sends the photo only once', async () => {
    await signIn('gus');
    await phone.openForm('Visits');
    await phone.answer({ Village: 'Kano' });
    await phone.photograph('Photo');
    await phone.send();
    await phone.heading('✓ Accepted').waitFor();
    const [{ response_id: id, revision }] = Object(await stored('gus'));
    await manage(stack, 'POST', `/responses/${id}/reviews`, { action: 'return', revision, text: 'Which Kano?' });

    await phone.goto('');
    await phone.page.getByRole('link', { name: 'Correct' }).click();
    await phone.question('Photo').locator('img').waitFor();
    const files: number[] = [];
    phone.page.on('request', (request) => {
      if (request.method() === 'POST') files.push(request.postDataBuffer()?.length ?? 0);
    });
    await phone.answer({ Village: 'Kano North' });
    await phone.send();
    await phone.heading('✓ Accepted').waitFor();

    expect(files).toEqual([expect.any(Number)]);
    expect(await stored('gus')).toMatchObject([{ status: 'accepted', flags: [], response: { village: 'Kano North' } }]);
  });

  test('keeps a draft with its version of the form, and uses the new version for a new response', async () => {
    const form = { ...VISITS, form_id: 'trips', title: 'Trips' };
    await manage(stack, 'PUT', '/forms/trips', form);
    await signIn('hal');
    await phone.openForm('Trips');
    await phone.answer({ Village: 'Kano' });
    await phone.saved();
    const [village] = form.questions;
    await manage(stack, 'PUT', '/forms/trips', {
      ...form,
      questions: [village, { name: 'km', label: 'Km', type: 'integer' }],
    });

    await phone.context.route('**/formList', async (route) => {
      // The list is cached for some seconds.
      const list = await (await route.fetch()).text();
      await route.fulfill({ body: list.replaceAll(/(trips\/)1(\.xml)/g, '$12$2').replaceAll('md5:', 'md5:0') });
    });
    await phone.reopen();
    await phone.page.getByText('version 2').waitFor();
    await phone.page.getByRole('link', { name: 'Go on' }).click();
    await phone.question('Photo').waitFor();
    await phone.send();
    await phone.heading('✓ Accepted').waitFor();
    expect(await stored('hal')).toMatchObject([{ form_version: 1, response: { village: 'Kano' } }]);
    await phone.page.getByRole('button', { name: 'Fill in another one' }).click();
    await phone.question('Km').waitFor();
  });

  test('says that the link was revoked, keeps unsent responses, and sends them with a new link', async () => {
    await signIn('ida');
    await phone.openForm('Visits');
    await phone.answer({ Village: 'Kano' });
    await phone.page.route('**/submission', (route) =>
      route.fulfill({ status: 403, contentType: 'text/xml', body: REVOKED }),
    );
    await phone.send();

    await phone.page.getByText('This phone is signed out.').waitFor();
    await phone.page.getByText('1 to send').first().waitFor();
    expect(await seriousViolations(phone.page)).toEqual([]);
    await phone.page.unroute('**/submission');
    const { token } = await Collector.at(stack, 'ida');
    await phone.page.getByRole('button', { name: 'Enter a new link' }).click();
    await phone.page.getByLabel('Or paste the link').fill(token);
    await phone.page.getByRole('button', { name: 'Sign in' }).click();
    // The page reloads before it sends, so this asks the server and not the page.
    await eventually(async () => (await stored('ida')).length > 0);
    expect(await stored('ida')).toMatchObject([{ response: { village: 'Kano' } }]);
  });

  test('sends other responses while the server cannot take one', async () => {
    await signIn('kim');
    let first: string | undefined;
    await phone.context.route('**/submission', async (route) => {
      const [id] = /uuid:[\w-]+/.exec(route.request().postData() ?? '') ?? [];
      first ??= id;
      await (id === first ? route.fulfill({ status: 500 }) : route.continue());
    });
    for (const village of ['Kano', 'Jos']) {
      await phone.goto('visits');
      await phone.answer({ Village: village });
      await phone.send();
      await phone.heading(village === 'Kano' ? '… Kept on this phone, will be sent' : '✓ Accepted').waitFor();
    }
    expect(await stored('kim')).toMatchObject([{ response: { village: 'Jos' } }]);
    await phone.context.unroute('**/submission');
    await phone.goto('');
    await eventually(async () => (await stored('kim')).length > 1);
    expect(await stored('kim')).toMatchObject([{ response: { village: 'Jos' } }, { response: { village: 'Kano' } }]);
  });

  test('keeps a response that the server refuses, with the reason, so that it can be changed', async () => {
    await signIn('jon');
    await phone.openForm('Visits');
    await phone.answer({ Village: 'Kano' });
    await phone.page.route('**/submission', (route) =>
      route.fulfill({
        status: 404,
        contentType: 'text/xml',
        body: REVOKED.replace('The token was revoked.', 'No such form.'),
      }),
    );
    await phone.send();
    await phone.heading('✕ Not taken').waitFor();
    await phone.page.unroute('**/submission');

    await phone.page.getByRole('link', { name: 'To the list' }).click();
    await phone.page.getByText('✕ Not taken: No such form.').waitFor();
    expect(await seriousViolations(phone.page)).toEqual([]);
    await phone.page.getByRole('button', { name: 'Open and change' }).click();
    await phone.answer({ Village: 'Kano North' });
    await phone.send();
    await phone.heading('✓ Accepted').waitFor();
    expect(await stored('jon')).toMatchObject([{ response: { village: 'Kano North' }, revision: 1 }]);
  });
});

const REVOKED =
  '<OpenRosaResponse xmlns="http://openrosa.org/http/response"><message nature="error">The token was revoked.</message></OpenRosaResponse>';
