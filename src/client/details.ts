/** What is known of an operation, beside it, as long as it is pointed at or has the focus. The same text is its title without scripts. */
import { all } from './dom.ts';

const MARGIN_PX = 8;

export function showDetails(): void {
  const tip = document.getElementById('tip');
  if (tip === null) return;
  const hide = (): void => tip.classList.remove('on');
  for (const operation of all<SVGAElement>('a.op')) {
    for (const name of ['mouseenter', 'focus']) operation.addEventListener(name, () => show(tip, operation));
    for (const name of ['mouseleave', 'blur']) operation.addEventListener(name, hide);
  }
}

function show(tip: HTMLElement, operation: SVGAElement): void {
  const bar = operation.querySelector('rect')?.getBoundingClientRect();
  if (bar === undefined) return;
  tip.textContent = operation.querySelector('title')?.textContent ?? '';
  tip.classList.add('on');
  const left = Math.max(MARGIN_PX, Math.min(bar.left, innerWidth - tip.offsetWidth - MARGIN_PX));
  const above = bar.top - tip.offsetHeight - MARGIN_PX;
  tip.style.left = `${left + scrollX}px`;
  tip.style.top = `${(above < MARGIN_PX ? bar.bottom + MARGIN_PX : above) + scrollY}px`;
}
