/** How columns grow: rarely, because untouched memory costs nothing (the host gives zeros when they are first written to), and copying does. */

/** The length of an array with room for so many: 2^8, 2^12, 2^16, 2^20, and doubled from there on. */
export function capacityFor(count: number): number {
  let capacity = 1 << 8;
  while (capacity < count) capacity *= capacity < 1 << 20 ? 16 : 2;
  return capacity;
}

/** `into`, which begins with what stands in `from`. */
export function grown<A extends Uint8Array | Int32Array | Float64Array>(from: A, into: A): A {
  into.set(from);
  return into;
}
