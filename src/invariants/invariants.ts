/**
 * The safety properties of Raft (Ongaro & Ousterhout 2014, figure 3), watched while a cluster runs, real or simulated. They
 * are fed by probes: what each node said of itself, in the order of the run's clock. Usually they fire earlier than a client
 * sees anything, and they say where. They never decide a verdict about linearizability.
 *
 * What is kept, and for how long: leaders and released votes by term, entries by (index, term), and the committed log, all for
 * the whole run. No restart and no power loss makes the cluster forget them. Of a node its log, role and what it applied are
 * known from its `start` on: a restart begins them anew with what recovery found.
 *
 * Cost: O(1) for each probe in the common case. A restart costs as much as the log that it finds, and comparing a leader with
 * a committed entry as much as the leader's log goes beyond that entry.
 */
import type { Probe } from '../contract/probe.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { AppliedChanges } from './applied-changes.ts';
import type { BrokenInvariant, InvariantName } from './broken.ts';
import { Configurations } from './configurations.ts';
import { endOf, EntryTable, lacks, type LogEnd, type LogEntry } from './entry-table.ts';
import { Matches } from './matches.ts';

/** A node as its probes tell it. */
interface NodeView {
  /** Current term, and whether it leads in it. */
  term: number;
  isLeader: boolean;
  /** The log; `log[0]` stands before the first entry. A hole is an entry that no probe ever told of. */
  log: (LogEntry | undefined)[];
  commitIndex: number;
  /** Its members are those of a change in two steps (Raft 6), which ends by itself. */
  isJoint: boolean;
  /** The last vote that was released to a candidate. */
  vote: { readonly term: number; readonly votedFor: string } | null;
}

type Snapshot = Probe & { readonly kind: 'snapshot' };
type Answer = Probe & { readonly kind: 'answer' };
type State = Probe & { readonly kind: 'state' };

/** A leader, as it was when its term began. */
interface Leader extends LogEnd {
  readonly node: string;
  readonly term: number;
}

/**
 * Takes probes of all nodes, ordered by time, and keeps the first break of each property: what follows a break is mostly its
 * consequence.
 */
export class Invariants {
  readonly #nodes = new Map<string, NodeView>();
  readonly #entries = new EntryTable();
  readonly #leaders = new Map<number, Leader>();
  /** Leaders in order of term. */
  readonly #terms: number[] = [];
  /** By index; with each entry the lowest term in which it was known to be committed. */
  readonly #committed: { readonly entry: LogEntry; term: number }[] = [];
  readonly #configurations = new Configurations();
  readonly #applied = new AppliedChanges();
  readonly #matches = new Matches();
  readonly #acknowledgements = new Acknowledgements();
  /** By index the snapshot that was told of first. */
  readonly #snapshots = new Map<number, Snapshot>();
  /** By index the hash of the state that was told of first. */
  readonly #states = new Map<number, State>();
  readonly #broken: BrokenInvariant[] = [];

  /** In the order of discovery; the first is the likely cause. */
  get broken(): readonly BrokenInvariant[] {
    return this.#broken;
  }

  observe(probe: Probe): void {
    const node = this.#node(probe.node);
    switch (probe.kind) {
      case 'start':
        return this.#onStart(node, probe);
      case 'role':
        return this.#onRole(node, probe);
      case 'heard':
        return;
      case 'vote':
        return this.#onVote(node, probe);
      case 'append':
        return this.#onAppend(node, probe);
      case 'commit':
        return this.#onCommit(node, probe);
      case 'apply':
        return this.#report('state-machine-safety', this.#applied.add(probe), probe);
      case 'snapshot':
        return this.#onSnapshot(node, probe);
      case 'state':
        return this.#onState(probe);
      case 'match':
        return this.#report('match-verified', this.#matches.add(probe, node, this.#node(probe.follower)), probe);
      case 'answer':
        return this.#onAnswer(node, probe);
      case 'configuration':
        return this.#onConfiguration(node, probe);
      case 'invariant':
        return this.#report('reported-by-node', `${probe.name}: ${probe.message}`, probe);
    }
  }

