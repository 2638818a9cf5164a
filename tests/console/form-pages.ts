/** What the suites of the form page share: a stack with the form `visits`, and a browser for the phones. */
import { launchBrowser, type SharedBrowser } from '../support/browser.ts';
import { Collector, manage } from '../support/collector.ts';
import { Phone } from '../support/form-page.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

export const VISITS = {
  form_id: 'visits',
  title: 'Visits',
  questions: [
    { name: 'village', label: 'Village', type: 'text' },
    { name: 'photo', label: 'Photo', type: 'image', required: false },
  ],
};

export class FormPages {
  readonly stack: TestStack;
  readonly browser: SharedBrowser;

  private constructor(stack: TestStack, browser: SharedBrowser) {
    this.stack = stack;
    this.browser = browser;
  }

  static async start(): Promise<FormPages> {
    const [stack, browser] = await Promise.all([startTestStack(), launchBrowser()]);
    await manage(stack, 'PUT', '/forms/visits', VISITS);
    return new FormPages(stack, browser);
  }

  /** A new phone, on which a collector is signed in. */
  async signIn(userId: string): Promise<Phone> {
    const phone = await Phone.signIn(await Collector.at(this.stack, userId), this.browser);
    await phone.heading('Forms').waitFor();
    return phone;
  }

  /** The last revisions of a collector's responses. */
  async stored(userId: string): Promise<{ response: Record<string, unknown> }[]> {
    const reply = await manage(this.stack, 'GET', `/responses?user_id=${userId}`);
    return JSON.parse(await reply.text()).items;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.stack.stop();
  }
}
