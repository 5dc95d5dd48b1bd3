/**
 * Who belonged to the cluster, by the entries that say so (Raft 6). Nodes with the same log have the same members, whether they
 * read them in the log or in a snapshot: whoever tells of other ones at a place that is committed counts the wrong votes.
 */
import type { Probe } from '../contract/probe.ts';
import type { LogEntry } from './entry-table.ts';

type ConfigurationProbe = Probe & { readonly kind: 'configuration' };

export class Configurations {
  /** What the entry at (index, term) says, as it was told first. */
  readonly #told = new Map<string, string>();
  /** Those of committed entries, in order of index. */
  readonly #committed: { readonly index: number; readonly members: string }[] = [];

  /** That entry is committed, and everything before it. */
  commit({ index, term }: LogEntry): void {
    const members = this.#told.get(placeOf(index, term));
    if (members !== undefined) this.#committed.push({ index, members });
  }

  /** @param committed the committed entry at the probe's place, if one is known; says what is wrong, if anything is. */
  add(probe: ConfigurationProbe, committed: LogEntry | undefined): string | undefined {
    const { index, entryTerm } = probe;
    const members = membersOf(probe);
    if (committed?.term === entryTerm) {
      const expected = this.#committed.findLast((it) => it.index <= index)?.members ?? members;
      return expected === members ? undefined : `its members up to ${index} are ${members}, elsewhere ${expected}`;
    }
    const place = placeOf(index, entryTerm);
    const told = this.#told.get(place) ?? members;
    this.#told.set(place, told);
    return told === members ? undefined : `its members by entry ${index} are ${members}, elsewhere ${told}`;
  }
}

function placeOf(index: number, term: number): string {
  return `${index}@${term}`;
}

function membersOf({ voters, outgoing, learners }: ConfigurationProbe): string {
  const text = (ids: readonly string[]): string => ids.toSorted().join(' ');
  return `[${text(voters)}] from [${text(outgoing)}] with learners [${text(learners)}]`;
}
