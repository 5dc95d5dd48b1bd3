/**
 * The lines at the bottom of a terminal that are drawn again and again, at most five times a second. Whatever is said meanwhile
 * goes above them: it takes them away first, and they come back with the next drawing.
 */

const LEAST_MS = 200;
const MOST_LINES = 6;

/** As much of a terminal as is needed. */
export interface Terminal {
  readonly columns?: number;
  write(text: string): unknown;
}

export class LiveRegion {
  readonly #terminal: Terminal;
  readonly #nowMs: () => number;
  #drawn = 0;
  #lastMs = -Infinity;

  constructor(terminal: Terminal, nowMs: () => number) {
    this.#terminal = terminal;
    this.#nowMs = nowMs;
  }

  /** Draws them in place of the last ones; not at all where that was a moment ago. */
  draw(lines: () => readonly string[]): void {
    if (this.#nowMs() - this.#lastMs < LEAST_MS) return;
    this.#lastMs = this.#nowMs();
    // A line that wraps would be two, and the next drawing would leave one of them behind.
    const width = columnsOf(this.#terminal) - 1;
    const shown = lines()
      .slice(0, MOST_LINES)
      .map((line) => (line.length <= width ? line : `${line.slice(0, width - 1)}…`));
    this.#terminal.write(`${this.#erasure()}${shown.map((line) => `${line}\n`).join('')}`);
    this.#drawn = shown.length;
  }

  /** Takes them away. The next drawing is made at once: else the lines would be gone until the one after it. */
  erase(): void {
    const erasure = this.#erasure();
    this.#lastMs = -Infinity;
    this.#drawn = 0;
    if (erasure !== '') this.#terminal.write(erasure);
  }

  /** Up to their first line, and everything from there on deleted. */
  #erasure(): string {
    return this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A\r\u001b[J`;
  }
}

/** A terminal that does not know its width says 0. */
function columnsOf({ columns = 0 }: Terminal): number {
  return columns > 0 ? columns : 80;
}
