/** The list of responses and the page of one, in a real browser against the whole application. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { generateHouseholds } from '../../demo/households.ts';
import { complaintsOf, describeInBrowser, startBrowser, type Browser } from '../support/browser.ts';
import { manage } from '../support/collector.ts';
import { eventually } from '../support/fixture.ts';
import { fitsWidth, openConsole, seriousViolations } from '../support/console-page.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';
import { VISITS, visit } from './visits.ts';

const HOUSEHOLDS = 60;
const FLAGGED_RENT = { house: { rent: '900' } };

describeInBrowser('in the console,', () => {
  let stack: TestStack;
  let browser: Browser;
  let viewer: string;
  let page: Page;
  let complaints: string[];
  /** Complaints that a test expects, such as those of requests that it lets fail. */
  let expected: RegExp | undefined;

  beforeAll(async () => {
    stack = await startTestStack();
    const households = JSON.stringify([...generateHouseholds(HOUSEHOLDS, 7)]);
    await send('/collect/batch', JSON.parse(households));
    await manage(stack, 'PUT', '/forms/visits', VISITS);
    viewer = await tokenOf({ role: 'viewer', label: 'Vera' });
    browser = await startBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await stack.stop();
  });

  beforeEach(() => {
    expected = undefined;
    complaints = [];
  });

  afterEach(async () => {
    await page.close();
    const unexpected = complaints.filter((complaint) => expected?.test(complaint) !== true);
    if (unexpected.length > 0) throw new Error(`The page complained: ${unexpected.join('; ')}`);
  });

  async function send(path: string, body: unknown): Promise<void> {
    const reply = await manage(stack, 'POST', path, body);
    if (!reply.ok) throw new Error(await reply.text());
  }

  const save = (response: Record<string, unknown>): Promise<void> => send('/forms/visits/responses', response);

  async function tokenOf(body: Record<string, unknown>): Promise<string> {
    const reply = await manage(stack, 'POST', '/tokens', body);
    const { token }: { token: string } = JSON.parse(await reply.text());
    return token;
  }

  async function open(address: string, token = stack.tokens.manager): Promise<Page> {
    page = await openConsole(browser.context, stack.url, token, address);
    page.setDefaultTimeout(15_000);
    complaints = complaintsOf(page, [stack.url, stack.host.servicesUrl ?? '']);
    return page;
  }

  async function reviewsOf(id: string): Promise<{ action: string; text: string | null }[]> {
    const reply = await manage(stack, 'GET', `/responses/${id}/reviews`);
    const { items }: { items: { action: string; text: string | null }[] } = JSON.parse(await reply.text());
    return items;
  }

  async function statusOf(id: string): Promise<string> {
    const reply = await manage(stack, 'GET', `/responses/${id}`);
    const { status }: { status: string } = JSON.parse(await reply.text());
    return status;
  }

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const rowOf = (id: string) =>
    page.getByRole('row').filter({ has: page.getByRole('link', { name: id, exact: true }) });
  const heading = (name: string) => page.getByRole('heading', { name, level: 1, exact: true });

  describe('the list', () => {
    test('shows the newest first, with the count of the filters, and turns pages both ways', async () => {
      await open('/responses?form=household_finances');
      await page.getByText(`${HOUSEHOLDS} responses`).waitFor();
      await expect(page.getByRole('row').nth(1).textContent()).resolves.toContain('demo-000060');
      await button('Older →').click();
      await page.getByRole('link', { name: 'demo-000001' }).waitFor();
      await expect(page.getByRole('row').count()).resolves.toBe(1 + HOUSEHOLDS - 50);
      await button('← Newer').click();
      await page.getByRole('link', { name: 'demo-000060' }).waitFor();
      await expect(button('← Newer').isDisabled()).resolves.toBe(true);
    });

    test('keeps its filters in the address, each as a chip that can be removed', async () => {
      await open('/responses?form=household_finances&status=flagged&user_id=collector-5');
      await button('Remove: Collector: collector-5').waitFor();
      await page.getByText('Flagged', { exact: false }).first().waitFor();
      await page.getByLabel('Rule').selectOption('Rule1');
      await button('Remove: Rule: Rule1').waitFor();
      expect(page.url()).toContain('rule=Rule1');
      await button('Remove: Collector: collector-5').click();
      await button('Remove: Collector: collector-5').waitFor({ state: 'detached' });
      expect(page.url()).not.toContain('user_id');
      await button('Remove all').click();
      await page.getByText(`${HOUSEHOLDS} responses`).waitFor();
    });

    test('finds a response by a text in its answers, even if the text is typed while the list loads', async () => {
      const held = Promise.withResolvers<void>();
      await browser.context.route('**/responses?*', async (route) => {
        await held.promise;
        await route.continue();
      });
      await open('/responses?form=household_finances');
      await page.getByRole('searchbox').waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type('respondent17@');
      held.resolve();
      await page.getByRole('link', { name: 'demo-000060' }).waitFor();
      await browser.context.unroute('**/responses?*');
      await page.keyboard.press('Enter');
      await page.getByText('1 response', { exact: true }).waitFor();
      await expect(page.getByRole('row').nth(1).textContent()).resolves.toContain('demo-000017');
    });

    test('keeps the chosen columns for the form', async () => {
      await open('/responses?form=household_finances');
      await button('Columns').click();
      await page.getByLabel('Submitted').check();
      await page.getByRole('columnheader', { name: 'Submitted' }).waitFor();
      await page.reload();
      await page.getByRole('link', { name: 'demo-000060' }).waitFor();
      await expect(page.getByRole('columnheader', { name: 'Submitted' }).count()).resolves.toBe(1);
    });

    test('can be moved through by keys, and a key opens a response', async () => {
      await open('/responses?form=household_finances');
      await page.getByRole('link', { name: 'demo-000060' }).waitFor();
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      await page.keyboard.press('k');
      await page.keyboard.press('Enter');
      await heading('demo-000059').waitFor();
      await page.goBack();
      await page.getByRole('link', { name: 'demo-000060' }).waitFor();
      expect(page.url()).toMatch(/responses\?form=household_finances$/);
    });

    test('approves and rejects rows by keys, and returns a row with the reasons of its flags', async () => {
      await Promise.all(['key-1', 'key-2', 'key-3'].map((id) => save(visit(id, FLAGGED_RENT))));
      await open('/responses?form=visits&status=flagged&text=key-');
      await page.clock.install();
      await page.getByRole('link', { name: 'key-1' }).waitFor();
      const ids = await page.getByRole('link', { name: /^key-/ }).allTextContents();
      // A key that is held down acts once.
      await page.keyboard.down('a');
      await page.keyboard.down('a');
      await page.keyboard.up('a');
      await page.getByText('Approved, not sent yet').waitFor();
      await page.clock.fastForward(11_000);
      await page.getByRole('link', { name: ids[0] ?? '' }).waitFor({ state: 'detached' });
      await page.keyboard.press('x');
      await page.getByText('Rejected, not sent yet').waitFor();
      await page.keyboard.press('u');
      await page.getByText('Rejected, not sent yet').waitFor({ state: 'detached' });
      await page.keyboard.press('x');
      await page.getByText('Rejected, not sent yet').waitFor();
      await page.keyboard.press('r');
      await expect(page.getByRole('textbox', { name: 'What should collector-1 do?' }).inputValue()).resolves.toBe(
        'The rent is 900. Is that a month?',
      );
      await page.keyboard.press('Control+Enter');
      await page.getByText('Returned 1 response.').waitFor();
      await page.clock.fastForward(11_000);
      await page.getByText('Nothing open with these filters.').waitFor();
      await expect(Promise.all(ids.map(statusOf))).resolves.toEqual(['approved', 'rejected', 'returned']);
    });

    test('returns a whole page together; rows that failed stay selected, with the reason', async () => {
      await Promise.all([1, 2, 3, 4, 5, 6].map((n) => save(visit(`bulk-${n}`, FLAGGED_RENT))));
      await open('/responses?form=visits&status=flagged&text=bulk-');
      await page.getByRole('link', { name: 'bulk-1' }).focus();
      await page.keyboard.press('a');
      await page.getByLabel('Select all rows of this page').check();
      await page.getByText('6 responses selected').waitFor();
      await page.getByLabel('Select bulk-6').uncheck();
      await save(visit('bulk-3', { house: { rent: '901' }, last_modified_time: '2026-09-01T09:00:00+03:00' }));
      expected = /409/;
      await button('Return').click();
      await page.getByLabel('What should collector-1 do?').fill('Ask for the rent of one month.');
      await page.getByLabel('Select bulk-6').check();
      await button('Return 6 responses').click();
      await page.getByText('Returned 5 responses.').waitFor();
      await page.getByText('bulk-3 selected').waitFor();
      await expect(page.getByLabel('What should collector-1 do?').inputValue()).resolves.toBe(
        'Ask for the rent of one month.',
      );
      await expect(rowOf('bulk-3').textContent()).resolves.toContain('revision 2 is stored');
      await expect(reviewsOf('bulk-1')).resolves.toMatchObject([
        { action: 'approve' },
        { action: 'return', text: 'Ask for the rent of one month.' },
      ]);
      await expect(reviewsOf('bulk-3')).resolves.toEqual([]);
    });

    test('assigns the selected rows, and downloads them as CSV', async () => {
      await save(visit('moved-1', { ...FLAGGED_RENT, village: '=1+1' }));
      await open('/responses?form=visits&text=moved-1');
      await page.getByLabel('Select moved-1').check();
      const [download] = await Promise.all([page.waitForEvent('download'), button('Download as CSV').click()]);
      expect(readFileSync(await download.path(), 'utf8')).toMatch(
        /moved-1,flagged,Rent,collector-1,Kano,.*,'=1\+1,900\r\n$/,
      );
      await page.keyboard.press('s');
      await page.getByLabel('Collector who takes it over').fill('collector-2');
      await page.keyboard.press('Enter');
      await page.getByText('Assigned 1 response.').waitFor();
      await rowOf('moved-1').getByText('collector-2').waitFor();
    });

    test('a key before the rows have come changes no row, and a second key on the last row decides nothing', async () => {
      await save(visit('only-1', FLAGGED_RENT));
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await open('/overview?form=visits');
      await page.route('**/responses?*', async (route) => {
        await held;
        await route.continue();
      });
      await page.goto(`${stack.url}/console/#/responses?form=visits&text=only-`);
      await heading('Responses').waitFor();
      await page.keyboard.press('j');
      release();
      await page.getByRole('link', { name: 'only-1' }).waitFor();
      await page.unroute('**/responses?*');
      await page.clock.install();
      await page.keyboard.press('a');
      await page.getByText('Approved only-1.').waitFor();
      await page.keyboard.press('x');
      await page.clock.fastForward(11_000);
      await eventually(async () => (await statusOf('only-1')) === 'approved');
      await expect(reviewsOf('only-1')).resolves.toHaveLength(1);
    });

    test('starts at the first row after its filter changed, wherever the current row is then', async () => {
      await Promise.all(['first-1', 'first-2', 'first-3'].map((id) => save(visit(id, FLAGGED_RENT))));
      await open('/responses?form=visits&text=first-');
      await page.getByRole('link', { name: 'first-1' }).waitFor();
      const ids = await page.getByRole('link', { name: /^first-/ }).allTextContents();
      await page.getByRole('searchbox').fill(ids[2] ?? '');
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name: ids[0] ?? '' }).waitFor({ state: 'detached' });
      await page.getByRole('searchbox').fill('first-');
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name: ids[0] ?? '' }).waitFor();
      await page.getByRole('searchbox').blur();
      await page.keyboard.press('Enter');
      await heading(ids[0] ?? '').waitFor();
    });

    test('says that no response matches, and shows a failed request with a button that tries again', async () => {
      await open('/responses?form=household_finances&text=nowhere-to-be-found');
      await page.getByText('No response matches these filters.').waitFor();
      expected = /Failed to load|ERR_FAILED/;
      await page.route('**/responses?*', (route) => route.abort());
      await page.getByRole('searchbox').fill('respondent18@');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').getByText('No connection to Collect.').waitFor();
      await expect(page.getByRole('searchbox').inputValue()).resolves.toBe('respondent18@');
      await page.unroute('**/responses?*');
      await button('Try again').click();
      await page.getByRole('link', { name: 'demo-000018' }).waitFor();
    });
  });

  describe('a response', () => {
    test('shows labels, groups, entries, and each reason under the answer that it names', async () => {
      await save(
        visit('shown-1', {
          ...FLAGGED_RENT,
          people: [{ age: 41 }, { age: 9 }],
          home: { latitude: 1.5, longitude: 36.82 },
        }),
      );
      await open('/responses/shown-1?form=visits');
      const answers = page.getByRole('region', { name: 'Answers' });
      await expect(
        answers
          .getByRole('listitem')
          .filter({ hasText: /^Which village\?/ })
          .textContent(),
      ).resolves.toContain('Oldtown');
      await answers.getByText('A well').waitFor();
      await answers.getByText('Rooms').waitFor({ state: 'detached' });
      await button('Show 2 unanswered').click();
      await answers.getByText('Rooms').waitFor();
      const second = answers
        .getByRole('listitem')
        .filter({ has: page.getByRole('heading', { name: 'Person 2', exact: true }) })
        .last();
      await expect(second.textContent()).resolves.toContain('Person 2 is 9 years old.');
      await expect(answers.getByText('The rent is 900.').count()).resolves.toBe(1);
      await expect(page.getByRole('link', { name: 'Map' }).getAttribute('rel')).resolves.toBe('noreferrer');
    });

    test('opens its photo large, and says which files are missing', async () => {
      await save(visit('photo-1', { photo: 'door.gif' }));
      await open('/responses/photo-1?form=visits');
      await page.getByText('Files still missing').waitFor();
      await upload('photo-1', 'door.gif');
      await page.reload();
      await button('Show door.gif large').click();
      await page.waitForFunction(`document.querySelector('dialog[open] img').naturalWidth === 1`);
      await button('Close').click();
      await expect(page.locator('dialog[open]').count()).resolves.toBe(0);
    });

    test('is returned with the reasons; the next open response is shown, and Undo goes back', async () => {
      await Promise.all(['next-1', 'next-2'].map((id) => save(visit(id, FLAGGED_RENT))));
      await open('/responses?form=visits&status=flagged&text=next-');
      await page.clock.install();
      await page
        .getByRole('link', { name: /^next-/ })
        .first()
        .click();
      await button('Return').waitFor();
      const first = (await page.getByRole('heading', { level: 1 }).textContent()) ?? '';
      const second = first === 'next-1' ? 'next-2' : 'next-1';
      await page.keyboard.press('r');
      await page.keyboard.press('End');
      await page.keyboard.type(' Ask again.');
      await page.keyboard.press('Control+Enter');
      await heading(second).waitFor();
      await button('Undo').click();
      await heading(first).waitFor();
      const text = page.getByLabel('What should collector-1 do?');
      await expect(text.inputValue()).resolves.toMatch(/Is that a month\? Ask again\.$/);
      await expect(statusOf(first)).resolves.toBe('flagged');
      await button(`Return ${first}`).click();
      await heading(second).waitFor();
      await page.clock.fastForward(11_000);
      await button('Undo').waitFor({ state: 'detached' });
      await eventually(async () => (await statusOf(first)) === 'returned');
    });

    test('asks for no second decision, and cannot be corrected, while a decision waits', async () => {
      await save(visit('waits-1', FLAGGED_RENT));
      await open('/responses/waits-1?form=visits&text=waits-');
      await page.clock.install();
      await button('Approve').click();
      await page.getByText('This was the last open response of the list.').waitFor();
      await page.goBack();
      await button('Send now').waitFor();
      for (const key of ['r', 'e', 'x']) await page.keyboard.press(key);
      await button('Send now').click();
      await button('Return').waitFor();
      await expect(page.getByRole('textbox').count()).resolves.toBe(0);
      await eventually(async () => (await statusOf('waits-1')) === 'approved');
      await expect(reviewsOf('waits-1')).resolves.toMatchObject([{ action: 'approve' }]);
    });

    test('is approved before ten seconds are over when the page is left', async () => {
      await save(visit('left-1', FLAGGED_RENT));
      await open('/responses/left-1?form=visits&text=left-');
      await button('Approve').click();
      await page.getByText('This was the last open response of the list.').waitFor();
      // This address has no icon.
      expected = /404/;
      await page.goto(`${stack.url}/health`);
      await eventually(async () => (await statusOf('left-1')) === 'approved');
      await expect(reviewsOf('left-1')).resolves.toHaveLength(1);
    });

    test('that was corrected meanwhile shows both revisions, and keeps what was typed', async () => {
      await save(visit('two-1', FLAGGED_RENT));
      await open('/responses/two-1?form=visits&text=two-');
      await page.clock.install();
      await button('Return').click();
      await page.getByLabel('What should collector-1 do?').fill('Ask the owner.');
      await save(visit('two-1', { house: { rent: '700' }, last_modified_time: '2026-09-02T07:00:00+03:00' }));
      expected = /409/;
      await button('Return two-1').click();
      await page.clock.fastForward(11_000);
      await button('Open it again').click();
      const both = page.getByRole('alert', { name: 'A later revision' });
      await both.getByText('Revision 2 came while you were reading revision 1').waitFor();
      await expect(both.locator('del').textContent()).resolves.toBe('900');
      await expect(both.locator('ins').textContent()).resolves.toBe('700');
      await expect(page.getByLabel('What should collector-1 do?').inputValue()).resolves.toBe('Ask the owner.');
      await expect(button('Return two-1').isDisabled()).resolves.toBe(true);
      await button('Go on with revision 2').click();
      await button('Return two-1').click();
      await page.clock.fastForward(11_000);
      await eventually(async () => (await statusOf('two-1')) === 'returned');
      await expect(reviewsOf('two-1')).resolves.toMatchObject([{ action: 'return', text: 'Ask the owner.' }]);
    });

    test('keeps a text that was typed when the tab is loaded again, but not one that was sent', async () => {
      await save(visit('reload-1', FLAGGED_RENT));
      const address = '/responses/reload-1?form=visits';
      await open(address);
      await button('Return').click();
      const text = page.getByLabel('What should collector-1 do?');
      await text.fill('Ask the owner.');
      await page.reload();
      await expect(text.inputValue()).resolves.toBe('Ask the owner.');

      await button('Return reload-1').click();
      await page.reload();
      await eventually(async () => (await statusOf('reload-1')) === 'returned');
      await page.goto(`${stack.url}/console/#${address}`);
      await page.getByText('Returned by local manager').waitFor();
      await expect(text.isVisible()).resolves.toBe(false);
    });

    test('that could not be returned offline comes back with its text', async () => {
      await save(visit('away-1', FLAGGED_RENT));
      await open('/responses/away-1?form=visits&text=away-');
      await page.clock.install();
      await button('Return').click();
      await page.getByLabel('What should collector-1 do?').fill('Ask the owner.');
      expected = /Failed to load|ERR_/;
      await browser.context.setOffline(true);
      await page.getByText('No network. You can read what is loaded').waitFor();
      await button('Return away-1').click();
      await page.clock.fastForward(11_000);
      await page.getByText('away-1 was not returned: No connection to Collect.').waitFor();
      await browser.context.setOffline(false);
      await button('Open it again').click();
      const text = page.getByLabel('What should collector-1 do?');
      await expect(text.inputValue()).resolves.toBe('Ask the owner.');
      await text.press('Control+Enter');
      await page.getByText('Returned away-1.').waitFor();
      await page.clock.fastForward(11_000);
      await eventually(async () => (await statusOf('away-1')) === 'returned');
    });

    test('on which two managers decide in two pages keeps both decisions, and the last one holds', async () => {
      await save(visit('both-1', FLAGGED_RENT));
      const address = '/responses/both-1?form=visits&text=both-';
      const omar = await tokenOf({ role: 'manager', label: 'Omar' });
      const other = await openConsole(browser.context, stack.url, omar, address);
      await open(address);
      const otherButton = (name: string) => other.getByRole('button', { name, exact: true });
      await otherButton('Return').waitFor();
      await button('Approve').click();
      await page.reload();
      await eventually(async () => (await statusOf('both-1')) === 'approved');

      await otherButton('Return').click();
      await otherButton('Return both-1').click();
      await other.goto(`${stack.url}/health`);
      await other.close();

      await eventually(async () => (await statusOf('both-1')) === 'returned');
      const actions = (await reviewsOf('both-1')).map(({ action }) => action);
      expect(actions.toSorted()).toEqual(['approve', 'return']);

      await page.close();
      await open(address);
      const entries = page.getByRole('complementary').getByRole('listitem');
      for (const text of ['Returned by Omar', 'Revision 1 by']) await entries.filter({ hasText: text }).waitFor();
      await expect(entries.locator('.row').allInnerTexts()).resolves.toEqual([
        'Returned by Omar\n↩ Returned',
        'Approved by local manager\n✓✓ Approved',
        'Revision 1 by collector-1\n⚑ Flagged',
      ]);
    });

    test('on a slow network shows that it loads', async () => {
      await save(visit('slow-1', FLAGGED_RENT));
      const held = Promise.withResolvers<void>();
      await browser.context.route('**/forms/visits/versions/1', async (route) => {
        await held.promise;
        await route.continue();
      });
      await open('/responses/slow-1?form=visits');
      await page.getByText('Revision 1 by').waitFor();
      await expect(page.getByText('village', { exact: true }).count()).resolves.toBe(0);
      await page.getByText('Loading', { exact: true }).first().waitFor({ state: 'attached' });
      held.resolve();

      await page.getByText('The rent is 900.').first().waitFor();
      await browser.context.unroute('**/forms/visits/versions/1');
      await eventually(async () => (await page.getByText('Loading', { exact: true }).count()) === 0);
    });

    test('stores a comment once if it is sent again after a broken connection', async () => {
      await save(visit('lost-1', FLAGGED_RENT));
      await open('/responses/lost-1?form=visits');
      expected = /Failed to load|ERR_/;
      // The API saves the comment; its reply is lost.
      await page.route('**/responses/lost-1/reviews', async (route) => {
        if (route.request().method() === 'POST') await route.fetch();
        await route.abort();
      });
      await button('Comment').click();
      await page.getByLabel('Comment, which collector-1 can read').fill('Called the owner.');
      await button('Comment lost-1').click();
      await page.getByText('No connection to Collect.').first().waitFor();
      await expect(page.getByLabel('Comment, which collector-1 can read').inputValue()).resolves.toBe(
        'Called the owner.',
      );
      await page.unroute('**/responses/lost-1/reviews');
      await button('Comment lost-1').click();
      await page.getByText('Called the owner.').waitFor();
      await expect(reviewsOf('lost-1')).resolves.toHaveLength(1);
    });

    test('is corrected by a manager; refusals are shown beside the field, and the change is in the history', async () => {
      await save(visit('edit-1', { ...FLAGGED_RENT, people: [{ age: 41 }, { age: 9 }] }));
      await open('/responses/edit-1?form=visits');
      await button('Edit answers').waitFor();
      await page.keyboard.press('e');
      await page.getByLabel('The house › Monthly rent').fill('90.00');
      await page.getByLabel('Person 2 › Age').fill('nineteen');
      expected = /422/;
      await button('Save 2 changes').click();
      await page.getByText('Some answers do not fit.').waitFor();
      await expect(page.getByLabel('Person 2 › Age').getAttribute('aria-invalid')).resolves.toBe('true');
      await page.getByLabel('Person 2 › Age').fill('19');
      await button('Save 2 changes').click();
      await page.getByText('edit-1 is corrected: accepted.').waitFor();
      await page.getByLabel('Person 2 › Age').waitFor({ state: 'detached' });
      await page.getByText('2 changes', { exact: true }).click();
      await expect(page.locator('details del').allTextContents()).resolves.toEqual(['900', '9']);
      await expect(page.locator('details ins').allTextContents()).resolves.toEqual(['90.00', '19']);
      const stored: { response: unknown } = JSON.parse(await (await manage(stack, 'GET', '/responses/edit-1')).text());
      expect(stored.response).toMatchObject({
        house: { rent: '90.00' },
        people: [{ age: 41 }, { age: 19 }],
        village: 'Oldtown',
      });
      await expect(page.getByRole('alert').count()).resolves.toBe(0);
    });

    test('loses an entry and gets another by a correction', async () => {
      await save(visit('entries-1', { people: [{ age: 41 }, { age: 12 }] }));
      await open('/responses/entries-1?form=visits');
      await button('Edit answers').click();
      await button('Remove Person 1').click();
      await button('Add: Person').click();
      await page.getByLabel('Person 3 › Age').fill('200');
      expected = /422/;
      await button('Save 3 changes').click();
      await page.getByText('Some answers do not fit.').waitFor();
      await expect(page.getByLabel('Person 3 › Age').getAttribute('aria-invalid')).resolves.toBe('true');
      await page.getByLabel('Person 3 › Age').fill('30');
      await button('Save 3 changes').click();
      await page.getByText('entries-1 is corrected: accepted.').waitFor();
      const reply = await manage(stack, 'GET', '/responses/entries-1');
      const { response }: { response: unknown } = JSON.parse(await reply.text());
      expect(response).toMatchObject({ people: [{ age: 12 }, { age: 30 }] });
    });

    test('keeps a correction that is not saved, whichever way its page is left, until it is cancelled', async () => {
      await save(visit('kept-1', { people: [{ age: 41 }, { age: 12 }] }));
      await save(visit('kept-2'));
      await open('/responses/kept-1?form=visits');
      await button('Edit answers').click();
      const rent = page.getByLabel('The house › Monthly rent');
      await rent.fill('99.50');
      await button('Remove Person 2').click();
      await button('Add: Person').click();

      await page.getByRole('link', { name: '← Responses' }).click();
      await page.getByRole('link', { name: 'kept-2', exact: true }).click();
      await heading('kept-2').waitFor();
      await button('Edit answers').click();
      await expect(rent.inputValue()).resolves.toBe('120.50');
      await page.goBack();
      await page.getByRole('link', { name: 'kept-1', exact: true }).click();
      await page.getByText('This is what you typed before. It is not saved.').waitFor();
      await page.reload();
      await button('Save 3 changes').waitFor();
      await expect(rent.inputValue()).resolves.toBe('99.50');

      await button('Cancel').click();
      await page.reload();
      await button('Edit answers').click();
      await expect(rent.inputValue()).resolves.toBe('120.50');
      await rent.fill('80');
      await button('Save 1 change').click();
      await page.getByText('kept-1 is corrected').waitFor();
      await page.reload();
      await button('Edit answers').waitFor();
      await expect(rent.count()).resolves.toBe(0);
    });

    test('is corrected by keyboard alone: no focused field is behind the bar, and the heading has the focus at the end', async () => {
      await save(visit('keys-1'));
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await open('/overview?form=visits');
      await page.route('**/forms/visits/versions/*', async (route) => {
        await held;
        await route.continue();
      });
      await page.goto(`${stack.url}/console/#/responses/keys-1?form=visits`);
      await page.setViewportSize({ width: 360, height: 640 });
      await button('Edit answers').waitFor();
      await page.keyboard.press('e');
      release();
      await page.getByLabel('Which village?').waitFor();
      await page.unroute('**/forms/visits/versions/*');
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.type('Newtown');
      const hidden: unknown[] = [];
      const isAtEnd = () => page.evaluate<boolean>(`document.activeElement.textContent.trim() === 'Save 1 change'`);
      while (hidden.length < 50 && !(await isAtEnd())) {
        hidden.push(
          await page.evaluate(`(({ x, y, width, height }) =>
            document.elementFromPoint(x + width / 2, y + height / 2)?.closest('.send')?.textContent ?? ''
          )(document.activeElement.getBoundingClientRect())`),
        );
        await page.keyboard.press('Tab');
      }
      expect(hidden.length).toBeGreaterThan(8);
      expect(hidden.filter((bar) => bar !== '')).toEqual([]);
      await page.keyboard.press('Enter');
      await page.getByText('keys-1 is corrected').waitFor();
      await eventually(() => page.evaluate<boolean>(`document.activeElement.tagName === 'H1'`));
    });

    test('shows a later revision before a kept correction can be saved', async () => {
      await save(visit('older-1'));
      await open('/responses/older-1?form=visits');
      await button('Edit answers').click();
      await page.getByLabel('Which village?').fill('Newtown');
      await page.getByRole('link', { name: '← Responses' }).click();
      await save(visit('older-1', { house: { rent: '300' }, last_modified_time: '2026-09-02T07:00:00+03:00' }));

      await page.goto(`${stack.url}/console/#/responses/older-1?form=visits`);
      await page.reload();
      await page.getByText('Revision 2 came while you were reading revision 1').waitFor();
      await expect(button('Save 1 change').isDisabled()).resolves.toBe(true);
      await page.reload();
      await button('Go on with revision 2').click();
      await button('Save 1 change').click();
      await page.getByText('older-1 is corrected').waitFor();
      const reply = await manage(stack, 'GET', '/responses/older-1');
      const { response }: { response: unknown } = JSON.parse(await reply.text());
      expect(response).toMatchObject({ village: 'Newtown', house: { rent: '300' } });
    });

    test('is erased after a dialog that names what is lost, and says so from then on', async () => {
      await save(visit('gone-1'));
      await open('/responses/gone-1?form=visits');
      await button('Erase…').click();
      await page
        .getByRole('dialog', { name: 'Erase gone-1 for ever?' })
        .getByText('the answers of its revision')
        .waitFor();
      await button('Erase for ever').click();
      await page.getByText('gone-1 is erased.').waitFor();
      expected = /410/;
      await page.goto(`${stack.url}/console/#/responses/gone-1?form=visits`);
      await page.getByText('This response was erased').waitFor();
      await expect(page.getByRole('button', { name: 'Approve' }).count()).resolves.toBe(0);
    });
  });

  test('a page that cannot be loaded says so', async () => {
    await open('/responses?form=household_finances');
    await page.getByRole('link', { name: 'demo-000060' }).waitFor();
    expected = /Failed to load|ERR_FAILED|Failed to fetch/;
    await page.route('**/assets/Figures-*', (route) => route.abort());
    await page.getByRole('link', { name: 'Figures' }).click();
    await page.getByText('The page “Figures” could not be loaded.').waitFor();
    await page.unroute('**/assets/Figures-*');
    await button('Load it again').click();
    await heading('Figures').waitFor();
  });

  test('what a person typed is not shown to the next person who signs in', async () => {
    await save(visit('typed-1', FLAGGED_RENT));
    const address = '/responses/typed-1?form=visits';
    const omar = await tokenOf({ role: 'manager', label: 'Omar' });
    await open(address);
    await button('Comment').click();
    await page.getByLabel('Comment, which collector-1 can read').fill('Between us.');
    await page.getByRole('button', { name: '(manager)' }).click();
    await button('Sign out').click();
    await page.getByLabel('Token').fill(omar);
    await button('Sign in').click();
    await heading('Overview').waitFor();
    await page.goto(`${stack.url}/console/#${address}`);
    await button('Comment').click();
    await expect(page.getByLabel('Comment, which collector-1 can read').inputValue()).resolves.toBe('');
  });

  test('signing out removes all data of the person from the browser, and the next person finds none of it', async () => {
    await save(visit('out-1'));
    const omar = await tokenOf({ role: 'manager', label: 'Omar' });
    const kept = (): Promise<string[]> =>
      page.evaluate(
        `[...Object.keys(sessionStorage), ...Object.keys(localStorage)].filter((key) => key !== 'another')`,
      );
    // Each load of a page made by "open" signs in the first person again.
    page = await browser.context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`${stack.url}/console/#/responses?form=visits`);
    await page.evaluate(`localStorage.clear(); localStorage.setItem('another', 'the form page')`);
    await page.getByLabel('Token').fill(stack.tokens.manager);
    await button('Sign in').click();
    await button('Columns').click();
    await page.getByLabel('Revision').check();
    await page.keyboard.press('Escape');
    await page.goto(`${stack.url}/console/#/responses/out-1?form=visits`);
    await button('Edit answers').click();
    await page.getByLabel('Which village?').fill('Newtown');
    await page.goto(`${stack.url}/console/#/forms/visits?tab=rules&edit=Rent`);
    await page.getByLabel('Name of the rule').fill('Rent2');
    await page.goto(`${stack.url}/console/#/forms/visits?tab=settings`);
    await page.getByLabel('Title').fill('Calls');
    await eventually(async () => (await kept()).filter((key) => key.startsWith('collect-')).length === 6);

    await page.getByRole('button', { name: '(manager)' }).click();
    await button('Sign out').click();
    await page.getByText('Sign in to Collect').waitFor();
    await eventually(async () => (await kept()).length === 0);
    await expect(page.evaluate(`localStorage.getItem('another')`)).resolves.toBe('the form page');
    await page.getByLabel('Token').fill(omar);
    await button('Sign in').click();
    await heading('Overview').waitFor();
    await page.goto(`${stack.url}/console/#/forms/visits?tab=rules&edit=Rent`);
    await expect(page.getByLabel('Name of the rule').inputValue()).resolves.toBe('Rent');
    await page.goto(`${stack.url}/console/#/responses/out-1?form=visits`);
    await button('Edit answers').click();
    await expect(page.getByLabel('Which village?').inputValue()).resolves.toBe('Oldtown');
  });

  test('another person who signs in after a token ended finds nothing that was typed', async () => {
    await save(visit('ended-1'));
    const omar = await tokenOf({ role: 'manager', label: 'Omar' });
    page = await browser.context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`${stack.url}/console/#/responses/ended-1?form=visits`);
    await page.getByLabel('Token').fill(stack.tokens.manager);
    await button('Sign in').click();
    await button('Edit answers').click();
    await page.getByLabel('Which village?').fill('Newtown');
    await page.route('**/reviews', (route) => route.fulfill({ status: 401, json: { message: 'Unauthorized' } }));
    await button('Comment').click();
    await page.getByLabel('Comment, which collector-1 can read').fill('Between us.');
    await button('Comment ended-1').click();
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
    await page.unroute('**/reviews');
    await dialog.getByLabel('Token').fill(omar);
    await dialog.getByRole('button', { name: 'Sign in' }).click();

    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Omar' }).waitFor();
    await button('Comment').click();
    await expect(page.getByLabel('Comment, which collector-1 can read').inputValue()).resolves.toBe('');
    await button('Edit answers').click();
    await expect(page.getByLabel('Which village?').inputValue()).resolves.toBe('Oldtown');
  });

  describe('by role,', () => {
    test('a viewer reads and is offered no action', async () => {
      await save(visit('read-1', FLAGGED_RENT));
      await open('/responses?form=visits&text=read-1', viewer);
      await page.getByRole('link', { name: 'read-1' }).click();
      await page.getByText('The rent is 900.').waitFor();
      await expect(
        page.getByRole('button', { name: /Return|Approve|Reject|Comment|Edit|Erase/ }).count(),
      ).resolves.toBe(0);
      await page.keyboard.press('a');
      await expect(page.getByText('not sent yet').count()).resolves.toBe(0);
    });

    test('a collector sees their own responses alone, and may comment', async () => {
      await save(visit('mine-1', FLAGGED_RENT));
      await save(visit('mine-2', { ...FLAGGED_RENT, user_id: 'collector-2' }));
      await open('/responses?form=visits&text=mine-', stack.tokens.collector);
      await page.getByRole('link', { name: 'mine-1' }).waitFor();
      await expect(page.getByRole('link', { name: 'mine-2' }).count()).resolves.toBe(0);
      await page.getByRole('link', { name: 'mine-1' }).click();
      await button('Comment').click();
      await page.getByLabel('Comment, which collector-1 can read').fill('The owner is away.');
      await button('Comment mine-1').click();
      await page.getByText('The owner is away.').waitFor();
      await expect(page.getByRole('button', { name: /Return|Approve|Reject|Edit|Erase/ }).count()).resolves.toBe(0);
    });
  });

  test.each([
    { name: 'light', scheme: 'light', width: 1280 },
    { name: 'dark', scheme: 'dark', width: 1280 },
    { name: 'narrow', scheme: 'light', width: 360 },
  ] as const)(
    'the list and a response fit the screen and have no serious accessibility violation: $name',
    async ({ scheme, width }) => {
      await save(visit('seen-1', { ...FLAGGED_RENT, people: [{ age: 9 }] }));
      await open('/responses?form=visits&status=flagged&text=seen-1');
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: 900 });
      await page.getByLabel('Select seen-1').check();
      await button('Return').click();
      await page.getByLabel('What should collector-1 do?').waitFor();
      await expect(seriousViolations(page)).resolves.toEqual([]);
      await expect(fitsWidth(page)).resolves.toBe(true);
      await page.getByRole('link', { name: 'seen-1' }).click();
      await page.getByText('The rent is 900.').waitFor();
      await expect(seriousViolations(page)).resolves.toEqual([]);
      await expect(fitsWidth(page)).resolves.toBe(true);
      await button('Edit answers').click();
      await page.getByLabel('Which village?').waitFor();
      await expect(seriousViolations(page)).resolves.toEqual([]);
    },
  );

  /** Uploads a picture of one pixel. */
  async function upload(id: string, name: string): Promise<void> {
    const content = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
    const file = { name, bytes: content.length, sha256: hash('sha256', content), type: 'image/gif' };
    const reply = await manage(stack, 'POST', `/responses/${id}/attachments`, file);
    const { upload: put }: { upload: { method: string; url: string; headers: Record<string, string> } } = JSON.parse(
      await reply.text(),
    );
    await fetch(put.url, { method: put.method, headers: put.headers, body: content });
    const arrived = async () => {
      const list = await manage(stack, 'GET', `/responses/${id}/attachments`);
      const { items }: { items: unknown[] } = JSON.parse(await list.text());
      return items.length;
    };
    await eventually(async () => (await arrived()) > 0);
  }
});
