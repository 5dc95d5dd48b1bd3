/**
 * How often the same content went the same way: a part of what a frame *is*, so that two equal ones do not share a fate. What was not seen
 * among the last few thousand contents is forgotten, and begins anew; else an hour of frames would stay in memory.
 */

/** Contents that are remembered at least, and half of what is at most. */
const REMEMBERED = 4096;

/** Of contents that are told by their checksums, of 32 bits. */
export class Repeats {
  /** The older ones are those that were not seen since the present ones were begun. */
  #present = new Counts();
  #older = new Counts();

  /** How often this content was asked for before. */
  next(checksum: number): number {
    const repeat = this.#present.of(checksum) || this.#older.of(checksum);
    this.#present.set(checksum, repeat + 1);
    if (this.#present.size === REMEMBERED) {
      this.#older = this.#present;
      this.#present = new Counts();
    }
    return repeat;
  }
}

/** A table of counts by checksum, open addressing with linear probing, at most half full: it is asked for every frame of a run. */
class Counts {
  size = 0;
  /** Of each place its checksum, and its count; 0 where it is free. */
  #checksums = new Uint32Array(16);
  #counts = new Uint32Array(16);

  /** 0 where it was never set. */
  of(checksum: number): number {
    return this.#counts[this.#placeOf(checksum)]!;
  }

  set(checksum: number, count: number): void {
    const place = this.#placeOf(checksum);
    const isNew = this.#counts[place] === 0;
    this.#checksums[place] = checksum;
    this.#counts[place] = count;
    if (isNew && 2 * ++this.size > this.#counts.length) this.#grow();
  }

  #placeOf(checksum: number): number {
    const mask = this.#counts.length - 1;
    let place = checksum & mask;
    while (this.#counts[place] !== 0 && this.#checksums[place] !== checksum) place = (place + 1) & mask;
    return place;
  }

  #grow(): void {
    const checksums = this.#checksums;
    const counts = this.#counts;
    this.#checksums = new Uint32Array(2 * counts.length);
    this.#counts = new Uint32Array(2 * counts.length);
    for (let i = 0; i < counts.length; i++) {
      if (counts[i] === 0) continue;
      const place = this.#placeOf(checksums[i]!);
      this.#checksums[place] = checksums[i]!;
      this.#counts[place] = counts[i]!;
    }
  }
}
