/** The hands on the explorer: pointer, wheel, keys, buttons, the choice of a key. */
import { all } from '../dom.ts';
import type { Explorer } from './explorer.ts';

const STEP = 0.15;
const ZOOM = 0.7;
/** A pointer that moved less has clicked. */
const CLICK_PX = 4;

export function control(root: HTMLElement, explorer: Explorer): void {
  const view = root.querySelector<HTMLElement>('.exview')!;
  drag(view, explorer);
  wheel(view, explorer);
  hover(view, explorer);
  const choose = chooser(root, view, explorer);
  view.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = KEYS[event.key];
    if (act === undefined) return;
    act(explorer, choose);
    event.preventDefault();
    // The same arrows move the time line of the picture above.
    event.stopPropagation();
  });
  for (const [name, act] of Object.entries(BUTTONS))
    root.querySelector(`[data-do=${name}]`)?.addEventListener('click', () => act(explorer));
}

interface Chooser {
  readonly toggleKey: () => void;
  readonly toggleAxis: () => void;
}

const KEYS: Readonly<Record<string, (explorer: Explorer, choose: Chooser) => void>> = {
  ArrowLeft: (explorer) => explorer.moveBy(-STEP),
  ArrowRight: (explorer) => explorer.moveBy(STEP),
  PageUp: (explorer) => explorer.moveBy(-0.9),
  PageDown: (explorer) => explorer.moveBy(0.9),
  Home: (explorer) => explorer.moveBy(-1e9),
  End: (explorer) => explorer.moveBy(1e9),
  '+': (explorer) => explorer.zoom(ZOOM),
  '=': (explorer) => explorer.zoom(ZOOM),
  '-': (explorer) => explorer.zoom(1 / ZOOM),
  '0': (explorer) => explorer.showAll(),
  n: (explorer) => explorer.step(1),
  p: (explorer) => explorer.step(-1),
  a: (_, { toggleKey }) => toggleKey(),
  e: (_, { toggleAxis }) => toggleAxis(),
};

const BUTTONS: Readonly<Record<string, (explorer: Explorer) => void>> = {
  in: (explorer) => explorer.zoom(ZOOM * ZOOM),
  out: (explorer) => explorer.zoom(1 / (ZOOM * ZOOM)),
  all: (explorer) => explorer.showAll(),
};

/** The list of keys and the two axes. The list has the names with a k before them, so that an empty one is not "all". */
function chooser(root: HTMLElement, view: HTMLElement, explorer: Explorer): Chooser {
  const list = root.querySelector<HTMLSelectElement>('[data-keys]');
  const axes = all<HTMLButtonElement>('[data-axis]', root);
  let one = list?.value ?? '';
  const choose = (name: string, isOrdered: boolean): void => {
    if (name !== '') one = name;
    explorer.choose({ key: name === '' ? -1 : explorer.run.keys.indexOf(name.slice(1)), isOrdered });
  };
  const current = (): string => (explorer.key < 0 ? '' : `k${explorer.run.keys[explorer.key]}`);
  list?.addEventListener('change', () => choose(list.value, explorer.isOrdered));
  for (const axis of axes) axis.addEventListener('click', () => choose(current(), axis.dataset['axis'] === 'order'));
  view.addEventListener('chosen', () => {
    if (list !== null) list.value = current();
    for (const axis of axes)
      axis.setAttribute('aria-pressed', String((axis.dataset['axis'] === 'order') === explorer.isOrdered));
  });
  choose(one, false);
  return {
    toggleKey: () => choose(explorer.key < 0 ? one : '', explorer.isOrdered),
    toggleAxis: () => choose(current(), !explorer.isOrdered),
  };
}

function drag(view: HTMLElement, explorer: Explorer): void {
  let downX = 0;
  let lastX: number | null = null;
  view.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    downX = lastX = event.clientX;
    view.setPointerCapture(event.pointerId);
  });
  view.addEventListener('pointermove', (event) => {
    if (lastX === null) return;
    explorer.drag(event.clientX - lastX);
    lastX = event.clientX;
  });
  view.addEventListener('pointercancel', () => (lastX = null));
  view.addEventListener('pointerup', (event) => {
    if (lastX !== null && Math.abs(event.clientX - downX) < CLICK_PX) {
      const row = explorer.rowAt(event.offsetX, event.offsetY);
      if (row >= 0) explorer.select(row);
    }
    lastX = null;
  });
}

/** Sideways it moves. Up and down it scrolls the page, as everywhere, until the explorer was clicked into. */
function wheel(view: HTMLElement, explorer: Explorer): void {
  view.addEventListener(
    'wheel',
    (event) => {
      const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (isSideways) explorer.drag(-(event.deltaX || event.deltaY));
      else if (event.ctrlKey || document.activeElement === view)
        explorer.zoom(Math.exp(event.deltaY * 0.002), event.offsetX);
      else return;
      event.preventDefault();
    },
    { passive: false },
  );
}

function hover(view: HTMLElement, explorer: Explorer): void {
  const tip = document.getElementById('tip')!;
  view.addEventListener('pointermove', (event) => {
    const row = event.buttons === 0 ? explorer.rowAt(event.offsetX, event.offsetY) : -1;
    tip.classList.toggle('on', row >= 0);
    view.classList.toggle('over', row >= 0);
    if (row < 0) return;
    tip.textContent = explorer.describe(row);
    const { x, y } = explorer.placeOf(row);
    const box = view.getBoundingClientRect();
    tip.style.left = `${Math.max(8, Math.min(box.left + x, innerWidth - tip.offsetWidth - 8)) + scrollX}px`;
    tip.style.top = `${box.top + y - tip.offsetHeight - 6 + scrollY}px`;
  });
  view.addEventListener('pointerleave', () => tip.classList.remove('on'));
}
