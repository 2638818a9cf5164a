/** Debian's Chromium, which tests drive with playwright-core. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser as SharedBrowser, type BrowserContext, type Page } from 'playwright-core';

export type { SharedBrowser };

/** The path in Debian: `apt-get install chromium`. */
const CHROMIUM = '/usr/bin/chromium';

/** How long a page may take for a step on a busy machine. */
export const STEP_LIMIT_MS = 90_000;

const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/** A suite that is skipped where Chromium is missing. */
export function describeInBrowser(name: string, suite: () => void): void {
  if (existsSync(CHROMIUM)) describe(name, suite);
  else test(`SKIPPED: ${name}, because ${CHROMIUM} is missing`, () => expect.assertions(0));
}

export interface Browser {
  context: BrowserContext;
  /** Closes the browser and deletes its profile. */
  close: () => Promise<void>;
}

/** Starts a browser with a profile of its own. */
export async function startBrowser(viewport = { width: 1280, height: 1000 }): Promise<Browser> {
  const profile = mkdtempSync(path.join(tmpdir(), 'collect-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: FLAGS.split(' '),
    viewport,
  });
  // Shorter than the time limit of a test, because a test that exceeds its limit reports less.
  context.setDefaultTimeout(STEP_LIMIT_MS);
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** Starts a browser for many contexts that share nothing: faster than a browser for each test. */
export function launchBrowser(): Promise<SharedBrowser> {
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS.split(' ') });
}

/**
 * Lists what a page must not do: messages in the browser's console, uncaught errors, and requests to other origins.
 *
 * @param complaints the complaints of earlier pages
 * @returns the same list, which grows with each complaint
 */
export function complaintsOf(page: Page, origins: readonly string[], complaints: string[] = []): string[] {
  page.on('console', (message) => {
    // A file without a page, such as the licences, names no icon: the browser looks for one itself.
    if (message.location().url.endsWith('/favicon.ico')) return;
    complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const url = request.url();
    const isOwn = origins.some((origin) => url.startsWith(`${origin}/`)) || /^(data|about|blob):/.test(url);
    if (!isOwn) complaints.push(`a request to ${url}`);
  });
  return complaints;
}
