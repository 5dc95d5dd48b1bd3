/** How every kind of fault draws its steps: one for each slot that the schedule gave it, on targets dealt from a deck. */
import type { FaultKind, FaultStep, FaultTarget, Shape, Slot } from '../contract/index.ts';
import type { Random } from '../base/random.ts';

/** How long a fault lasts. Longer than any election timeout, so that the cluster has to do something about it. */
const FOR_MIN_MS = 800;
const FOR_MAX_MS = 2500;
/** How long a leader fault waits for its stale window before it heals without one. */
const WINDOW_MAX_MS = 4500;
/** Between a fault's end and the next slot. */
const REST_MS = 250;

/** Targets in turn, shuffled anew each time round, so that none is left out by chance. A target asked for by name is the only one. */
export function* deck<T extends FaultTarget>(
  random: Random,
  asked: FaultTarget,
  defaults: readonly T[],
): Generator<FaultTarget, never> {
  const targets: readonly FaultTarget[] = asked === 'any' ? defaults : [asked];
  for (;;) yield* random.shuffle(targets);
}

/** One step for each slot. A fault of the leader lasts until the window in which it can be caught, the others for a time. */
export function timedSteps(it: {
  readonly kind: FaultKind;
  readonly targets: Generator<FaultTarget, never>;
  readonly random: Random;
  readonly shape: Shape;
  readonly slots: readonly Slot[];
  /** How bad it is, drawn anew for each step. */
  readonly amount?: () => Partial<Pick<FaultStep, 'delayMs' | 'everyMs' | 'rate' | 'jumpMs'>>;
}): readonly Omit<FaultStep, 'id'>[] {
  return it.slots.map((slot) => {
    const target = it.targets.next().value;
    const room = slot.toMs - slot.fromMs - REST_MS;
    const forMs = Math.min(it.random.between(FOR_MIN_MS, Math.max(FOR_MIN_MS, Math.min(FOR_MAX_MS, room))), room);
    const atMs = slot.fromMs + it.random.int(Math.max(1, room - forMs + 1));
    const waits = target === 'leader' && (it.kind === 'pause' || it.kind === 'partition');
    return {
      kind: it.kind,
      target,
      atMs,
      forMs,
      heal: waits ? 'stale-window' : 'time',
      maxMs: waits ? Math.max(forMs, Math.min(WINDOW_MAX_MS, it.shape.timeMs - atMs)) : forMs,
      draw: it.random.next(),
      ...it.amount?.(),
    };
  });
}
