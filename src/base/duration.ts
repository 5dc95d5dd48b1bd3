/** Durations as people write them: `500ms`, `20s`, `2m`. */
import { StalemateError } from './errors.ts';

const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds. Throws a usage error that names `flag` unless `text` is a positive number followed by ms, s, m or h. */
export function parseDurationMs(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
  const ms = match === null ? Number.NaN : Number(match[1]) * MS_PER_UNIT[match[2]!]!;
  if (!(ms > 0)) {
    throw new StalemateError('usage', `${flag} ${text}: not a duration`, 'write a number and a unit: 500ms, 20s or 2m');
  }
  return ms;
}

/** The shortest exact form that `parseDurationMs` reads back: 20000 is `20s`. */
export function formatDuration(ms: number): string {
  for (const unit of ['h', 'm', 's'] as const) {
    const per = MS_PER_UNIT[unit]!;
    if (ms >= per && ms % per === 0) return `${ms / per}${unit}`;
  }
  return `${ms}ms`;
}
