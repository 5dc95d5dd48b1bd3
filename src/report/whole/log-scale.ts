/** A logarithmic height: whole powers of ten from bottom to top, with a line and a label at each. */
import { html, type Markup } from '../escape.ts';
import { round } from '../scale.ts';
import { WHOLE_WIDTH } from './axis.ts';

export interface LogScale {
  readonly top: number;
  readonly bottom: number;
  /** Powers of ten at the bottom and at the top. */
  readonly low: number;
  readonly high: number;
}

/** Holds all of the numbers, which are above 0; at least one power of ten. */
export function logScale(
  numbers: readonly number[],
  { top, bottom }: { readonly top: number; readonly bottom: number },
): LogScale {
  const least = numbers.reduce((left, right) => Math.min(left, right), Infinity);
  const most = numbers.reduce((left, right) => Math.max(left, right), 0);
  const low = Math.floor(Math.log10(least));
  return { top, bottom, low, high: Math.max(low + 1, Math.ceil(Math.log10(most))) };
}

/** y of a number, to a tenth. */
export function logY({ top, bottom, low, high }: LogScale, number: number): number {
  const share = (Math.log10(number) - low) / (high - low);
  return round(bottom - Math.min(1, Math.max(0, share)) * (bottom - top));
}

/** Room that a label needs above its line. */
const LABEL_ROOM = 17;

/** Lines at the powers of ten; their labels stand above them at the left, so that x means the same in every picture. */
export function logGrid(scale: LogScale, say: (number: number) => string): Markup {
  const powers = Array.from({ length: scale.high - scale.low + 1 }, (_, at) => scale.low + at);
  const every = Math.ceil((LABEL_ROOM * (scale.high - scale.low)) / (scale.bottom - scale.top));
  return html`${powers.map((power) => {
    if ((power - scale.low) % every !== 0) return null;
    const y = logY(scale, 10 ** power);
    return html`<path class="grid" d="M0 ${y}H${WHOLE_WIDTH}" /><text class="m dim s mark" x="2" y="${y - 3}"
        >${say(10 ** power)}</text
      >`;
  })}`;
}

/** `100 µs`, `1 ms`, `10 s`. */
export function sayMs(ms: number): string {
  if (ms >= 1000) return `${Number((ms / 1000).toPrecision(3))} s`;
  return ms >= 1 ? `${Number(ms.toPrecision(3))} ms` : `${Number((ms * 1000).toPrecision(3))} µs`;
}
