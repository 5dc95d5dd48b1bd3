/** What a drawn frame tells whoever measures the explorer. */

/** What a frame drew and how long it took, told to whoever watches the explorer (`data-watched`). */
export interface FrameDrawn {
  readonly startMs: number;
  readonly endMs: number;
  /** Places of the operations that were drawn one by one; null where the lanes were densities. */
  readonly rows: Int32Array | null;
}
