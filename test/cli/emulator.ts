/** As much of a terminal as the program uses: lines, the cursor up, everything below deleted, colours ignored. Tells when it is used otherwise. */

export class Emulator {
  readonly columns: number;
  /** Everything that was written, in pieces. */
  readonly written: string[] = [];
  #lines: string[] = [''];
  #row = 0;
  #column = 0;

  constructor(columns = 80) {
    this.columns = columns;
  }

  /** What a reader sees, scrolled off or not. */
  get screen(): readonly string[] {
    return this.#lines.at(-1) === '' ? this.#lines.slice(0, -1) : this.#lines;
  }

  write(text: string): void {
    this.written.push(text);
    // oxlint-disable-next-line no-control-regex
    for (const part of text.match(/\u001b\[[\d;]*[A-Za-z]|[^\u001b]/gu) ?? []) {
      if (part.length > 1 && part.startsWith('\u001b')) this.#obey(part);
      else if (part === '\n') this.#newLine();
      else if (part === '\r') this.#column = 0;
      else this.#put(part);
    }
  }

  #obey(sequence: string): void {
    const [number, name] = [Number.parseInt(sequence.slice(2), 10) || 1, sequence.at(-1)];
    if (name === 'A') {
      if (number > this.#row) throw new Error(`the cursor went above the screen by ${number - this.#row}`);
      this.#row -= number;
    } else if (name === 'J') {
      this.#lines = this.#lines.slice(0, this.#row + 1);
      this.#lines[this.#row] = this.#lines[this.#row]!.slice(0, this.#column);
    } else if (name !== 'm') throw new Error(`unknown: ${JSON.stringify(sequence)}`);
  }

  #newLine(): void {
    this.#row++;
    this.#column = 0;
    this.#lines[this.#row] ??= '';
  }

  #put(character: string): void {
    if (this.#column === this.columns) this.#newLine();
    const line = Array.from(this.#lines[this.#row] ?? '');
    line[this.#column] = character;
    this.#lines[this.#row] = line.join('');
    this.#column++;
  }
}
