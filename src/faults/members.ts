/**
 * Changes of the members of a cluster, real or simulated: new nodes are started and join, members leave, one takes the place of another.
 * Whoever leads is asked until the change is committed; what is wanted is named in full, so that asking again does no harm.
 *
 * Every change is undone in the end: a newcomer leaves and is ended, a member that left, and kept its data, comes back.
 */
import { StalemateError } from '../base/errors.ts';
import type { FaultAction, Injury } from '../contract/fault.ts';
import type { NodeId } from '../contract/names.ts';
import { injury } from './injury.ts';

type Change = Extract<FaultAction, { kind: 'addNode' | 'addNodes' | 'removeNode' | 'replaceNode' }>;

/** Who takes part: voters, and learners that only follow. */
export interface MemberSet {
  readonly voters: readonly NodeId[];
  readonly learners: readonly NodeId[];
}

export interface MembersOptions {
  readonly voters: readonly NodeId[];
  /** The members as the leader has them; null where no leader can be asked. */
  readonly current: () => Promise<(MemberSet & { readonly leader: NodeId }) | null>;
  /** Asks a leader, once, for these members. True once they are committed. */
  readonly request: (leader: NodeId, wanted: MemberSet) => Promise<boolean>;
  /** Starts a node that is to join; at the address of that other one, which is gone for good, where one is named. */
  readonly join: (id: NodeId, inPlaceOf?: NodeId) => Promise<void>;
  /** Ends a node for good. */
  readonly retire: (id: NodeId) => Promise<void>;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** How long a change may take: longer than an election, and than the restart of a node without which there is no majority. */
const CHANGE_TIMEOUT_MS = 8000;
const UNDO_TIMEOUT_MS = 20_000;
const ASK_AGAIN_MS = 30;
/** Between two requests of which the second does not wait for the first. */
const HURRY_MS = 3;

/** Who leaves and who comes. */
function partiesTo(change: Change): Record<'leaving' | 'newcomers', readonly NodeId[]> {
  switch (change.kind) {
    case 'addNode':
      return { leaving: [], newcomers: [change.node] };
    case 'addNodes':
      return { leaving: [], newcomers: change.nodes };
    case 'removeNode':
      return { leaving: [change.node], newcomers: [] };
    case 'replaceNode':
      return { leaving: [change.node], newcomers: [change.by] };
  }
}

export class Members {
  readonly #options: MembersOptions;
  /** As far as changes were seen to be committed. */
  #voters: readonly NodeId[];
  /** Newcomers until their fault is over. */
  readonly #visitors = new Set<NodeId>();
  /** One change at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: MembersOptions) {
    this.#options = options;
    this.#voters = options.voters;
  }

  get voters(): readonly NodeId[] {
    return this.#voters;
  }

  /** Resolves when the change is committed, or was not in time; which of the two the cure says. */
  apply(change: Change): Promise<Injury> {
    return this.#inTurn(() => this.#change(change));
  }

  /** A new node takes the place of one that is lost for good. Says in words what came of it. */
  replaceLost({ lost, by }: { readonly lost: NodeId; readonly by: NodeId }): Promise<string> {
    return this.#inTurn(async () => {
      const { join, retire, nowMs } = this.#options;
      await retire(lost);
      if (!this.#voters.includes(lost)) return 'had left the cluster';
      await join(by, lost);
      // One after the other: no two members live at one address.
      const rest = this.#voters.filter((id) => id !== lost);
      const fromMs = nowMs();
      for (const wanted of [rest, [...rest, by]]) {
        if ((await this.#become(wanted, UNDO_TIMEOUT_MS)) === null) return 'nobody could take its place in time';
      }
      return `${by} took its place, committed after ${Math.round(nowMs() - fromMs)} ms`;
    });
  }

  async #change(change: Change): Promise<Injury> {
    const { join } = this.#options;
    const { leaving, newcomers } = partiesTo(change);
    const stranger = leaving.find((id) => !this.#voters.includes(id) || this.#visitors.has(id));
    if (stranger !== undefined) throw new StalemateError('failed', `${stranger} is about to leave by itself`);
    for (const id of newcomers) {
      this.#visitors.add(id);
      await join(id);
    }
    const wanted = [...this.#voters.filter((id) => !leaving.includes(id)), ...newcomers];
    const took = await this.#become(wanted, CHANGE_TIMEOUT_MS);
    const said = took === null ? `not committed within ${CHANGE_TIMEOUT_MS} ms` : `committed after ${took} ms`;
    return injury([...leaving, ...newcomers], `voters ${wanted.join(' ')}, ${said}`, () =>
      this.#inTurn(() => this.#undo({ leaving, newcomers, isDone: took !== null })),
    );
  }

  async #undo(it: {
    readonly leaving: readonly NodeId[];
    readonly newcomers: readonly NodeId[];
    readonly isDone: boolean;
  }): Promise<{ readonly effective: boolean; readonly evidence: string }> {
    const stayed = this.#voters.filter((id) => !it.newcomers.includes(id) && !it.leaving.includes(id));
    const wanted = [...stayed, ...it.leaving].toSorted();
    const took = await this.#become(wanted, UNDO_TIMEOUT_MS);
    if (took === null) {
      return { effective: it.isDone, evidence: `voters ${this.#voters.join(' ')}; could not be undone` };
    }
    for (const id of it.newcomers) await this.#options.retire(id);
    return { effective: it.isDone, evidence: `voters ${wanted.join(' ')} again, committed after ${took} ms` };
  }

  /** Asks until these are the voters, new ones as learners first; gives the time that it took, or null where it took too long. */
  async #become(wanted: readonly NodeId[], timeoutMs: number): Promise<number | null> {
    const { nowMs, sleep } = this.#options;
    const fromMs = nowMs();
    while (nowMs() - fromMs < timeoutMs) {
      if (await this.#ask(wanted)) {
        this.#voters = wanted;
        return Math.round(nowMs() - fromMs);
      }
      await sleep(ASK_AGAIN_MS);
    }
    return null;
  }

  /** One step towards these voters. True once they are the voters, for good. */
  async #ask(wanted: readonly NodeId[]): Promise<boolean> {
    const { current, request } = this.#options;
    const members = await current();
    if (members === null) return false;
    const { leader, voters, learners } = members;
    const strangers = wanted.filter((it) => !voters.includes(it) && !learners.includes(it));
    if (strangers.length > 0) {
      await request(leader, { voters, learners: strangers });
      return false;
    }
    const [first, ...others] = wanted.filter((it) => !voters.includes(it));
    const isGrowth = first !== undefined && others.length > 0 && voters.every((it) => wanted.includes(it));
    const hurried = isGrowth ? request(leader, { voters: [...voters, first], learners: others }) : null;
    if (hurried !== null) await this.#options.sleep(HURRY_MS);
    const [isDone] = await Promise.all([request(leader, { voters: wanted, learners: [] }), hurried]);
    return isDone;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}
