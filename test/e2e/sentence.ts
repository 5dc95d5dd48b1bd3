/**
 * Does the sentence about a stale read say what history.jsonl says? Read independently of the checker: the lines are parsed
 * here, and every number of the sentence is looked up or computed again.
 */
import { readFileSync } from 'node:fs';

interface Line {
  readonly index: number;
  readonly time: number;
  readonly process: number;
  readonly type: string;
  readonly f: string;
  readonly key: string;
  readonly value: unknown;
  readonly error?: string;
  readonly node?: string;
}

const STALE_SENTENCE: RegExp =
  /^Client (\d+) read (\S+) = (.+?) from (\S+) at ([\d.]+) s, although \2 = (.+?) had (already been read|been acknowledged) ([\d.]+) ms before\.$/;

/** What disagrees with the history; empty where all of it holds. */
export function disagreements(options: {
  readonly sentence: string;
  readonly historyFile: string;
  readonly clients: number;
}): string[] {
  const match = STALE_SENTENCE.exec(options.sentence);
  if (match === null) return [`not a stale-read sentence: ${options.sentence}`];
  const [, client, key, old, node, atS, newer, how, gapMs] = match;
  const lines = readFileSync(options.historyFile, 'utf8')
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as Line)
    .filter((line) => line.key === key);
  const reads = lines.filter(
    (line) =>
      line.type === 'ok' &&
      line.f === 'read' &&
      line.process % options.clients === Number(client) &&
      line.node === node &&
      shown(line.value) === old &&
      near(invocation(lines, line).time / 1e9, Number(atS), 0.0006),
  );
  if (reads.length === 0) return [`no read of ${key} = ${old} by client ${client} from ${node} at ${atS} s`];
  const problems = reads.map((read) =>
    newerValueProblem({ lines, read: invocation(lines, read), newer: newer!, how: how!, gapMs: Number(gapMs) }),
  );
  return problems.includes(null) ? [] : problems.filter((it) => it !== null);
}

function newerValueProblem(it: {
  lines: readonly Line[];
  read: Line;
  newer: string;
  how: string;
  gapMs: number;
}): string | null {
  const seen = it.lines.filter((line) => line.type === 'ok' && line.time < it.read.time);
  const returns = seen
    .filter((line) => (it.how === 'been acknowledged' ? wrote(line) : observed(line)) === it.newer)
    .map((line) => line.time);
  const everyReturn = seen
    .filter((line) => wrote(line) === it.newer || observed(line) === it.newer)
    .map((line) => line.time);
  if (returns.length === 0) return `${it.newer} had not ${it.how} before the read`;
  const first = Math.min(...everyReturn);
  if (Math.min(...returns) !== first) return `${it.newer} was not first ${it.how}`;
  const gapMs = (it.read.time - first) / 1e6;
  return near(gapMs, it.gapMs, it.gapMs < 10 ? 0.051 : 0.51) ? null : `the gap is ${gapMs} ms, not ${it.gapMs} ms`;
}

function wrote(line: Line): string | null {
  if (line.f === 'write') return shown(line.value);
  return line.f === 'cas' ? shown((line.value as readonly unknown[])[1]) : null;
}

/** An ok cas observes the value that it expected. */
function observed(line: Line): string | null {
  if (line.f === 'read') return shown(line.value);
  return line.f === 'cas' ? shown((line.value as readonly unknown[])[0]) : null;
}

function invocation(lines: readonly Line[], completion: Line): Line {
  const found = lines.findLast(
    (line) => line.type === 'invoke' && line.process === completion.process && line.index < completion.index,
  );
  if (found === undefined) throw new Error(`line ${completion.index} completes nothing`);
  return found;
}

function shown(value: unknown): string {
  return value === null ? 'null' : typeof value === 'string' ? value : JSON.stringify(value);
}

function near(a: number, b: number, tolerance: number): boolean {
  return Math.abs(a - b) <= tolerance;
}
