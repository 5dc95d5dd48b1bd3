/** The stack of open choices of a search: for each a configuration to come back to, and the choices not yet taken. */

/** Nothing was tried yet; the returning operation was, without looking at the others; all choices are listed. */
export const FRESH = 0;
export const STARTED = 1;
export const LISTED = 2;

const NONE = -2;
const FIELDS = 8;
const POSITION = 0;
const STATE = 1;
const LOG_LENGTH = 2;
const STAGE = 3;
const CHOSEN = 4;
const FIRST_CHOICE = 5;
const NEXT_CHOICE = 6;
const CHAIN = 7;

/** What to come back to, the sets of slots aside. */
export interface Configuration {
  readonly position: number;
  readonly state: number;
  readonly logLength: number;
  /** How many operations took effect at this event before. */
  readonly chain: number;
}

/** Each frame also has three sets of slots: used, free, and the crashed ones on which its failure rests. */
export class Frames {
  readonly #words: number;
  #fields: Int32Array = new Int32Array(64 * FIELDS);
  #sets: Int32Array;
  #choices: Int32Array = new Int32Array(256);
  #choiceCount = 0;
  depth = 0;

  constructor(words: number) {
    this.#words = words;
    this.#sets = new Int32Array(64 * 3 * words);
  }

  get bytes(): number {
    return 4 * (this.#fields.length + this.#sets.length + this.#choices.length);
  }

  push(configuration: Configuration, sets: Int32Array): void {
    const { position, state, logLength, chain } = configuration;
    const at = this.depth++ * FIELDS;
    if (at === this.#fields.length) {
      this.#fields = doubled(this.#fields);
      this.#sets = doubled(this.#sets);
    }
    this.#fields[at + POSITION] = position;
    this.#fields[at + STATE] = state;
    this.#fields[at + LOG_LENGTH] = logLength;
    this.#fields[at + STAGE] = FRESH;
    this.#fields[at + CHOSEN] = NONE;
    this.#fields[at + FIRST_CHOICE] = this.#choiceCount;
    this.#fields[at + NEXT_CHOICE] = this.#choiceCount;
    this.#fields[at + CHAIN] = chain;
    const words = this.#words;
    const into = (this.depth - 1) * 3 * words;
    for (let word = 0; word < 2 * words; word++) this.#sets[into + word] = sets[word]!;
    this.#sets.fill(0, into + 2 * words, into + 3 * words);
  }

  pop(): void {
    this.#choiceCount = this.#field(0, FIRST_CHOICE);
    this.depth--;
  }

  /** Adds a choice to the innermost frame, to be taken after those offered before. */
  offer(choice: number): void {
    if (this.#choiceCount === this.#choices.length) this.#choices = doubled(this.#choices);
    this.#choices[this.#choiceCount++] = choice;
  }

  /** How many choices the innermost frame has. */
  get offered(): number {
    return this.#choiceCount - this.#field(0, FIRST_CHOICE);
  }

  /** Of the innermost frame, by number. */
  offeredAt(i: number): number {
    return this.#choices[this.#field(0, FIRST_CHOICE) + i]!;
  }

  offerAt(i: number, choice: number): void {
    this.#choices[this.#field(0, FIRST_CHOICE) + i] = choice;
  }

  /** Takes back an offer of the innermost frame, by number. */
  withdraw(i: number): void {
    const at = this.#field(0, FIRST_CHOICE) + i;
    this.#choices.copyWithin(at, at + 1, this.#choiceCount--);
  }

  /** The next choice of the innermost frame; NaN where all were taken. */
  next(): number {
    const at = (this.depth - 1) * FIELDS + NEXT_CHOICE;
    const next = this.#fields[at]!;
    if (next === this.#choiceCount) return NaN;
    this.#fields[at] = next + 1;
    return this.#choices[next]!;
  }

  get stage(): number {
    return this.#field(0, STAGE);
  }

  set stage(stage: number) {
    this.#fields[(this.depth - 1) * FIELDS + STAGE] = stage;
  }

  set chosen(choice: number) {
    this.#fields[(this.depth - 1) * FIELDS + CHOSEN] = choice;
  }

  /** True if the innermost frame has taken a choice. */
  get hasChosen(): boolean {
    return this.#field(0, CHOSEN) !== NONE;
  }

  /** What the frame so many frames further out chose. */
  chosenAt(outwards: number): number {
    return this.#field(outwards, CHOSEN);
  }

  stateAt(outwards: number): number {
    return this.#field(outwards, STATE);
  }

  get position(): number {
    return this.#field(0, POSITION);
  }

  get state(): number {
    return this.#field(0, STATE);
  }

  get logLength(): number {
    return this.#field(0, LOG_LENGTH);
  }

  get chain(): number {
    return this.#field(0, CHAIN);
  }

  /** A word of the used and free sets of the frame so many frames further out. */
  wordAt(outwards: number, word: number): number {
    return this.#sets[(this.depth - 1 - outwards) * 3 * this.#words + word]!;
  }

  /** Copies the innermost frame's used and free sets. */
  copySets(into: Int32Array): void {
    const at = (this.depth - 1) * 3 * this.#words;
    for (let word = 0; word < 2 * this.#words; word++) into[word] = this.#sets[at + word]!;
  }

  /** A word of the crashed slots on which the innermost frame's failure rests. */
  ground(word: number): number {
    return this.#sets[(this.depth - 1) * 3 * this.#words + 2 * this.#words + word]!;
  }

  addGround(word: number, bits: number): void {
    this.#sets[(this.depth - 1) * 3 * this.#words + 2 * this.#words + word]! |= bits;
  }

  #field(outwards: number, field: number): number {
    return this.#fields[(this.depth - 1 - outwards) * FIELDS + field]!;
  }
}

function doubled(from: Int32Array): Int32Array {
  const into = new Int32Array(2 * from.length);
  into.set(from);
  return into;
}
