/**
 * Which promise follows from which, and the strongest that a history keeps. Linearizability is above sequential consistency,
 * that above causal memory, causal convergence and coherence, the two causal ones above causal consistency, and causal
 * convergence above the session guarantees (Brzezinski, Sobaniec, Wawrzyniak 2004; Viotti & Vukolić 2016).
 */
import type { Guarantee, PromiseName, VersionOrderName } from './guarantee.ts';

/** The strongest promises that are kept: of those that hold, the ones that follow from no other that holds. */
export interface Strongest {
  /** Empty if none is known to hold. */
  readonly names: readonly PromiseName[];
  /** In words, with what could not be decided. */
  readonly sentence: string;
}

/** By promise: those from which it follows at once. */
const FOLLOWS_FROM: Readonly<Record<PromiseName, readonly PromiseName[]>> = {
  linearizability: [],
  'sequential-consistency': ['linearizability'],
  'causal-memory': ['sequential-consistency'],
  'causal-convergence': ['sequential-consistency'],
  coherence: ['sequential-consistency'],
  'causal-consistency': ['causal-memory', 'causal-convergence'],
  'read-your-writes': ['causal-convergence'],
  'monotonic-reads': ['causal-convergence'],
  'monotonic-writes': ['causal-convergence'],
  'writes-follow-reads': ['causal-convergence'],
};

/** The promises in words. */
const PROMISE_WORDS: Readonly<Record<PromiseName, string>> = {
  linearizability: 'linearizability',
  'sequential-consistency': 'sequential consistency',
  'causal-memory': 'causal memory',
  'causal-convergence': 'causal convergence',
  coherence: 'sequential consistency of each register alone',
  'causal-consistency': 'causal consistency',
  'read-your-writes': 'read your writes',
  'monotonic-reads': 'monotonic reads',
  'monotonic-writes': 'monotonic writes',
  'writes-follow-reads': 'writes follow reads',
};

/** The strongest among these guarantees. */
export function strongestOf(guarantees: readonly Guarantee[]): Strongest {
  const held = new Set(guarantees.filter(({ verdict }) => verdict === 'holds').map(({ name }) => name));
  const names = [...held].filter((name) => !above(name).some((stronger) => held.has(stronger)));
  const open = guarantees.filter(({ verdict }) => verdict === 'not-decided').map(({ name }) => PROMISE_WORDS[name]);
  const kept =
    names.length === 0
      ? 'None of these promises is known to be kept.'
      : `The strongest that the history keeps: ${listed(names.map((name) => PROMISE_WORDS[name]))}${against(guarantees, names)}.`;
  return { names, sentence: open.length === 0 ? kept : `${kept} Not decided: ${listed(open)}.` };
}

/** In which order of versions, where only session guarantees are left. */
function against(guarantees: readonly Guarantee[], names: readonly PromiseName[]): string {
  const order = guarantees.find(({ name, versionOrder }) => versionOrder !== undefined && names.includes(name));
  return order === undefined ? '' : ORDER_WORDS[order.versionOrder!];
}

const ORDER_WORDS: Readonly<Record<VersionOrderName, string>> = {
  'cas-chain': ', by the chain of compare-and-sets',
  'log-index': ', by the order of the log',
  'real-time': ', by the real-time order of the writes',
  several: ', by the chain of compare-and-sets, the log or real time',
  found: '',
};

/** Every promise from which this one follows. */
function above(name: PromiseName): readonly PromiseName[] {
  return FOLLOWS_FROM[name].flatMap((stronger) => [stronger, ...above(stronger)]);
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
