/**
 * Event order: the calls and answers that are drawn at equal distances, in their order, so that what happened within a millisecond
 * can be told apart. Everything else is put between them, to scale from one to the next. What was changed is kept, to change it back.
 */
import { LEFT, RIGHT } from '../report/scale.ts';
import { all } from './dom.ts';
import { xOf, type View } from './view.ts';

/** A bar in event order is no thinner than this, and a bad one than its cross. */
const LEAST_WIDTH = 4;
const LEAST_BAD_WIDTH = 9;

interface Bar {
  readonly element: SVGAElement;
  readonly fromNs: number;
  /** Infinity where it was never answered. */
  readonly toNs: number;
}

/** Puts a picture into event order; returns what puts it back. */
export function warp(view: View): () => void {
  const { picture } = view;
  const bars = barsIn(view);
  const times = [...new Set(bars.flatMap(({ fromNs, toNs }) => [fromNs, toNs]))]
    .filter((timeNs) => timeNs > view.fromNs && timeNs < view.toNs)
    .toSorted((left, right) => left - right);
  const gap = (RIGHT - LEFT) / (times.length + 1);
  const drawn = [LEFT, ...times.map((timeNs) => xOf(view, timeNs)), RIGHT];
  const shown = drawn.map((_, nth) => LEFT + nth * gap);
  view.place = (x) => between(drawn, shown, x);
  view.origin = (x) => between(shown, drawn, x);
  const changes = new Changes();
  for (const bar of bars) placeBar(view, bar, changes);
  for (const rect of all<SVGRectElement>('.hit,.fault .hatch,.gap rect:first-child', picture))
    placeRect(view, rect, changes);
  for (const rect of all<SVGRectElement>('.role,.fault .band', picture)) placeNamed(view, rect, changes);
  for (const dot of all<SVGElement>('.served', picture)) place(view, dot, 'cx', changes);
  for (const path of all<SVGElement>('.tick,.fault .edge,.gap path,.must path', picture))
    changes.set(
      path,
      'd',
      path.getAttribute('d')!.replace(/([MH])([\d.]+)/g, (_, m: string, x: string) => m + shift(view, x)),
    );
  for (const label of all<SVGTextElement>('.must [data-to]', picture)) placeMust(view, label, changes);
  placeGap(picture, changes);
  return () => {
    changes.undo();
    view.place = view.origin = (x) => x;
  };
}

/** Attributes as they were. */
class Changes {
  readonly #before: (readonly [Element, string, string | null])[] = [];

  set(element: Element, name: string, value: string): void {
    this.#before.push([element, name, element.getAttribute(name)]);
    element.setAttribute(name, value);
  }

  undo(): void {
    for (const [element, name, value] of this.#before.toReversed()) {
      if (value === null) element.removeAttribute(name);
      else element.setAttribute(name, value);
    }
  }
}

function barsIn({ picture, fromNs }: View): readonly Bar[] {
  return all<SVGAElement>('a.op', picture)
    .filter((element) => element.getClientRects().length > 0)
    .map((element) => {
      const [start, length] = element.dataset['ns']!.split(' ');
      const callNs = fromNs + Number(start);
      return { element, fromNs: callNs, toNs: length === '' ? Infinity : callNs + Number(length) };
    });
}

/** Piecewise linear; both lists ascend. */
function between(from: readonly number[], to: readonly number[], x: number): number {
  const last = from.length - 1;
  if (x <= from[0]!) return to[0]!;
  if (x >= from[last]!) return to[last]!;
  const nth = from.findIndex((edge) => edge > x) - 1;
  const [a, b] = [from[nth]!, from[nth + 1]!];
  return to[nth]! + ((x - a) / (b - a)) * (to[nth + 1]! - to[nth]!);
}

function shift(view: View, x: string): string {
  return view.place(Number(x)).toFixed(1);
}

function place(view: View, element: Element, name: string, changes: Changes): void {
  changes.set(element, name, shift(view, element.getAttribute(name)!));
}

function placeRect(view: View, rect: SVGRectElement, changes: Changes): void {
  const [x, width] = ['x', 'width'].map((name) => Number(rect.getAttribute(name)));
  const from = view.place(x!);
  changes.set(rect, 'x', from.toFixed(1));
  changes.set(rect, 'width', Math.max(0.5, view.place(x! + width!) - from).toFixed(1));
}

/** A rectangle with the texts that follow it, on plates or not: they go where it goes, as long as it has room for them. */
function placeNamed(view: View, rect: SVGRectElement, changes: Changes): void {
  const before = Number(rect.getAttribute('x'));
  placeRect(view, rect, changes);
  const [from, width] = ['x', 'width'].map((name) => Number(rect.getAttribute(name)));
  const names = namesOf(rect);
  const longest = Math.max(0, ...names.map((name) => name.getBBox().width + Number(name.getAttribute('x')) - before));
  for (const name of names) {
    changes.set(name, 'x', (from! + Number(name.getAttribute('x')) - before).toFixed(1));
    if (longest > width!) changes.set(name, 'visibility', 'hidden');
  }
}

function namesOf(rect: SVGRectElement): readonly SVGGraphicsElement[] {
  const names: SVGGraphicsElement[] = [];
  for (let next = rect.nextElementSibling; next !== null; next = next.nextElementSibling) {
    if (next instanceof SVGRectElement && next.classList.contains('hatch')) continue;
    if (!(next instanceof SVGTextElement || next.classList.contains('plate'))) break;
    if (next.classList.contains('st')) break;
    names.push(next as SVGGraphicsElement);
  }
  return names;
}

function placeBar(view: View, { element, fromNs, toNs }: Bar, changes: Changes): void {
  const rect = element.querySelector('rect')!;
  const from = view.place(xOf(view, Math.max(fromNs, view.fromNs)));
  const to = view.place(xOf(view, Math.min(toNs, view.toNs)));
  const least = element.classList.contains('bad') ? LEAST_BAD_WIDTH : LEAST_WIDTH;
  const width = Math.max(least, to - from);
  changes.set(rect, 'x', from.toFixed(1));
  changes.set(rect, 'width', width.toFixed(1));
  const cross = element.querySelector('path');
  if (cross !== null)
    changes.set(cross, 'd', cross.getAttribute('d')!.replace(/^M[\d.]+/, `M${(from + width / 2 - 3).toFixed(1)}`));
  const label = element.querySelector('text');
  if (label === null) return;
  const isInside = label.classList.contains('in');
  const fits = isInside ? label.getBBox().width + 10 <= width : element.classList.contains('key');
  changes.set(label, 'x', (isInside ? from + 5 : from + width + 4).toFixed(1));
  if (!fits) changes.set(label, 'visibility', 'hidden');
}

function placeMust(view: View, label: SVGTextElement, changes: Changes): void {
  const from = view.place(Number(label.getAttribute('x')) - 5) + 5;
  const to = view.place(Number(label.dataset['to']));
  changes.set(label, 'x', from.toFixed(1));
  if (from + label.getBBox().width > to) changes.set(label, 'visibility', 'hidden');
}

/** The length of the gap stands in the middle of its bracket. */
function placeGap(picture: SVGSVGElement, changes: Changes): void {
  const [whole, plate] = all<SVGRectElement>('.gap rect', picture);
  const text = picture.querySelector('.gap text');
  if (whole === undefined || plate === undefined || text === null) return;
  const middle = Number(whole.getAttribute('x')) + Number(whole.getAttribute('width')) / 2;
  changes.set(plate, 'x', (middle - Number(plate.getAttribute('width')) / 2).toFixed(1));
  changes.set(text, 'x', middle.toFixed(1));
}
