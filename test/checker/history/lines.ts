/** Random lines of history.jsonl, written as the recorder writes them, that follow one another. */
import type { Json } from '../../../checker/index.ts';
import type { Random } from '../../../src/base/random.ts';

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

interface Open {
  readonly process: number;
  readonly f: string;
  readonly key: string | undefined;
  readonly value: Json;
}

/** So many lines, each with its line feed. Every kind of line is among many. */
export function randomLines(random: Random, count: number): readonly Uint8Array[] {
  const lines: string[] = [];
  const open: Open[] = [];
  const idle = [0, 1, 2, 3, 40];
  let time = random.pick([0, 5, 99_999_990, 999_999_990, 12_345_678_901_234]);
  let index = 0;
  const write = (it: Open, type: string, value: Json, rest: object): void => {
    time += random.pick([0, 1, 30, 1_000_000]);
    index += random.pick([1, 1, 1, 7]);
    const { process, f, key } = it;
    lines.push(`${JSON.stringify({ index, time, process, type, f, key, value, ...rest })}\n`);
  };
  while (lines.length < count) {
    const isCall = idle.length > 0 && (open.length === 0 || random.chance(0.5));
    if (isCall) {
      const it = call(random, idle.splice(random.int(idle.length), 1)[0]!);
      open.push(it);
      write(it, 'invoke', it.value, random.chance(0.8) ? { node: node(random) } : {});
    } else {
      const it = open.splice(random.int(open.length), 1)[0]!;
      const type = random.pick(['ok', 'ok', 'ok', 'fail', 'info']);
      idle.push(type === 'info' ? it.process + 100 : it.process);
      const value = type === 'ok' && it.f === 'read' ? scalar(random) : it.value;
      const error = type === 'ok' ? {} : { error: random.pick(['mismatch', 'timeout', 'no leader', '']) };
      const answerer = { node: node(random), term: random.int(30), applied: random.int(1e7) };
      write(it, type, value, { ...error, ...(type === 'info' || random.chance(0.2) ? {} : answerer) });
    }
  }
  return lines.map(bytesOf);
}

function call(random: Random, process: number): Open {
  const f = random.pick(['read', 'write', 'cas', 'append']);
  const key = random.chance(0.2) ? undefined : random.pick(['x', 'y', 'a much longer key', '']);
  const value = f === 'read' ? null : f === 'cas' ? [scalar(random), scalar(random)] : scalar(random);
  return { process, f, key, value };
}

function scalar(random: Random): Json {
  return random.pick([
    null,
    true,
    false,
    0,
    7,
    -7,
    123,
    1234,
    12_345_678,
    123_456_789,
    2 ** 53 - 1,
    1 - 2 ** 53,
    '',
    'v17',
  ]);
}

function node(random: Random): string {
  return random.pick(['n1', 'n2', 'host-12.example:8080']);
}
