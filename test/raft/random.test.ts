/**
 * Chance against the core: messages lost, doubled and overtaken, disks that lag, power failures, cuts, on 3 and 5 cores, while
 * the properties of figure 3 are held after every step. A seed stands in each test's name: `-t 'seed 7,'` replays it.
 */
import { describe, expect, test } from 'vitest';
import { assert } from '../../src/base/assert.ts';
import { keyed, type Random } from '../../src/base/random.ts';
import type { Rules } from '../../src/raft/rules.ts';
import type { NodeId, RequestId, Term } from '../../src/raft/types.ts';
import { Table } from './harness.ts';

interface Committed {
  readonly term: Term;
  readonly text: string;
  /** The term of the node that applied it first. */
  readonly by: Term;
}

/** What nobody on the table can see but the test: everything that ever happened. */
class Witness {
  readonly leaders: Map<Term, NodeId> = new Map();
  readonly #chains = new Map<string, number>();
  readonly #committed: Committed[] = [];
  /** How many entries of each life were looked at. */
  readonly #seen: Map<NodeId, number> = new Map();
  readonly #reads: Map<RequestId, number> = new Map();
  readonly #table: Table;
  #probesSeen = 0;
  #answersSeen = 0;
  readsAnswered = 0;

  constructor(table: Table) {
    this.#table = table;
  }

  get commits(): number {
    return this.#committed.length;
  }

  /** A read begins: what is committed by now it must see. */
  readBegins(requestId: RequestId, committedBefore: number): void {
    this.#reads.set(requestId, committedBefore);
  }

  /** Throws unless the properties of figure 3 hold, and answered reads are not stale. */
  check(): void {
    this.#checkApplied();
    this.#checkProbes();
    this.#checkReads();
  }

  #checkApplied(): void {
    for (const id of this.#table.ids) {
      const applied = this.#table.applied(id);
      for (let k = this.#seen.get(id) ?? 0; k < applied.length; k++) {
        const { index, term, data } = applied[k]!;
        assert(index === k + 1, `${id} applied ${index} in place of ${k + 1}`);
        const entry = { term, text: String(data), by: this.#table.raft(id).term };
        const first = (this.#committed[k] ??= entry);
        assert(first.term === term && first.text === entry.text, `state machine safety: two entries at ${index}`);
      }
      this.#seen.set(id, applied.length);
    }
  }

  #checkProbes(): void {
    for (const { node, probe } of this.#table.probes.slice(this.#probesSeen)) {
      this.#probesSeen++;
      if (probe.kind === 'append') {
        const place = `${probe.index} of term ${probe.entryTerm}`;
        const chain = this.#chains.get(place) ?? probe.chain;
        assert(chain === probe.chain, `log matching: two logs end with ${place} and differ`);
        this.#chains.set(place, chain);
      }
      if (probe.kind === 'role' && probe.role === 'leader') this.#checkLeader(node, probe.term);
      assert(probe.kind !== 'invariant', `invariant ${JSON.stringify(probe)}`);
    }
  }

  #checkLeader(node: NodeId, term: Term): void {
    assert((this.leaders.get(term) ?? node) === node, `election safety: two leaders of term ${term}`);
    this.leaders.set(term, node);
    this.#committed.forEach((entry, k) => {
      const held = entry.by >= term || this.#table.raft(node).termAt(k + 1) === entry.term;
      assert(held, `leader completeness: ${node} leads term ${term} without entry ${k + 1}`);
    });
  }

  #checkReads(): void {
    for (const { node, requestId, said } of this.#table.answers.slice(this.#answersSeen)) {
      this.#answersSeen++;
      const committedBefore = this.#reads.get(requestId);
      if (committedBefore === undefined || said !== 'ready') continue;
      this.readsAnswered++;
      const { lastApplied } = this.#table.raft(node);
      assert(lastApplied >= committedBefore, `stale read: ${committedBefore} committed before it, ${lastApplied} seen`);
    }
  }
}

