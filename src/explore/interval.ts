/** How sure a share is that was counted: the 95 % score interval of Wilson (1927), which also holds for few and for none. */

const Z = 1.96;

/** Both ends, from 0 to 1, of the rate that `hits` of `trials` speak for. */
export function interval95(hits: number, trials: number): readonly [low: number, high: number] {
  if (trials === 0) return [0, 1];
  const share = hits / trials;
  const square = Z * Z;
  const centre = share + square / (2 * trials);
  const half = Z * Math.sqrt((share * (1 - share) + square / (4 * trials)) / trials);
  const scale = 1 + square / trials;
  return [hits === 0 ? 0 : (centre - half) / scale, hits === trials ? 1 : (centre + half) / scale];
}
