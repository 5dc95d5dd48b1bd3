/** A timeline of the page: its picture, and how its x and its time go together. True time is linear; event order is not. */
import { LEFT, RIGHT, WIDTH } from '../report/scale.ts';
import { all } from './dom.ts';

export interface View {
  readonly root: HTMLElement;
  readonly picture: SVGSVGElement;
  readonly fromNs: number;
  readonly toNs: number;
  /** Where the time line stood when the page was made: at the bad read. */
  readonly atNs: number;
  /** Where x, as it was drawn, is shown now. */
  place: (x: number) => number;
  /** The opposite of `place`. */
  origin: (x: number) => number;
}

export function views(): readonly View[] {
  return all('.view').flatMap((root) => {
    const picture = root.querySelector<SVGSVGElement>('svg.picture');
    if (picture === null) return [];
    const { fromNs, toNs, atNs } = picture.dataset;
    const same = (x: number): number => x;
    return [
      { root, picture, fromNs: Number(fromNs), toNs: Number(toNs), atNs: Number(atNs), place: same, origin: same },
    ];
  });
}

/** The one that is seen; others belong to other anomalies. */
export function isShown({ picture }: View): boolean {
  return picture.getClientRects().length > 0;
}

/** x of an instant as it was drawn. */
export function xOf({ fromNs, toNs }: View, timeNs: number): number {
  return LEFT + ((timeNs - fromNs) / (toNs - fromNs)) * (RIGHT - LEFT);
}

/** The instant at an x as it was drawn. */
export function timeAt({ fromNs, toNs }: View, x: number): number {
  return fromNs + ((Math.min(RIGHT, Math.max(LEFT, x)) - LEFT) / (RIGHT - LEFT)) * (toNs - fromNs);
}

/** From the pointer to the picture's own px. */
export function pictureX({ picture }: View, clientX: number): number {
  const { left, width } = picture.getBoundingClientRect();
  return ((clientX - left) / width) * WIDTH;
}
