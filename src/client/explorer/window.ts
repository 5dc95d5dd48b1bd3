/** The part of the axis that is seen, moved and zoomed, never beyond the run. */

export class Window {
  from = 0;
  to = 1;
  #length = 1;
  #leastSpan = 1;

  /** The axis has another length, or means something else: everything is seen. */
  reset(length: number, leastSpan: number): void {
    this.#length = length;
    this.#leastSpan = Math.min(leastSpan, length);
    this.show(0, length);
  }

  get span(): number {
    return this.to - this.from;
  }

  show(from: number, to: number): void {
    const span = Math.min(this.#length, Math.max(this.#leastSpan, to - from));
    const middle = (from + to) / 2;
    this.from = Math.max(0, Math.min(this.#length - span, middle - span / 2));
    this.to = this.from + span;
  }

  /** By a share of what is seen. */
  moveBy(share: number): void {
    const by = share * this.span;
    this.show(this.from + by, this.to + by);
  }

  /** @param factor below 1 shows less; the position stays where it is */
  zoom(factor: number, position: number): void {
    const span = Math.min(this.#length, Math.max(this.#leastSpan, this.span * factor));
    const share = (position - this.from) / this.span;
    this.show(position - share * span, position + (1 - share) * span);
  }

  /** Moves as little as brings a stretch into sight. */
  reveal(from: number, to: number): void {
    const margin = 0.1 * this.span;
    if (from - margin < this.from) this.show(from - margin, from - margin + this.span);
    else if (to + margin > this.to && to - from < this.span) this.show(to + margin - this.span, to + margin);
  }
}
