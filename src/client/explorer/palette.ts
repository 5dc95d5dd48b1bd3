/** The page's colours, which the theme decides, for a canvas that knows no style sheet. */

const NAMES = [
  'panel',
  'ink',
  'ink2',
  'ink3',
  'line',
  'writefill',
  'write',
  'read',
  'badfill',
  'bad',
  'warn',
  'fault',
  'faultsoft',
  'focus',
  'sans',
  'mono',
] as const;

export type Palette = Readonly<Record<(typeof NAMES)[number], string>>;

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const pairs = NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]);
  return Object.fromEntries(pairs) as Palette;
}

/** Red, green, blue of `#rrggbb` or `#rgb`. */
export function channels(colour: string): readonly [number, number, number] {
  const digits = colour.replace('#', '');
  const long = digits.length === 3 ? digits.replace(/./g, '$&$&') : digits;
  const at = (place: number): number => Number.parseInt(long.slice(place, place + 2), 16) || 0;
  return [at(0), at(2), at(4)];
}
