/**
 * How far a node's clock, by which it stamps its probes, may be from the controller's, by which the history is stamped. On one
 * machine both read the same monotonic clock, so nothing but the way of asking is expected here; it is measured all the same, as
 * between machines (Cristian 1989): what the node read, it read between the question and the answer.
 */
import type { Nanos } from '../base/time.ts';

/** One question: when it was asked and answered by the controller's clock, and what the node's clock showed in between. */
export interface Round {
  readonly askedNs: Nanos;
  readonly toldNs: Nanos;
  readonly answeredNs: Nanos;
}

/** The largest difference that the quickest rounds leave possible; 0 rounds leave every one. */
export function clockErrorNs(rounds: readonly Round[]): Nanos {
  const least = Math.max(...rounds.map(({ toldNs, answeredNs }) => toldNs - answeredNs));
  const most = Math.min(...rounds.map(({ toldNs, askedNs }) => toldNs - askedNs));
  // Clocks that went apart between two rounds leave nothing possible: then both ends count.
  return rounds.length === 0 ? Infinity : Math.max(Math.abs(least), Math.abs(most));
}

const ROUNDS = 8;

/** Asks a few times. Undefined where the node did not answer every time. */
export async function measureClock(
  ask: () => Promise<{ readonly hostNs: Nanos } | undefined>,
  nowNs: () => Nanos,
): Promise<Nanos | undefined> {
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const askedNs = nowNs();
    const told = await ask();
    if (told === undefined) return undefined;
    rounds.push({ askedNs, toldNs: told.hostNs, answeredNs: nowNs() });
  }
  return clockErrorNs(rounds);
}
