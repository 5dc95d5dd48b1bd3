/**
 * What leaders believe of their followers' logs. All commitment rests on matchIndex ("index of highest log entry known to be
 * replicated on server", figure 2): it may name only what stands there, in the same form, and survives a crash there; within a term
 * it "increases monotonically", and nextIndex is always behind it.
 */
import type { Probe } from '../contract/probe.ts';
import { endOf, lacks, type LogEntry } from './entry-table.ts';

type Match = Probe & { readonly kind: 'match' };

interface View {
  readonly term: number;
  readonly log: readonly (LogEntry | undefined)[];
}

export class Matches {
  /** By leader what it believed last, of each follower, in its present term. */
  readonly #believed = new Map<string, { readonly term: number; readonly matchIndexes: Map<string, number> }>();
  /** By follower the last entry that it was counted for, as long as no other one takes its place. */
  readonly #counted = new Map<string, LogEntry>();

  /** What is wrong with this belief, or undefined. */
  add(probe: Match, leader: View, follower: View): string | undefined {
    const { follower: id, matchIndex, nextIndex } = probe;
    const before = this.#replace(probe);
    if (nextIndex <= matchIndex) return `goes on at ${nextIndex} with ${id}, which has acknowledged ${matchIndex}`;
    if (matchIndex < before) return `its matchIndex of ${id} fell from ${before} to ${matchIndex}`;
    const entry = leader.log[matchIndex];
    // A leader of a later term may have replaced the entry since it was acknowledged.
    if (entry === undefined || follower.term > probe.term) return undefined;
    if (lacks(endOf(follower.log), entry)) return `counts ${id} for ${wordsOf(entry)}, which is not in its log`;
    this.#counted.set(id, entry);
    return undefined;
  }

  /** The log of `node` ends with `last` now. One that was cut owes no more than what is left. */
  cut(node: string, last: LogEntry | undefined): void {
    const counted = this.#counted.get(node);
    if (counted === undefined || (last !== undefined && counted.index <= last.index)) return;
    if (last === undefined) this.#counted.delete(node);
    else this.#counted.set(node, last);
  }

  /** The node begins anew with this log: what is wrong with it, or undefined. */
  restart(node: string, log: View['log']): string | undefined {
    this.#believed.delete(node);
    const counted = this.#counted.get(node);
    if (counted === undefined || !lacks(endOf(log), counted)) return undefined;
    this.#counted.delete(node);
    return `was counted for ${wordsOf(counted)}, and does not have it after a restart`;
  }

  /** Who was no member for a while is a follower like a new one. */
  follow({ node, voters, outgoing, learners }: Probe & { readonly kind: 'configuration' }): void {
    const { matchIndexes } = this.#believed.get(node) ?? {};
    const members = new Set([...voters, ...outgoing, ...learners]);
    for (const id of matchIndexes?.keys() ?? []) if (!members.has(id)) matchIndexes!.delete(id);
  }

  /** Keeps it, and gives the matchIndex of before. */
  #replace({ node, term, follower, matchIndex }: Match): number {
    let believed = this.#believed.get(node);
    if (believed?.term !== term) this.#believed.set(node, (believed = { term, matchIndexes: new Map() }));
    const before = believed.matchIndexes.get(follower) ?? 0;
    believed.matchIndexes.set(follower, matchIndex);
    return before;
  }
}

function wordsOf({ index, term }: LogEntry): string {
  return `entry ${index} of term ${term}`;
}
