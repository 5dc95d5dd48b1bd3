/**
 * The explorer: a window on all operations of the run. Holds what is chosen (key, axis, window, operation) and draws at most
 * once a frame; `controls.ts` and `overview-frame.ts` are the hands on it.
 */
import { barTitle } from '../../report/bar-words.ts';
import { barAt, type RunColumns } from '../../report/explorer/run-columns.ts';
import { count } from '../../report/format.ts';
import { countWithin, MOST_BARS, paintBars } from './bars.ts';
import { paintDensity } from './density.ts';
import type { FrameDrawn } from './frame-drawn.ts';
import { type Geometry, geometryOf, positionAt, xOf } from './geometry.ts';
import { type Layout, layOut, placesWithin } from './layout.ts';
import { type Palette, readPalette } from './palette.ts';
import { paintScenery } from './scenery.ts';
import { Window } from './window.ts';

/** Operations on either side of one that is jumped to. */
const NEIGHBOURS = 40;
/** Pixels beside a bar that still mean it. */
const REACH_PX = 4;

export class Explorer {
  readonly window: Window = new Window();
  readonly run: RunColumns;
  readonly #view: HTMLElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #said: HTMLElement;
  readonly #seen: HTMLElement;
  readonly #moved: () => void;
  #layout: Layout;
  #geometry: Geometry;
  #palette: Palette;
  #key = -1;
  #selected = -1;
  #isAwaited = false;

