/** What a script adds to the timelines: a time line that moves, operations on other keys, event order. */
import { all } from './dom.ts';
import { timeLineOf, type TimeLine } from './time-line.ts';
import { views, type View } from './view.ts';
import { warp } from './warp.ts';

export function animateTimelines(): void {
  for (const view of views()) {
    const timeLine = timeLineOf(view);
    const toggles = togglesOf(timeLine);
    for (const controls of all('.controls', view.root)) controls.hidden = false;
    for (const button of all<HTMLButtonElement>('[data-keys]', view.root))
      button.addEventListener('click', () => toggles.showKeys(button.dataset['keys'] === 'all'));
    for (const button of all<HTMLButtonElement>('[data-order]', view.root))
      button.addEventListener('click', () => toggles.showOrder(button.dataset['order'] === 'events'));
    const reveal = (): void => {
      if (view.picture.querySelector('.others :target') !== null) toggles.showKeys(true);
    };
    addEventListener('hashchange', reveal);
    reveal();
  }
}

interface Toggles {
  readonly showKeys: (isAll: boolean) => void;
  readonly showOrder: (isByEvents: boolean) => void;
}

function togglesOf({ view, redraw }: TimeLine): Toggles {
  let undo: (() => void) | null = null;
  const order = (isByEvents: boolean): void => {
    undo?.();
    undo = isByEvents ? warp(view) : null;
    view.root.classList.toggle('events', isByEvents);
    press(view, 'order', isByEvents ? 'events' : 'time');
    redraw();
  };
  return {
    showOrder: order,
    showKeys: (isAll) => {
      const isByEvents = undo !== null;
      // Event order is that of the operations that are seen.
      order(false);
      view.root.classList.toggle('all', isAll);
      press(view, 'keys', isAll ? 'all' : 'this');
      makeRoom(view, isAll);
      order(isByEvents);
    },
  };
}

function press({ root }: View, name: 'keys' | 'order', chosen: string): void {
  for (const button of all<HTMLButtonElement>(`[data-${name}]`, root))
    button.setAttribute('aria-pressed', String(button.dataset[name] === chosen));
}

/** Clients that only asked for other keys have lanes of their own; what is below goes down. */
function makeRoom({ picture }: View, isAll: boolean): void {
  const below = picture.querySelector<SVGGElement>('.below')!;
  const shift = Number(below.dataset['shift']);
  const [left, top, width, height] = picture.getAttribute('viewBox')!.split(' ').map(Number);
  const was = Number(below.dataset['shown'] ?? 0);
  const now = isAll ? shift : 0;
  below.dataset['shown'] = String(now);
  below.setAttribute('transform', `translate(0 ${now})`);
  picture.setAttribute('viewBox', `${left} ${top} ${width} ${height! - was + now}`);
}
