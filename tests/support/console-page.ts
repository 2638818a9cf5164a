/** The console in a real browser. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { complaintsOf } from './browser.ts';

const axe = readFileSync(createRequire(path.resolve('package.json')).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Opens a page of the console, signed in with a token for this tab.
 *
 * @param address the part after `#`, such as `/responses?status=flagged`
 */
export async function openConsole(context: BrowserContext, url: string, token: string, address: string): Promise<Page> {
  const page = await context.newPage();
  await page.addInitScript((value) => sessionStorage.setItem('collect-token', value), token);
  await page.goto(`${url}/console/#${address}`);
  return page;
}

/**
 * A tab in which tests follow each other, each with a fresh load of the console: a new tab for each takes twice the time.
 */
export class ConsoleTab {
  readonly page: Page;
  /** Errors and forbidden requests of the page since the last `clear`. */
  readonly complaints: string[];
  readonly #context: BrowserContext;
  readonly #url: string;

  private constructor(context: BrowserContext, url: string, page: Page) {
    this.#context = context;
    this.#url = url;
    this.page = page;
    this.complaints = complaintsOf(page, [url]);
  }

  static async create(context: BrowserContext, url: string): Promise<ConsoleTab> {
    return new ConsoleTab(context, url, await context.newPage());
  }

  /** Leaves the console, and removes what the previous test left in the tab. @param token is signed in for the next page */
  async clear(token?: string): Promise<void> {
    const { page } = this;
    await this.#context.setOffline(false);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.emulateMedia({ media: null, colorScheme: null });
    await page.setViewportSize({ width: 1280, height: 1000 });
    await page.goto(`${this.#url}/assets/licenses.txt`);
    await page.evaluate((value) => {
      sessionStorage.clear();
      if (value !== null) sessionStorage.setItem('collect-token', value);
    }, token ?? null);
    this.complaints.length = 0;
  }

  /** @param address the part after `#`, such as `/responses?status=flagged` */
  async open(address: string, token: string): Promise<void> {
    await this.clear(token);
    await this.page.goto(`${this.#url}/console/#${address}`);
  }
}

interface Violation {
  id: string;
  impact: string;
  nodes: { target: unknown[]; failureSummary: string }[];
}

const WCAG_22_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/**
 * Violations of WCAG 2.2 AA that axe calls serious or critical, each as a line.
 *
 * @param rules the names of the rules to check; by default all
 */
export async function seriousViolations(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(axe);
  const runOnly = JSON.stringify(rules ?? WCAG_22_AA);
  const violations = await page.evaluate<Violation[]>(
    `axe.run(document, { runOnly: ${runOnly}, resultTypes: ['violations'] }).then((result) => result.violations)`,
  );
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
    );
}

/** Serious violations in light and dark, and widths that the page does not fit. The page stays at 360 px, and dark. */
export async function faultsOfLook(page: Page): Promise<string[]> {
  const faults = await seriousViolations(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  faults.push(...(await seriousViolations(page, ['color-contrast'])));
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 800 });
    if (!(await fitsWidth(page))) faults.push(`It does not fit ${width} px.`);
  }
  return faults;
}

/** Whether nothing sticks out of the window to the right. */
export async function fitsWidth(page: Page): Promise<boolean> {
  return page.evaluate(`document.documentElement.scrollWidth <= document.documentElement.clientWidth`);
}