  /** Before a leader has committed in its term, another one's change may be under way that it knows nothing of (Ongaro, raft-dev, 2015). */
  #onConfiguration(node: NodeView, probe: Probe & { readonly kind: 'configuration' }): void {
    const { index, entryTerm } = probe;
    this.#matches.follow(probe);
    const committed = this.#committed[index]?.entry;
    this.#report('configuration-equality', this.#configurations.add(probe, committed), probe);
    const isOwnChange = node.isLeader && entryTerm === node.term && !node.isJoint;
    node.isJoint = probe.outgoing.length > 0;
    if (!isOwnChange || node.log[node.commitIndex]?.term === node.term) return;
    const message = `changes the members by entry ${index}, and nothing of its term ${node.term} is committed`;
    this.#report('change-after-own-commit', message, probe);
  }

  /** "If a server has applied a log entry at a given index, no other server will ever apply a different one" (5.4.3), nor get elsewhere by it. */
  #onState(probe: State): void {
    const { node, index, hash } = probe;
    const first = this.#states.get(index);
    if (first === undefined) this.#states.set(index, probe);
    else if (first.hash !== hash) {
      const message = `after entry ${index} the state of ${node} has hash ${hash}, that of ${first.node} ${first.hash}`;
      this.#report('state-equality', message, probe);
    }
  }

  /** A node may come back with an older log, but not with an older vote than it gave (figure 2, "persistent state"). */
  #onStart(node: NodeView, probe: Probe & { readonly kind: 'start' }): void {
    const { term, votedFor, lastIndex, lastTerm, commitIndex } = probe;
    const { vote } = node;
    if (vote !== null && (term < vote.term || (term === vote.term && votedFor !== vote.votedFor))) {
      const now = `term ${term} and a vote for ${votedFor ?? 'nobody'}`;
      this.#report('single-vote', `voted for ${vote.votedFor} in term ${vote.term}, restarted with ${now}`, probe);
    }
    node.term = term;
    node.isLeader = false;
    node.commitIndex = commitIndex;
    node.log = this.#entries.logUpTo(lastIndex, lastTerm);
    this.#applied.restart(probe.node, commitIndex);
    this.#report('match-verified', this.#matches.restart(probe.node, node.log), probe);
  }

  /** "At most one leader can be elected in a given term" (5.2); and no node twice in one, over a restart. */
  #onRole(node: NodeView, probe: Probe & { readonly kind: 'role' }): void {
    const { term, role } = probe;
    const wasLeader = node.isLeader && node.term === term;
    node.term = term;
    node.isLeader = role === 'leader';
    if (!node.isLeader || wasLeader) return;
    const other = this.#leaders.get(term);
    if (other !== undefined) {
      this.#report('election-safety', `${other.node} and ${probe.node} both became leader of term ${term}`, probe);
      return;
    }
    const leader: Leader = { node: probe.node, term, ...endOf(node.log) };
    this.#leaders.set(term, leader);
    this.#terms.push(term);
    this.#terms.sort((a, b) => a - b);
    this.#checkCompleteness(leader, this.#lastCommittedBefore(term), probe);
    this.#report('acknowledged-committed', this.#acknowledgements.lackingIn(leader), probe);
  }

  #onVote(node: NodeView, probe: Probe & { readonly kind: 'vote' }): void {
    const { term, votedFor } = probe;
    const earlier = node.vote;
    if (earlier !== null && earlier.term === term && earlier.votedFor !== votedFor) {
      this.#report('single-vote', `voted for ${earlier.votedFor} and for ${votedFor} in term ${term}`, probe);
    }
    if (earlier === null || term >= earlier.term) node.vote = { term, votedFor };
  }

  /** "If two logs contain an entry with the same index and term, they are identical up to it" (5.3): one hash each. */
  #onAppend(node: NodeView, probe: Probe & { readonly kind: 'append' }): void {
    const { index, entryTerm, chain } = probe;
    if (node.isLeader && index < node.log.length) {
      this.#report('leader-append-only', `overwrote entry ${index} while leader of term ${node.term}`, probe);
    }
    const before = node.log[index - 1];
    const { entry, known } = this.#entries.add({ index, term: entryTerm, chain, before });
    if (known !== undefined && known !== chain) {
      const message = `entry ${index} of term ${entryTerm} has history ${chain} here and ${known} elsewhere`;
      this.#report('log-matching', message, probe);
    }
    if (entry !== node.log[index]) this.#matches.cut(probe.node, before);
    node.log.length = index;
    node.log[index] = entry;
  }

  #onCommit(node: NodeView, probe: Probe & { readonly kind: 'commit' }): void {
    const { index, term } = probe;
    if (index < node.commitIndex) {
      this.#report('commit-monotonic', `commitIndex fell from ${node.commitIndex} to ${index}`, probe);
    }
    if (index >= node.log.length) {
      this.#report('state-machine-safety', `committed ${index}, but its log ends at ${node.log.length - 1}`, probe);
      return;
    }
    for (let i = node.commitIndex + 1; i <= index; i++) this.#commitEntry(node.log[i], i, probe);
    node.commitIndex = index;
    this.#checkLaterLeaders(term, index, probe);
  }

  /** A snapshot holds what was committed and applied, the same on every node; one that is installed takes the place of the log. */
  #onSnapshot(node: NodeView, probe: Snapshot): void {
    const { index, entryTerm, hash } = probe;
    const other = this.#snapshots.get(index) ?? probe;
    this.#snapshots.set(index, other);
    if (other.hash !== hash || other.entryTerm !== entryTerm) {
      const both = `${other.node} (term ${other.entryTerm}, hash ${other.hash}) and here (term ${entryTerm}, hash ${hash})`;
      this.#report('snapshot-equality', `the snapshots up to ${index} differ: ${both}`, probe);
    }
    if (!probe.installed) return;
    if (index <= node.commitIndex) {
      const message = `installed a snapshot up to ${index}, at or before its commitIndex ${node.commitIndex}`;
      this.#report('commit-monotonic', message, probe);
    }
    node.commitIndex = index;
    node.log = this.#entries.logUpTo(index, entryTerm);
    this.#applied.restart(probe.node, index);
    this.#matches.cut(probe.node, node.log[index]);
  }

  #onAnswer(node: NodeView, probe: Answer): void {
    const committed = this.#committed[probe.index]?.entry;
    this.#report('acknowledged-committed', this.#acknowledgements.add(probe, node, committed), probe);
    for (const leader of this.#leadersAfter(node.term)) {
      this.#report('acknowledged-committed', this.#acknowledgements.lackingIn(leader), probe);
    }
  }

  /** "If a server has applied an entry at an index, no other will ever apply a different one there" (5.4.3). */
  #commitEntry(entry: LogEntry | undefined, index: number, probe: Probe & { readonly kind: 'commit' }): void {
    const committed = this.#committed[index];
    if (entry === undefined) return;
    if (committed === undefined) {
      this.#committed[index] = { entry, term: probe.term };
      this.#configurations.commit(entry);
    } else if (committed.entry === entry) committed.term = Math.min(committed.term, probe.term);
    else {
      const both = `of term ${committed.entry.term} elsewhere and of term ${entry.term} here`;
      this.#report('state-machine-safety', `committed entry ${index} is ${both}`, probe);
    }
  }

  /** The news of a commit may come after the election of a leader that should already have had the entry. */
  #checkLaterLeaders(term: number, index: number, probe: Probe): void {
    for (const leader of this.#leadersAfter(term)) this.#checkCompleteness(leader, index, probe);
  }

  /** Those of later terms, the last one first. */
  *#leadersAfter(term: number): Iterable<Leader> {
    for (let i = this.#terms.length - 1; i >= 0 && this.#terms[i]! > term; i--)
      yield this.#leaders.get(this.#terms[i]!)!;
  }

  /** "If an entry is committed in a given term, it is present in the logs of the leaders of all higher terms" (5.4). */
  #checkCompleteness(leader: Leader, index: number, probe: Probe): void {
    const committed = this.#committed[index];
    if (committed === undefined || !lacks(leader, committed.entry)) return;
    const entry = `entry ${index} of term ${committed.entry.term}, committed in term ${committed.term}`;
    this.#report('leader-completeness', `${leader.node}, leader of term ${leader.term}, lacks ${entry}`, probe);
  }

  #lastCommittedBefore(term: number): number {
    let index = this.#committed.length - 1;
    while (index > 0 && (this.#committed[index]?.term ?? term) >= term) index--;
    return index;
  }

  #report(name: InvariantName, message: string | undefined, probe: Probe): void {
    if (message === undefined || this.#broken.some((it) => it.name === name)) return;
    this.#broken.push({ name, message: `${probe.node}: ${message}`, probe });
  }

  #node(id: string): NodeView {
    let node = this.#nodes.get(id);
    if (node === undefined) {
      node = { term: 0, isLeader: false, log: this.#entries.logUpTo(0, 0), commitIndex: 0, isJoint: false, vote: null };
      this.#nodes.set(id, node);
    }
    return node;
  }
}
