/**
 * The time line follows the pointer, and goes by 10 ms with the arrow keys, by 100 ms with Shift. The gutter says where each node
 * stood there. When the pointer leaves, it goes back to where the keys had left it: at first at the bad read.
 */
import { instant } from '../report/format.ts';
import { LEFT, RIGHT, round, WIDTH } from '../report/scale.ts';
import { gutterOf, type Gutter } from './gutter.ts';
import { isShown, pictureX, timeAt, xOf, type View } from './view.ts';

const STEP_NS = 10_000_000;
const LONG_STEP_NS = 100_000_000;

export interface TimeLine {
  readonly view: View;
  /** Draws it anew where it stands, after x and time have changed their relation. */
  readonly redraw: () => void;
}

export function timeLineOf(view: View): TimeLine {
  const gutter = gutterOf(view);
  let keptNs = view.atNs;
  let shownNs = view.atNs;
  const show = (timeNs: number): void => {
    shownNs = Math.min(view.toNs, Math.max(view.fromNs, timeNs));
    draw(view, gutter, shownNs);
  };
  view.picture.addEventListener('pointermove', (event) => {
    const x = pictureX(view, event.clientX);
    if (event.pointerType !== 'touch' && x >= LEFT && x <= RIGHT) show(timeAt(view, view.origin(x)));
  });
  view.picture.addEventListener('pointerleave', () => show(keptNs));
  addEventListener('keydown', (event) => {
    const stepNs = stepOf(event);
    if (stepNs === 0 || !isShown(view)) return;
    event.preventDefault();
    show(shownNs + stepNs);
    keptNs = shownNs;
    keepInSight(view, shownNs);
  });
  return { view, redraw: () => show(shownNs) };
}

/** 0 where the key means something else. */
function stepOf({ key, shiftKey, ctrlKey, metaKey, altKey, target }: KeyboardEvent): number {
  if (ctrlKey || metaKey || altKey || (key !== 'ArrowLeft' && key !== 'ArrowRight')) return 0;
  if (target instanceof Element && target.closest('input,select,textarea,canvas,.wide,.list') !== null) return 0;
  return (shiftKey ? LONG_STEP_NS : STEP_NS) * (key === 'ArrowLeft' ? -1 : 1);
}

function draw(view: View, gutter: Gutter, timeNs: number): void {
  const drawnX = xOf(view, timeNs);
  const x = round(view.place(drawnX));
  const words = instant(timeNs);
  const [line, box, text] = ['line', 'rect', 'text'].map((name) => view.picture.querySelector(`.cur ${name}`)!);
  const width = Number(box!.getAttribute('width'));
  const left = Math.max(LEFT - 20, Math.min(x - width / 2, RIGHT - width + 20));
  for (const end of ['x1', 'x2']) line!.setAttribute(end, String(x));
  box!.setAttribute('x', String(round(left)));
  text!.setAttribute('x', String(round(left + width / 2)));
  text!.textContent = words;
  view.picture.querySelector('.now')!.textContent = `AT ${words}`;
  gutter.show(timeNs, drawnX);
}

/** On a narrow screen the picture scrolls sideways: it follows. */
function keepInSight(view: View, timeNs: number): void {
  const box = view.picture.parentElement!;
  if (box.scrollWidth <= box.clientWidth) return;
  box.scrollLeft = (view.place(xOf(view, timeNs)) / WIDTH) * box.scrollWidth - box.clientWidth / 2;
}
