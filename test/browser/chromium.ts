/**
 * The browser of these tests: Debian's Chromium, or the one that STALEMATE_CHROMIUM names. Where there is none the tests are skipped
 * and say so, unless STALEMATE_REQUIRE names `chromium`: then its absence is a failure.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';

/** Pages are files: whatever does not come at once does not come. */
const PATIENCE_MS = 8000;
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const USUAL_FOLDERS = ['/usr/bin', '/usr/lib/chromium', '/snap/bin'];

/** Where Chromium is, or null. */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | null {
  const told = environment['STALEMATE_CHROMIUM'];
  const folders = [...(environment['PATH'] ?? '').split(delimiter), ...USUAL_FOLDERS].filter((it) => it !== '');
  const places = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const found = (told === undefined ? places : [told]).find(isProgram) ?? null;
  const isRequired = (environment['STALEMATE_REQUIRE'] ?? '').split(',').includes('chromium');
  if (found === null && (isRequired || told !== undefined))
    throw new Error(told === undefined ? 'STALEMATE_REQUIRE names chromium, and there is none' : `${told}: no program`);
  return found;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Shows pages to a test, and to nobody else. */
export interface Reader {
  /** Opens a file in a fresh window of 1440 x 900. */
  readonly open: (file: string, options?: BrowserContextOptions, hash?: string) => Promise<Page>;
  /** The browser itself. */
  readonly browser: () => Browser;
}

/** Tests in one browser. After each of them: no page asked for anything but itself, and none had an error. */
export function inBrowser(name: string, tests: (reader: Reader) => void): void {
  const executablePath = findChromium();
  describe.skipIf(executablePath === null)(`${name}${executablePath === null ? ' (skipped: no Chromium)' : ''}`, () => {
    let browser: Browser;
    const trouble: string[] = [];
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });
    });
    afterAll(() => browser.close());
    afterEach(async () => {
      await Promise.all(browser.contexts().map((context) => context.close()));
      expect(trouble.splice(0)).toEqual([]);
    });
    tests({
      browser: () => browser,
      open: async (file, options = {}, hash = '') => {
        const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, ...options });
        const address = `file://${file}`;
        page.setDefaultTimeout(PATIENCE_MS);
        watch(page, address, trouble);
        await page.goto(`${address}${hash}`);
        return page;
      },
    });
  });
}

function watch(page: Page, address: string, trouble: string[]): void {
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') trouble.push(message.text());
  });
  page.on('request', (request) => {
    const url = request.url().split('#')[0]!;
    if (url !== address && !url.startsWith('data:')) trouble.push(`asked for ${url}`);
  });
}