  /** @param moved is called in each frame, with the window as it is then */
  constructor(root: HTMLElement, run: RunColumns, moved: () => void) {
    this.run = run;
    this.#moved = moved;
    this.#view = root.querySelector<HTMLElement>('.exview')!;
    this.#canvas = root.querySelector('canvas')!;
    this.#said = root.querySelector<HTMLElement>('.ex-said')!;
    this.#seen = root.querySelector<HTMLElement>('.ex-seen')!;
    this.#layout = layOut(run, { key: -1, isOrdered: false });
    this.#geometry = geometryOf(this.#layout, this.#view.clientWidth);
    this.#palette = readPalette(root);
    this.#resetWindow();
    new ResizeObserver(() => this.#resize()).observe(this.#view);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#repaint(root));
  }

  get key(): number {
    return this.#key;
  }

  get isOrdered(): boolean {
    return this.#layout.isOrdered;
  }

  /** The instants at the ends of the window. */
  get times(): readonly [fromNs: number, toNs: number] {
    return [this.#layout.timeAt(this.window.from), this.#layout.timeAt(this.window.to)];
  }

  /** Shows the operations of one key, -1 for all, along time or in the order of events; what was in sight stays there. */
  choose({ key, isOrdered }: { readonly key: number; readonly isOrdered: boolean }): void {
    const [fromNs, toNs] = this.times;
    const isWhole = this.window.span === this.#layout.length;
    this.#key = key;
    this.#layout = layOut(this.run, { key, isOrdered });
    this.#resetWindow();
    if (!isWhole) this.showTimes(fromNs, toNs);
    this.#resize();
    this.#view.dispatchEvent(new Event('chosen'));
  }

  showTimes(fromNs: number, toNs: number): void {
    this.window.show(this.#layout.positionOf(fromNs), this.#layout.positionOf(toNs));
    this.draw();
  }

  showAll(): void {
    this.window.show(0, this.#layout.length);
    this.draw();
  }

  moveBy(share: number): void {
    this.window.moveBy(share);
    this.draw();
  }

  /** @param x in pixels of the canvas; the middle of it where there is no pointer */
  zoom(factor: number, x?: number): void {
    const { left, width } = this.#geometry;
    this.window.zoom(factor, positionAt(this.#geometry, this.window, Math.max(left, x ?? (left + width) / 2)));
    this.draw();
  }

  /** Moves by pixels, as a hand does that drags. */
  drag(pixels: number): void {
    this.moveBy(-pixels / (this.#geometry.width - this.#geometry.left));
  }

  /** Shows an operation with its neighbours; false where the page does not carry it. */
  find(id: number): boolean {
    const row = this.run.id.indexOf(id);
    if (row < 0) return false;
    if (this.#key >= 0 && this.run.key[row] !== this.#key) this.choose({ key: -1, isOrdered: this.isOrdered });
    const { from } = this.run;
    const last = this.run.count - 1;
    this.showTimes(from[Math.max(0, row - NEIGHBOURS)]!, from[Math.min(last, row + NEIGHBOURS)]!);
    this.select(row);
    return true;
  }

  /** Selects by place in the columns. */
  select(row: number): void {
    const { start, end } = this.#layout;
    this.#selected = row;
    this.#said.textContent = this.describe(row);
    this.window.reveal(start[row]!, end[row]!);
    history.replaceState(history.state, '', `#op-${this.run.id[row]}`);
    this.draw();
  }

  /** The next operation of the chosen key, or the one before; from the window's edge on where none is selected. */
  step(by: 1 | -1): void {
    const { run } = this;
    const [fromNs] = this.times;
    const first = run.from.findIndex((time) => time >= fromNs);
    let row = this.#selected < 0 ? first : this.#selected + by;
    while (row >= 0 && row < run.count && this.#key >= 0 && run.key[row] !== this.#key) row += by;
    if (row >= 0 && row < run.count) this.select(row);
  }

  /** The operation under a pixel; -1 where there is none, or where there are too many to tell. */
  rowAt(x: number, y: number): number {
    const geometry = this.#geometry;
    const lane = this.#layout.lanes[Math.floor((y - geometry.top) / geometry.pitch)];
    if (
      lane === undefined ||
      x < geometry.left ||
      countWithin({ layout: this.#layout, window: this.window }) > MOST_BARS
    )
      return -1;
    const { start, end } = this.#layout;
    const [from, to] = [x - REACH_PX, x + REACH_PX].map((pixel) => positionAt(geometry, this.window, pixel));
    const [first, last] = placesWithin(lane, start, from!, to!);
    const rows = lane.rows.subarray(first, last).filter((row) => end[row]! >= from!);
    // The narrow one on top of the wide one is meant.
    return rows.reduce((best, row) => (best < 0 || start[row]! >= start[best]! ? row : best), -1);
  }

  describe(row: number): string {
    return barTitle(barAt(this.run, row), this.run.isBad[row] === 1);
  }

  /** Draws in the next frame. */
  draw(): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    requestAnimationFrame(() => {
      this.#isAwaited = false;
      this.#draw();
    });
  }

  #draw(): void {
    const startMs = performance.now();
    const context = this.#canvas.getContext('2d', { alpha: false })!;
    const [layout, geometry, palette] = [this.#layout, this.#geometry, this.#palette];
    const stage = { context, run: this.run, layout, geometry, palette, window: this.window };
    const seen = countWithin(stage);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    paintScenery(stage);
    if (seen > MOST_BARS) paintDensity(stage);
    const rows = seen > MOST_BARS ? null : paintBars(stage, this.#selected);
    this.#moved();
    this.#tellSeen(seen);
    this.#tellWatcher({ startMs, endMs: performance.now(), rows });
  }

  #tellSeen(seen: number): void {
    const text = `${count(seen)} of ${count(this.#layout.count)} in sight${seen > MOST_BARS ? ', as densities: zoom in for each' : ''}`;
    if (this.#seen.textContent !== text) this.#seen.textContent = text;
  }

  #tellWatcher(detail: FrameDrawn): void {
    if (this.#view.dataset['watched'] !== undefined) this.#view.dispatchEvent(new CustomEvent('drawn', { detail }));
  }

  /** No window is so narrow that nothing can be told apart in it. */
  #resetWindow(): void {
    const isFine = this.#layout.isOrdered || !this.run.meta.isTimed;
    this.window.reset(this.#layout.length, isFine ? 8 : Math.max(10_000, 20 * this.run.meta.unitNs));
  }

  #resize(): void {
    this.#geometry = geometryOf(this.#layout, this.#view.clientWidth);
    const { width, height } = this.#geometry;
    Object.assign(this.#canvas, { width: width * devicePixelRatio, height: height * devicePixelRatio });
    this.#canvas.style.height = `${height}px`;
    this.draw();
  }

  #repaint(root: HTMLElement): void {
    this.#palette = readPalette(root);
    this.draw();
  }

  /** Left edge and middle line of an operation on the canvas, for the tip beside it. */
  placeOf(row: number): { readonly x: number; readonly y: number } {
    const { top, pitch, left } = this.#geometry;
    const client = this.run.clients[this.run.client[row]!];
    const lane = this.#layout.lanes.findIndex((it) => it.client === client);
    return { x: Math.max(left, xOf(this.#geometry, this.window, this.#layout.start[row]!)), y: top + lane * pitch };
  }
}
