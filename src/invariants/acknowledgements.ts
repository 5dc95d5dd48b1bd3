/**
 * What clients were told is done. A command is answered when its entry is committed (Raft 5.3), so the node that answers knows it to
 * be, and every leader of a later term has it (5.4.3).
 */
import type { Probe } from '../contract/probe.ts';
import { lacks, type LogEnd, type LogEntry } from './entry-table.ts';

type Answer = Probe & { readonly kind: 'answer' };

interface View {
  readonly term: number;
  readonly log: readonly (LogEntry | undefined)[];
  readonly commitIndex: number;
}

export class Acknowledgements {
  /** By the term in which it was answered, the last entry. */
  readonly #last = new Map<number, LogEntry>();

  /**
   * What is wrong with this answer, or undefined.
   * @param committed what is known to be committed at its index
   */
  add(
    { index, entryTerm }: Answer,
    { term, log, commitIndex }: View,
    committed: LogEntry | undefined,
  ): string | undefined {
    const entry = log[index];
    if (entry !== undefined && index > (this.#last.get(term)?.index ?? 0)) this.#last.set(term, entry);
    if (index > commitIndex) return `answered for entry ${index} while its commitIndex was ${commitIndex}`;
    if (committed === undefined || committed.term === entryTerm) return undefined;
    return `answered for entry ${index} of term ${entryTerm}, where that of term ${committed.term} is committed`;
  }

  /** What is wrong with the log of a leader of `term`, or undefined. */
  lackingIn(leader: LogEnd & { readonly node: string; readonly term: number }): string | undefined {
    for (const [term, entry] of this.#last) {
      if (term >= leader.term || !lacks(leader, entry)) continue;
      const wanted = `entry ${entry.index} of term ${entry.term}, answered for in term ${term}`;
      return `${leader.node}, leader of term ${leader.term}, lacks ${wanted}`;
    }
    return undefined;
  }
}
