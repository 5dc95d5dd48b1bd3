/**
 * The schedule: from a seed and the kinds asked for to literal steps. All chance of a run's faults is drawn here, before the
 * run, so that run.json holds the faults themselves and not the luck that made them.
 *
 * The run is cut into equal slots, one step each, dealt in rounds: every round holds every request once, in shuffled order.
 * So each kind comes as often as the others, and is spread over the whole run. The first second belongs to the cluster's start,
 * the last moments to its recovery.
 */
import { keyed } from '../base/random.ts';
import { StalemateError } from '../base/errors.ts';
import { formatDuration } from '../base/duration.ts';
import { suggest } from '../base/suggest.ts';
import type { Fault, FaultRequest, FaultStep, FaultTarget, Shape, Slot } from '../contract/index.ts';
import { clockJump, clockRate } from './clock.ts';
import { bitFlip, diskFull, fsyncError, slowDisk, wipe } from './disk.ts';
import { kill } from './kill.ts';
import { membership } from './membership.ts';
import { duplicate, reconnect, slowLink } from './link.ts';
import { partition } from './partition.ts';
import { pause } from './pause.ts';
import { powerLoss } from './power-loss.ts';
import { transfer } from './transfer.ts';

/** Every kind of fault. */
export const faults: readonly Fault[] = [
  pause,
  kill,
  partition,
  powerLoss,
  slowLink,
  duplicate,
  reconnect,
  slowDisk,
  diskFull,
  fsyncError,
  bitFlip,
  wipe,
  clockRate,
  clockJump,
  membership,
  transfer,
];

const CALM_START_MS = 1000;
const CALM_END_MS = 1500;
/** A slot as wide as this is wanted, so that faults have room; twice each kind matters more, down to the least one. */
const SLOT_WANTED_MS = 1700;
const SLOT_LEAST_MS = 700;
const ROUNDS_WANTED = 2;

/** The literal steps of a run, in order of time. Throws a usage error where the run is too short for one of each. */
export function drawSteps(seed: string, requests: readonly FaultRequest[], shape: Shape): readonly FaultStep[] {
  if (requests.length === 0) return [];
  const order = deal(seed, requests.length, roundsIn(requests.length, shape.timeMs));
  const width = (shape.timeMs - CALM_START_MS - CALM_END_MS) / order.length;
  const slotOf = (nth: number): Slot => ({
    fromMs: Math.round(CALM_START_MS + nth * width),
    toMs: Math.round(CALM_START_MS + (nth + 1) * width),
  });
  const steps = requests.flatMap((request, i) => {
    const slots = order.flatMap((of, nth) => (of === i ? [slotOf(nth)] : []));
    return faultOf(request).plan(keyed(seed, 'fault', i, request.kind), shape, request.target, slots);
  });
  return steps.toSorted((a, b) => a.atMs - b.atMs).map((step, nth) => ({ id: nth + 1, ...step }));
}

/** How often each request comes: as often as wide slots allow, twice if narrow ones do, once at least. */
function roundsIn(requests: number, timeMs: number): number {
  const usableMs = timeMs - CALM_START_MS - CALM_END_MS;
  const most = Math.floor(usableMs / (requests * SLOT_LEAST_MS));
  if (most < 1) {
    const needed = Math.ceil((CALM_START_MS + CALM_END_MS + requests * SLOT_LEAST_MS) / 1000) * 1000;
    const kinds = requests === 1 ? 'one kind' : `${requests} kinds`;
    throw new StalemateError(
      'usage',
      `--time ${formatDuration(timeMs)} is too short for ${kinds} of fault`,
      `give it ${formatDuration(needed)} or more, or --faults none`,
    );
  }
  const wanted = Math.max(ROUNDS_WANTED, Math.floor(usableMs / (requests * SLOT_WANTED_MS)));
  return Math.min(most, wanted);
}

/** Which request each slot belongs to. */
function deal(seed: string, requests: number, rounds: number): readonly number[] {
  const all = Array.from({ length: requests }, (_, i) => i);
  return Array.from({ length: rounds }, (_, round) => keyed(seed, 'faults', round).shuffle(all)).flat();
}

/** What `--faults` asks for: `pause,kill:majority,partition:leader`, or `none`. Throws a usage error that names the word. */
export function parseFaults(text: string): readonly FaultRequest[] {
  if (text.trim() === 'none') return [];
  const requests = text.split(',').map((word) => parseFault(word.trim()));
  const seen = new Set<string>();
  for (const { kind, target } of requests) {
    const name = `${kind}:${target}`;
    if (seen.has(name)) throw new StalemateError('usage', `--faults ${text}: ${kind} is there twice`, 'name it once');
    seen.add(name);
  }
  return requests;
}

function parseFault(word: string): FaultRequest {
  const [name = '', target, ...rest] = word.split(':');
  const kinds = faults.map((fault) => fault.kind);
  const fault = faults.find((it) => it.kind === name);
  if (fault === undefined) throw unknownWord(`--faults ${word}: no such fault`, name, [...kinds, 'none']);
  if (target === undefined) return { kind: fault.kind, target: 'any' };
  const found = fault.targets.find((it) => it === target);
  if (found === undefined || rest.length > 0) {
    throw unknownWord(`--faults ${word}: ${fault.kind} has no such target`, target, fault.targets);
  }
  return { kind: fault.kind, target: found satisfies FaultTarget };
}

function unknownWord(message: string, word: string, allowed: readonly string[]): StalemateError {
  const near = suggest(word, allowed);
  return new StalemateError('usage', message, near === null ? `one of ${allowed.join(', ')}` : `did you mean ${near}?`);
}

/** The fault that a request asks for. */
function faultOf(request: FaultRequest): Fault {
  return faults.find((fault) => fault.kind === request.kind)!;
}
