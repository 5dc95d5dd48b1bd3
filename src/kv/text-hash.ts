/** A hash over texts: 32 bits, enough to notice a difference, not meant to withstand malice. */

/** FNV-1a over the UTF-16 units of texts, each closed by a unit that no text of ours has, so that none runs into the next. */
export class TextHash {
  #hash = 0x811c9dc5;

  add(text: string): this {
    for (let i = 0; i < text.length; i++) this.#mix(text.charCodeAt(i));
    this.#mix(0);
    return this;
  }

  get value(): number {
    return this.#hash >>> 0;
  }

  #mix(unit: number): void {
    this.#hash = Math.imul(this.#hash ^ unit, 0x01000193);
  }
}
