/** The contents of a long page: marks the part that is being read, and keeps its line in sight. Without scripts the style sheet marks the one that the address names. */
import { all } from './dom.ts';

/** Of the window's height: what begins above is being read. */
const READ_ABOVE = 0.3;

interface Entry {
  readonly link: HTMLAnchorElement;
  readonly part: HTMLElement;
}

export function followContents(): void {
  const [contents] = all('nav.qs');
  if (contents === undefined) return;
  const entries = all<HTMLAnchorElement>('a', contents).flatMap((link): readonly Entry[] => {
    const part = document.getElementById(link.getAttribute('href')!.slice(1));
    return part === null ? [] : [{ link, part }];
  });
  contents.classList.add('live');
  const mark = (): void => {
    const read = entryRead(entries);
    for (const { link } of entries) if (link !== read?.link) link.removeAttribute('aria-current');
    if (read !== undefined && !read.link.hasAttribute('aria-current')) arrive(read.link, contents);
  };
  for (const event of ['scroll', 'resize', 'hashchange', 'load']) addEventListener(event, mark, { passive: true });
  mark();
}

/** The last that begins in the upper part of the window; of two side by side, and at the page's end, the one that the address names. */
function entryRead(entries: readonly Entry[]): Entry | undefined {
  const topOf = ({ part }: Entry): number => part.getBoundingClientRect().top;
  const last = entries.findLast((entry) => topOf(entry) <= innerHeight * READ_ABOVE) ?? entries[0];
  if (last === undefined) return undefined;
  const row = entries.filter((entry) => Math.abs(topOf(entry) - topOf(last)) < 2);
  const named = entries.find(({ link }) => link.hash === location.hash);
  const isAtEnd = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
  if (named !== undefined && (row.includes(named) || (isAtEnd && topOf(named) < innerHeight))) return named;
  return row[0];
}

function arrive(link: HTMLElement, contents: HTMLElement): void {
  link.setAttribute('aria-current', 'true');
  const [at, frame] = [link.getBoundingClientRect(), contents.getBoundingClientRect()];
  if (at.top < frame.top) contents.scrollTop += at.top - frame.top;
  else if (at.bottom > frame.bottom) contents.scrollTop += at.bottom - frame.bottom;
}