const ACTIONS = {
  deliver: 80,
  double: 3,
  drop: 3,
  wake: 5,
  fsync: 40,
  command: 6,
  read: 6,
  power: 0.5,
  cut: 0.5,
} as const;
const URN = Object.entries(ACTIONS).flatMap(([name, weight]) => Array<string>(2 * weight).fill(name));

function play(seed: string, nodes: number, steps: number, rules: Partial<Rules> = {}): Witness {
  const random = keyed(seed, 'play', nodes);
  const core = {
    preVote: random.chance(0.5),
    checkQuorum: random.chance(0.5),
    maxInFlight: random.between(1, 4),
    maxEntriesPerMessage: random.pick([1, 3, 100]),
  };
  const draw = (node: NodeId, term: number, attempt: number): number => keyed(seed, node, term, attempt).next();
  const table = new Table({ nodes, rules, core, draw });
  const witness = new Witness(table);
  for (const id of table.ids) table.slowDisks.add(id);
  for (let step = 0; step < steps; step++) {
    act(table, witness, random, step);
    witness.check();
  }
  return witness;
}

function act(table: Table, witness: Witness, random: Random, step: number): void {
  const id = random.pick(table.ids);
  const action = random.pick(URN);
  table.pass(random.int(3));
  if (action === 'deliver' || action === 'double' || action === 'drop') {
    if (table.messages.length === 0) return;
    // Mostly in order, sometimes overtaken by all that follow.
    const at = random.chance(0.7) ? 0 : random.int(table.messages.length);
    const envelope = action === 'double' ? table.messages[at]! : table.messages.splice(at, 1)[0]!;
    if (action !== 'drop') table.deliver(envelope);
  } else if (action === 'power') {
    if (table.isRunning(id)) table.crash(id, random.int(3));
  } else if (action === 'cut') {
    if (table.cutOff.size > 0) table.cutOff.clear();
    else table.cutOff.add(id);
  } else if (!table.isRunning(id)) {
    if (random.chance(0.5)) table.restart(id);
  } else if (action === 'wake') {
    table.wake(random.chance(0.1) ? id : firstToWake(table));
  } else if (action === 'fsync') {
    table.fsync(id, random.between(1, 4));
  } else if (action === 'command') {
    // As one wake may bring several.
    table.commandTogether(
      id,
      Array.from({ length: 1 + (step % 3) }, (_, nth) => `${step}.${nth}`),
    );
  } else {
    const committedBefore = witness.commits;
    witness.readBegins(table.read(id, 'read-index'), committedBefore);
  }
}

/** Mostly time passes as it does; now and then a node's timer fires as if the others had stood still. */
function firstToWake(table: Table): NodeId {
  const running = table.ids.filter((id) => table.isRunning(id));
  return running.reduce((a, b) => (table.raft(b).deadlineNs() < table.raft(a).deadlineNs() ? b : a));
}

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const STEPS = 4000;

describe.each([3, 5])('%i nodes', (nodes) => {
  test.each(SEEDS)('seed %i, the properties of figure 3 hold and no read is stale', (seed) => {
    const { commits, leaders, readsAnswered } = play(`${seed}`, nodes, STEPS);
    // A cluster that gets nothing done is safe too, and shows nothing.
    expect(commits).toBeGreaterThan(5);
    expect(leaders.size).toBeGreaterThan(1);
    expect(readsAnswered).toBeGreaterThan(1);
  });
});

describe('the same search fails', () => {
  const findings = (rules: Partial<Rules>): string[] =>
    SEEDS.flatMap((seed) => {
      try {
        play(`${seed}`, 3, STEPS, rules);
        return [];
      } catch (error) {
        return [String(error)];
      }
    });

  test('for a node that votes twice, with two leaders of one term', () => {
    expect(findings({ voteOncePerTerm: false }).join()).toContain('election safety');
  });

  test('for a node that believes itself, with a stale read', () => {
    expect(findings({ confirmReads: false }).join()).toContain('stale read');
  });
});
