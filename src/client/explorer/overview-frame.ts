/** The explorer's window as a frame on the overview, to see where it is and to drag it. */
import { WHOLE_WIDTH } from '../../report/whole/axis.ts';

export interface OverviewFrame {
  /** Puts the frame where the explorer's window is. */
  readonly follow: (times: readonly [fromNs: number, toNs: number]) => void;
}

/** @param moveTo is called with the instants between which the frame was dragged; the first time before there is an explorer */
export function overviewFrame(overview: SVGSVGElement, moveTo: (fromNs: number, toNs: number) => void): OverviewFrame {
  const endNs = Number(overview.dataset['endNs']);
  const own = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  own.setAttribute('class', 'frame now');
  for (const [name, value] of Object.entries({ y: 2, height: 46, rx: 3, width: 0 }))
    own.setAttribute(name, String(value));
  overview.append(own);
  let span = 0;
  let fromNs = 0;
  let grip: number | null = null;
  const timeAt = (event: PointerEvent): number => {
    const { left, width } = overview.getBoundingClientRect();
    return ((event.clientX - left) / width) * endNs;
  };
  const move = (event: PointerEvent): void => {
    const from = Math.max(0, Math.min(endNs - span, timeAt(event) - grip!));
    moveTo(from, from + span);
  };
  overview.addEventListener('pointerdown', (event) => {
    const shown = storyFrame();
    if (span === 0 && shown !== null) [fromNs, span] = [shown.fromNs, shown.toNs - shown.fromNs];
    const at = timeAt(event);
    const isInside = at >= fromNs && at <= fromNs + span;
    grip = isInside ? at - fromNs : span / 2;
    overview.setPointerCapture(event.pointerId);
    if (!isInside) move(event);
    event.preventDefault();
  });
  overview.addEventListener('pointermove', (event) => {
    if (grip !== null) move(event);
  });
  for (const name of ['pointerup', 'pointercancel']) overview.addEventListener(name, () => (grip = null));
  return {
    follow([from, to]) {
      [fromNs, span] = [from, to - from];
      const width = Math.max(4, (span / endNs) * WHOLE_WIDTH);
      own.setAttribute('x', String(Math.min(WHOLE_WIDTH - width, (from / endNs) * WHOLE_WIDTH)));
      own.setAttribute('width', String(width));
    },
  };
}

/** The window of the story that is shown above. */
export function storyFrame(): { readonly fromNs: number; readonly toNs: number } | null {
  const frames = [...document.querySelectorAll<SVGRectElement>('.whole .frame[data-from-ns]')];
  const frame = frames.find((it) => getComputedStyle(it).display !== 'none');
  if (frame === undefined) return null;
  return { fromNs: Number(frame.dataset['fromNs']), toNs: Number(frame.dataset['toNs']) };
}
