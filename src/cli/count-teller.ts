/** Tells how much of many is done: on a terminal in place, elsewhere a plain line every ten seconds. */
import { liveCountLines } from '../report/index.ts';
import type { Screen } from './command.ts';

const PLAIN_EVERY_MS = 10_000;

export class CountTeller {
  readonly #screen: Screen;
  readonly #all: number;
  #nextPlainMs = performance.now() + PLAIN_EVERY_MS;

  constructor(screen: Screen, all: number) {
    this.#screen = screen;
    this.#all = all;
  }

  /**
   * @param words the same as a sentence
   * @param now what is under way; on a terminal only
   */
  tell(done: number, words: () => string, now?: () => string): void {
    const { live } = this.#screen;
    const lines = (): readonly string[] =>
      liveCountLines({ done, all: this.#all, words: words(), ...(now !== undefined && { now: now() }) });
    if (live !== null) live.draw(lines);
    else if (performance.now() >= this.#nextPlainMs) {
      this.#nextPlainMs = performance.now() + PLAIN_EVERY_MS;
      this.#screen.say(`  ${words()}`);
    }
  }
}
