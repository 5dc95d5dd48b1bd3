/** Follows the links of a page of answers, as a reader does: each opens a report at the operation that it is said to be about. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Answers, CardLink } from '../../src/contract/index.ts';

/** Every link of the cards, with its card. */
export function linksOf({ cards }: Pick<Answers, 'cards'>): readonly (CardLink & { readonly card: string })[] {
  return cards.flatMap(({ id, links, matrix, comparison, promises }) =>
    [
      ...links,
      ...(matrix?.rows.flatMap(({ cells }) => cells.flatMap(({ link }) => (link === null ? [] : [link]))) ?? []),
      ...(comparison === undefined ? [] : [comparison.incorrect.link, comparison.correct.link]),
      ...(promises?.rows.map(({ link }) => link) ?? []),
    ].map((link) => ({ ...link, card: id })),
  );
}

/** What the page says of the operation of its address: in the picture, or where the explorer has it. */
export async function operationShown(page: Page): Promise<string> {
  const id = /#op-(\d+)$/.exec(page.url())![1]!;
  const drawn = page.locator(`#op-${id} title`);
  if ((await drawn.count()) > 0) return (await drawn.first().textContent())!;
  const said = page.locator('.ex-said').filter({ hasText: `op ${id}:` });
  await said.waitFor();
  return said.innerText();
}

/** Whether the page tells of the operation as the link does: `read x = 1` is `read x → 1` there. */
export function agrees(shown: string, { operation }: Pick<CardLink, 'operation'>): boolean {
  const spaceless = (text: string): string => text.replaceAll(/[\s"]/g, '');
  const unanswered = /^(.*), (?:refused|unknown)$/.exec(operation)?.[1];
  if (unanswered !== undefined) return spaceless(shown).includes(spaceless(unanswered));
  // To its end: 1 is not 10.
  return [operation.replace(' = ', ' → '), operation].some((it) => spaceless(shown).includes(`${spaceless(it)}·`));
}

/** The addresses of links on the page itself, for those who look at it and not at answers.json. */
export async function hrefsOn(page: Page): Promise<readonly string[]> {
  return page.locator('a[href^="runs/"]').evaluateAll((all) => all.map((it) => it.getAttribute('href')!));
}

export function fileOf(
  folder: string,
  { href }: Pick<CardLink, 'href'>,
): { readonly file: string; readonly hash: string } {
  const [path, hash] = href.split('#') as [string, string];
  return { file: join(folder, path), hash: `#${hash}` };
}
