/** The stack of open choices of a search: for each a configuration to come back to, and the choices not yet taken. */
export interface Frame {
  readonly position: number;
  readonly state: number;
  readonly logLength: number;
}

export class Frames {
  readonly #width: number;
  readonly #frames: Frame[] = [];
  /** Where each frame's choices begin in `#choices`, and which comes next. */
  readonly #first: number[] = [];
  readonly #next: number[] = [];
  readonly #choices: number[] = [];
  #sets: Int32Array;

  /** @param width words of the sets of a configuration */
  constructor(width: number) {
    this.#width = width;
    this.#sets = new Int32Array(64 * width);
  }

  isEmpty(): boolean {
    return this.#frames.length === 0;
  }

  push(position: number, state: number, logLength: number, sets: Int32Array): void {
    const at = this.#frames.length * this.#width;
    if (at + this.#width > this.#sets.length) {
      const larger = new Int32Array(this.#sets.length * 2);
      larger.set(this.#sets);
      this.#sets = larger;
    }
    this.#sets.set(sets, at);
    this.#frames.push({ position, state, logLength });
    this.#first.push(this.#choices.length);
    this.#next.push(this.#choices.length);
  }

  /** Adds a choice to the innermost frame, to be taken after those offered before. */
  offer(choice: number): void {
    this.#choices.push(choice);
  }

  /** The next choice of the innermost frame; undefined where all were taken. */
  next(): number | undefined {
    const frame = this.#frames.length - 1;
    return this.#choices[this.#next[frame]!++];
  }

  top(): Frame {
    return this.#frames[this.#frames.length - 1]!;
  }

  /** Copies the innermost frame's sets. */
  copySets(into: Int32Array): void {
    const at = (this.#frames.length - 1) * this.#width;
    for (let word = 0; word < this.#width; word++) into[word] = this.#sets[at + word]!;
  }

  pop(): void {
    this.#frames.pop();
    this.#next.pop();
    this.#choices.length = this.#first.pop()!;
  }
}
