/** The console in a real browser. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';

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

interface Violation {
  id: string;
  impact: string;
  nodes: { target: unknown[]; failureSummary: string }[];
}

/** Violations of WCAG 2.2 AA that axe calls serious or critical, each as a line. */
export async function seriousViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const violations = await page.evaluate<Violation[]>(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then((result) => result.violations)`,
  );
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
    );
}

/** Whether nothing sticks out of the window to the right. */
export async function fitsWidth(page: Page): Promise<boolean> {
  return page.evaluate(`document.documentElement.scrollWidth <= document.documentElement.clientWidth`);
}
