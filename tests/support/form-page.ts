/** The form page on a phone: a browser of 360 px, signed in by link. */
import type { Page } from 'playwright-core';
import { complaintsOf, startBrowser, STEP_LIMIT_MS, type Browser, type SharedBrowser } from './browser.ts';
import { CABLE, EXPENDITURE, FOOD, FUEL, HEALTHCARE, INCOME, SAVINGS } from './responses.ts';
import { encodePng } from '../../collect-lambdas/shared/png.ts';
import type { Collector } from './collector.ts';

/** The answers to the household form that break no rule, by label. */
export const HOUSEHOLD = {
  name: 'Ama Khan',
  email: 'ama@example.org',
  mobile_number: '+254700000000',
  gender: 'female',
  age: '40',
  [INCOME]: '1000',
  [SAVINGS]: '100',
  [EXPENDITURE]: '800',
  [FOOD]: '300',
  [CABLE]: '20',
  [HEALTHCARE]: '50',
  [FUEL]: '30',
};

/** Black and white, as modules of a QR code are. */
const PHOTO = Array.from({ length: 40 }, (_, row) =>
  Array.from({ length: 40 }, (__, column) => (row * column) % 3 === 0),
);

export class Phone {
  readonly #browser: Browser;
  readonly #url: string;
  page: Page;
  /** The complaints of all pages; see {@link complaintsOf}. */
  readonly complaints: string[];

  private constructor(browser: Browser, url: string, page: Page) {
    this.#browser = browser;
    this.#url = url;
    this.page = page;
    this.complaints = complaintsOf(page, [url]);
  }

  /** Opens the page with the link that a manager gives the collector. */
  static async signIn(collector: Collector, shared?: SharedBrowser): Promise<Phone> {
    return await Phone.open(collector.stack.url, `#token=${collector.token}`, shared);
  }

  /**
   * @param url of the API
   * @param shared a browser in which the phone gets a context of its own
   */
  static async open(url: string, address = '', shared?: SharedBrowser): Promise<Phone> {
    const viewport = { width: 360, height: 740 };
    const context = await shared?.newContext({ viewport });
    context?.setDefaultTimeout(STEP_LIMIT_MS);
    const browser = context ? { context, close: () => context.close() } : await startBrowser(viewport);
    const phone = new Phone(browser, url, await browser.context.newPage());
    await phone.goto(address);
    return phone;
  }

  get context(): Browser['context'] {
    return this.#browser.context;
  }

  /** Opens an address below /fill/. */
  async goto(address: string): Promise<void> {
    await this.page.goto(`${this.#url}/fill/${address}`);
  }

  /** Closes the page, and opens it again as from the phone's home screen. */
  async reopen(): Promise<void> {
    await this.page.close();
    this.page = await this.context.newPage();
    complaintsOf(this.page, [this.#url], this.complaints);
    await this.goto('');
  }

  /** Opens the page in another tab. */
  async openTab(address: string): Promise<Page> {
    const tab = await this.context.newPage();
    await tab.goto(`${this.#url}/fill/${address}`);
    return tab;
  }

  /** Waits until the page works without a network. */
  async installed(): Promise<void> {
    await this.page.evaluate('navigator.serviceWorker.ready');
    await this.page.waitForFunction('navigator.serviceWorker.controller !== null');
  }

  async openForm(title: string): Promise<void> {
    await this.page.getByRole('link', { name: title }).click();
    await this.page.locator('.odk-form').waitFor();
  }

  /** Fills in questions by their labels. */
  async answer(answers: Readonly<Record<string, string>>): Promise<void> {
    for (const [label, answer] of Object.entries(answers)) {
      const input = this.question(label).locator('input').first();
      // A field for numbers accepts only pressed keys.
      await input.fill('');
      await input.pressSequentially(answer);
      await input.blur();
    }
  }

  /** Takes a photo for a question. @param scale the photo is 40 times as many pixels wide and high */
  async photograph(label: string, scale = 4): Promise<void> {
    const photo = { name: 'well.png', mimeType: 'image/png', buffer: Buffer.from(encodePng(PHOTO, scale)) };
    await this.question(label).locator('input[type=file]').setInputFiles(photo);
    await this.question(label).locator('img').waitFor();
  }

  /** Waits until the answers are in a draft. */
  async saved(): Promise<void> {
    await this.page.waitForURL(/\?draft=/);
  }

  question(label: string): ReturnType<Page['locator']> {
    return this.page.locator('.question-container').filter({ has: this.page.getByText(label, { exact: true }) });
  }

  async send(): Promise<void> {
    await this.page.getByRole('button', { name: 'Send', exact: true }).click();
  }

  heading(name: string | RegExp): ReturnType<Page['locator']> {
    return this.page.getByRole('heading', { name });
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
