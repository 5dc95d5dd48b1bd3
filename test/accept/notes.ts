/**
 * `npm run accept:notes -- FOLDER`: follows every link of a finished campaign of the notes in a real browser, and says how many showed what
 * they say. Exits with 1 where one did not.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import type { Answers } from '../../src/contract/index.ts';
import { findChromium } from '../browser/chromium.ts';
import { agrees, fileOf, linksOf, operationShown } from '../browser/follow.ts';

async function main(folder: string): Promise<number> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('no Chromium here: STALEMATE_CHROMIUM names one');
  const links = linksOf(JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8')) as Answers);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const wrong: string[] = [];
  for (const link of links) {
    const { file, hash } = fileOf(folder, link);
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(`file://${file}${hash}`);
    const shown = await operationShown(page).catch(String);
    if (!agrees(shown, link)) wrong.push(`${link.card} ${link.href}: ${shown} against ${link.operation}`);
    await page.close();
  }
  await browser.close();
  for (const words of wrong) console.log(words);
  console.log(`${links.length - wrong.length} of ${links.length} links show what they say`);
  return links.length > 0 && wrong.length === 0 ? 0 : 1;
}

process.exitCode = await main(resolve(process.argv[2] ?? '.'));
