/**
 * Measures one history in a process of its own: `node --import tsx test/bench/measure.ts '{"file": …}'` prints one JSON
 * document. What is measured is the built checker. The first scan and check are the cold ones, as a user has them,
 * and the peak of memory is theirs; the medians are of the later ones.
 */
import { pathToFileURL } from 'node:url';
import type * as Jsonl from '../../checker/history/jsonl.ts';
import type * as Checker from '../../checker/index.ts';
import type { History, MinimalOperation, Verdict } from '../../checker/index.ts';
import { hasOrderBySets } from '../checker/oracle.ts';
import { readChunks, readLines } from './lines.ts';
import { faultOfOrders } from './replay.ts';

/** What is to be measured. */
export interface Task {
  /** The folder of the built checker, with a slash at its end, as a URL. */
  readonly built: string;
  readonly file: string;
  readonly model: string;
  /** Scans and checks after the first. */
  readonly repeat: number;
  /** Whether `JSON.parse` line by line is measured too. */
  readonly parses: boolean;
  /** CPU seconds after which the check is stopped: its verdict is `unknown` then. */
  readonly stopAfterS: number;
}

/** All times are CPU time of the process, user and system, in milliseconds. */
export interface Measurement {
  readonly verdict: Verdict['kind'];
  /** What is wrong with the proof of the verdict: an order that is none, a minimal history that has one. */
  readonly wrongProof: string | undefined;
  /** Why nothing was measured. */
  readonly failure: string | undefined;
  readonly coldScanMs: number;
  readonly coldCheckMs: number;
  /** Medians; the cold ones where nothing was repeated. */
  readonly scanMs: number;
  readonly checkMs: number;
  readonly parseMs: number | undefined;
  /** After the cold scan and check. */
  readonly peakMb: number;
  /** Of the first anomaly. */
  readonly anomaly: { readonly class: string; readonly operation: number; readonly minimal: number } | undefined;
  readonly unknown: string | undefined;
}

interface Built {
  readonly checker: typeof Checker;
  readonly jsonl: typeof Jsonl;
}

const PARSES = 3;
/** Up to which size a minimal history is held against the plain search. */
const PLAIN_MAX = 45;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(JSON.stringify(await measure(JSON.parse(process.argv[2] ?? '') as Task)));
}

async function measure(task: Task): Promise<Measurement> {
  const built: Built = {
    checker: (await import(new URL('index.js', task.built).href)) as Built['checker'],
    jsonl: (await import(new URL('history/jsonl.js', task.built).href)) as Built['jsonl'],
  };
  readChunks(task.file, () => undefined);
  const cold = once(built, task);
  const peakMb = process.resourceUsage().maxRSS / 1024;
  const { verdict } = cold;
  const warm = Array.from({ length: task.repeat }, () => once(built, task));
  const timed = warm.length > 0 ? warm : [cold];
  const parseMs = task.parses ? median(Array.from({ length: PARSES }, () => parse(task.file))) : undefined;
  const [anomaly] = verdict.anomalies;
  const stuck = verdict.parts.find(({ kind }) => kind === 'unknown');
  return {
    verdict: verdict.kind,
    wrongProof: faultOfProof(task.file, verdict),
    failure: undefined,
    coldScanMs: cold.scanMs,
    coldCheckMs: cold.checkMs,
    scanMs: median(timed.map(({ scanMs }) => scanMs)),
    checkMs: median(timed.map(({ checkMs }) => checkMs)),
    parseMs,
    peakMb,
    anomaly:
      anomaly === undefined
        ? undefined
        : { class: anomaly.class, operation: anomaly.operation, minimal: anomaly.minimal.length },
    unknown: stuck?.kind === 'unknown' ? stuck.progress : undefined,
  };
}

interface Once {
  readonly scanMs: number;
  readonly checkMs: number;
  readonly verdict: Verdict;
}

function once({ checker, jsonl }: Built, { file, model: name, stopAfterS }: Task): Once {
  const model = checker.models.get(name);
  if (model === undefined) throw new Error(`there is no model ${name}`);
  const fromMs = cpuMs();
  const history = scan(jsonl, file);
  const scannedMs = cpuMs();
  const budget = { ...checker.DEFAULT_BUDGET, shouldStop: () => cpuMs() - scannedMs > 1000 * stopAfterS };
  const verdict = checker.check(history, model, budget);
  return { scanMs: scannedMs - fromMs, checkMs: cpuMs() - scannedMs, verdict };
}

/** The scan: the shipped reader, from bytes in the page cache to a table. */
function scan(jsonl: Built['jsonl'], file: string): History {
  const reader = new jsonl.JsonlReader(file, {});
  readChunks(file, (bytes) => {
    reader.push(bytes);
  });
  return reader.finish();
}

function parse(file: string): number {
  const fromMs = cpuMs();
  let lines = 0;
  readLines(file, (line) => {
    lines += typeof JSON.parse(line) === 'object' ? 1 : 0;
  });
  if (lines === 0) throw new Error(`${file} has no line`);
  return cpuMs() - fromMs;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function faultOfProof(file: string, { kind, parts, anomalies }: Verdict): string | undefined {
  if (kind === 'ok')
    return faultOfOrders(
      file,
      parts.map((part) => (part.kind === 'ok' ? part.order : [])),
    );
  if (kind === 'unknown') return undefined;
  if (anomalies.length === 0) return 'a violation without an anomaly';
  const small = anomalies.find(({ minimal }) => minimal.length <= PLAIN_MAX)?.minimal;
  return small !== undefined && isRegister(small) && hasOrderBySets(small.map(standing))
    ? 'the minimal history has an order'
    : undefined;
}

function isRegister(minimal: readonly MinimalOperation[]): boolean {
  return minimal.every(({ operation: { input } }) => ['read', 'write', 'cas'].includes(input.f));
}

/** The operation as it stands in the minimal history. */
function standing({ operation, as }: MinimalOperation): MinimalOperation['operation'] {
  if (as === undefined) return operation;
  const { outcome } = operation;
  return { ...operation, input: as, outcome: outcome.kind === 'ok' ? { ...outcome, output: null } : outcome };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}
