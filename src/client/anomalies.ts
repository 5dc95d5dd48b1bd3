/** From one kind of anomaly to the next: marks the tab of the one shown, j and k go through them, narrow screens scroll to it. */
import { all } from './dom.ts';

export function followAnomalies(): void {
  const arrive = (): void => {
    mark();
    centre();
  };
  addEventListener('hashchange', arrive);
  addEventListener('load', arrive);
  arrive();
  addEventListener('click', followInFrame);
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.key !== 'j' && event.key !== 'k')) return;
    const tabs = tabHashes();
    if (tabs.length === 0) return;
    const step = event.key === 'j' ? 1 : tabs.length - 1;
    location.hash = tabs[(tabs.indexOf(shown()!) + step) % tabs.length]!;
  });
}

/** In a frame that was given the page as text, a link `#a2` would lead away: it is relative to the page around the frame. */
function followInFrame(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
  if (link === null || document.baseURI.split('#')[0] === location.href.split('#')[0]) return;
  event.preventDefault();
  location.hash = link.getAttribute('href')!;
}

function tabHashes(): readonly string[] {
  return all('.tab').map((tab) => tab.getAttribute('href')!);
}

/** The tab whose story is shown: that of the hash, or of the operation that it names, else the first. */
function shown(): string | undefined {
  const tabs = tabHashes();
  const named = /^#(a\d+)(?:-|$)/.exec(location.hash)?.[1];
  return tabs.find((hash) => hash === `#${named}`) ?? tabs[0];
}

function mark(): void {
  const current = shown();
  for (const tab of all('.tab')) {
    if (tab.getAttribute('href') === current) tab.setAttribute('aria-current', 'true');
    else tab.removeAttribute('aria-current');
  }
}

function centre(): void {
  for (const box of all('.tlscroll')) {
    if (box.clientWidth === 0 || box.scrollWidth <= box.clientWidth) continue;
    box.scrollLeft = Number(box.dataset['at']) * box.scrollWidth - box.clientWidth / 2;
  }
}
