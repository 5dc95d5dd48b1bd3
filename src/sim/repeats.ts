/**
 * How often the same content went the same way: a part of what a frame *is*, so that two equal ones do not share a fate. What was not seen
 * among the last few thousand contents is forgotten, and begins anew; else an hour of frames would stay in memory.
 */

/** Contents that are remembered at least, and half of what is at most. */
const REMEMBERED = 4096;

export class Repeats<Content extends number | string = number> {
  /** The older ones are those that were not seen since the present ones were begun. */
  #present = new Map<Content, number>();
  #older = new Map<Content, number>();

  /** How often this content was asked for before. */
  next(content: Content): number {
    const older = this.#older;
    const repeat = this.#present.get(content) ?? (older.size === 0 ? undefined : older.get(content)) ?? 0;
    this.#present.set(content, repeat + 1);
    if (this.#present.size === REMEMBERED) {
      this.#older = this.#present;
      this.#present = new Map();
    }
    return repeat;
  }
}
