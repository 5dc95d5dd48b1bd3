/** The weaker promises against their definitions on random histories, and by hand where the answer is in a textbook. */
import { expect, test } from 'vitest';
import { casRegister, check, register, type History, type Json, type Operation } from '../../../checker/index.ts';
import { tableOf } from '../../../checker/history/table.ts';
import { clientHistoryOf } from '../../../checker/weaker/client-history.ts';
import type { Guarantee, PromiseName } from '../../../checker/weaker/guarantee.ts';
import { PROMISE_BUDGET, promises, type Promises } from '../../../checker/weaker/promises.ts';
import { saturate } from '../../../checker/weaker/saturation.ts';
import { keyed } from '../../../src/base/random.ts';
import { randomHistory } from '../generate.ts';
import { longHistory } from '../long-history.ts';
import { weakHistory, type WeakShape } from './generate.ts';
import { replicaHistory } from './replicas.ts';
import {
  actionCount,
  casChain,
  causal,
  isCausalMemory,
  isCoherent,
  isSequential,
  mustBeCyclic,
  realTimeOrder,
  sessionBreaches,
} from './oracle.ts';

const SESSION = ['read-your-writes', 'monotonic-reads', 'monotonic-writes', 'writes-follow-reads'] as const;

function verdicts(told: Promises): Readonly<Record<PromiseName, Guarantee['verdict']>> {
  return Object.fromEntries(told.guarantees.map(({ name, verdict }) => [name, verdict])) as never;
}

function weak(name: string, i: number, shape: Partial<WeakShape>): History {
  const random = keyed(name, i);
  return weakHistory(random, {
    operations: random.between(3, 10),
    clients: random.between(2, 3),
    keys: random.between(1, 2),
    cas: i % 2 === 0,
    crashChance: i % 3 === 0 ? 0.15 : 0,
    wrongChance: random.pick([0.1, 0.4, 0.8]),
    ...shape,
  });
}

/** What a failing expectation prints: how to make the history again. */
function label(name: string, i: number): string {
  return `weak('${name}', ${i})`;
}

test('sequential consistency and coherence are what trying every order says', () => {
  const seen = { true: 0, false: 0 };
  for (let i = 0; i < 1_200; i++) {
    const history = weak('sequential', i, {});
    const told = verdicts(promises(history, casRegister));
    const expected = isSequential(history);
    expect([label('sequential', i), told['sequential-consistency']]).toEqual([
      label('sequential', i),
      agree(told['sequential-consistency'], expected, history),
    ]);
    expect([label('sequential', i), told.coherence]).toEqual([
      label('sequential', i),
      agree(told.coherence, isCoherent(history), history),
    ]);
    seen[`${expected}`]++;
  }
  expect(seen.true).toBeGreaterThan(200);
  expect(seen.false).toBeGreaterThan(150);
});

/** What a verdict must be: "not decided" is excused where an answered mismatch may need a crashed write that nobody saw. */
function agree(told: string, expected: boolean, { operations }: History): string {
  const isExcused =
    operations.some(({ outcome }) => outcome.kind === 'ok' && outcome.output === false) &&
    operations.some(({ outcome }) => outcome.kind === 'unknown');
  if (told === 'not-decided' && isExcused) return told;
  return expected ? 'holds' : 'violated';
}

test('the causal promises are what trying every causal order says', () => {
  const seen = new Map<string, number>();
  for (let i = 0; i < 400; i++) {
    const history = weak('causal', i, { operations: 5, cas: i % 4 === 0, wrongChance: 0.8 });
    const mismatches = history.operations.some(({ outcome }) => outcome.kind === 'ok' && outcome.output === false);
    if (actionCount(history) > 5 || mismatches) continue;
    const told = verdicts(promises(history, casRegister));
    const { cc, ccv, cm } = causal(history);
    const words = [cc, ccv, cm].map((holds) => (holds ? 'holds' : 'violated'));
    expect([label('causal', i), told['causal-consistency'], told['causal-convergence'], told['causal-memory']]).toEqual(
      [label('causal', i), ...words],
    );
    const name = words.join();
    seen.set(name, (seen.get(name) ?? 0) + 1);
  }
  expect(seen.get('holds,holds,holds')).toBeGreaterThan(50);
  expect(seen.get('violated,violated,violated')).toBeGreaterThan(15);
});

test('the causal promises differ on the histories that tell them apart, and agree with trying every causal order', () => {
  const seen = new Map<string, number>();
  for (let i = 0; i < 80; i++) {
    const history = weak('causal-6', i, {
      operations: 6,
      clients: 2,
      keys: 2,
      cas: false,
      crashChance: 0,
      wrongChance: 0.9,
    });
    const told = verdicts(promises(history, register));
    const names = ['causal-consistency', 'causal-convergence', 'causal-memory'] as const;
    const words = names.map((name) => told[name]);
    if (words.every((word) => word === 'holds')) continue;
    const { cc, ccv, cm } = causal(history);
    expect([label('causal-6', i), ...words]).toEqual([
      label('causal-6', i),
      ...[cc, ccv, cm].map((holds) => (holds ? 'holds' : 'violated')),
    ]);
    seen.set(words.join(), (seen.get(words.join()) ?? 0) + 1);
  }
  expect(seen.get('violated,violated,violated')).toBeGreaterThan(10);
});

test('causal memory of longer histories is what searching an order for each operation says', () => {
  const seen = { true: 0, false: 0 };
  for (let i = 0; i < 900; i++) {
    // Half of them from replicas that deliver causally, with an answer or two exchanged: few patterns break them at once.
    const history =
      i % 2 === 0 ? spoiled('memory', i) : weak('memory', i, { operations: 12, cas: i % 4 === 1, wrongChance: 0.5 });
    if (history.operations.some(({ outcome }) => outcome.kind === 'ok' && outcome.output === false)) continue;
    const told = verdicts(promises(history, casRegister));
    const expected = isCausalMemory(history);
    expect([label('memory', i), told['causal-memory']]).toEqual([label('memory', i), expected ? 'holds' : 'violated']);
    seen[`${expected}`]++;
  }
  expect(seen.true).toBeGreaterThan(200);
  expect(seen.false).toBeGreaterThan(200);
});

/** A history of replicas in which some reads show another value of their register. */
function spoiled(name: string, i: number): History {
  const random = keyed(name, i);
  const kind = random.pick(['causal', 'convergent'] as const);
  const history = replicaHistory(random, { kind, operations: 14, clients: 3, keys: 2 });
  const operations = history.operations.map((operation): Operation => {
    const { input, outcome } = operation;
    const key = input.key === 'k0' ? 'x' : 'y';
    if (input.f !== 'read' || outcome.kind !== 'ok' || !random.chance(0.1))
      return { ...operation, input: { ...input, key } };
    const values = history.operations.filter((other) => other.input.f === 'write' && other.input.key === input.key);
    const output = values.length === 0 ? null : random.pick(values).input.value;
    return { ...operation, input: { ...input, key }, outcome: { ...outcome, output } };
  });
  return { ...history, operations };
}

test('the constraints of every total order are saturated: they are cyclic exactly where closing them naively says', () => {
  const seen = { order: 0, cycle: 0, 'gave-up': 0 };
  for (let i = 0; i < 1_500; i++) {
    const history = i % 2 === 0 ? spoiled('saturation', i) : weak('saturation', i, { operations: 14, cas: false });
    const { kind } = saturate(clientHistoryOf(tableOf(history), register, history.clients)!, PROMISE_BUDGET);
    expect([label('saturation', i), kind]).toEqual([label('saturation', i), mustBeCyclic(history) ? 'cycle' : 'order']);
    seen[kind]++;
  }
  expect(seen.order).toBeGreaterThan(300);
  expect(seen.cycle).toBeGreaterThan(300);
});

test('values that are written again and again are searched for an order, and never judged wrongly', () => {
  const seen = new Map<string, number>();
  for (let i = 0; i < 900; i++) {
    const history = weak('domain', i, { operations: 10, cas: i % 2 === 0, domain: 3, keys: 2 });
    const told = verdicts(promises(history, casRegister));
    const expected = isSequential(history) ? 'holds' : 'violated';
    const verdict = told['sequential-consistency'];
    if (verdict !== 'not-decided') expect([label('domain', i), verdict]).toEqual([label('domain', i), expected]);
    const isCausal = told['causal-consistency'] === 'violated' || told.coherence === 'violated';
    if (isCausal) expect([label('domain', i), expected]).toEqual([label('domain', i), 'violated']);
    seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
  }
  expect(seen.get('holds')).toBeGreaterThan(200);
  expect(seen.get('violated')).toBeGreaterThan(200);
  expect(seen.get('not-decided') ?? 0).toBeLessThan(45);
});

test('the session guarantees are broken exactly where the definition says, pair by pair', () => {
  const broken = { 'cas-chain': 0, 'real-time': 0 };
  for (let i = 0; i < 1_000; i++) {
    const history = weak('session', i, { operations: 12, keys: 1, writes: i % 4 !== 0 });
    const chain = casChain(history, 'x');
    const isOlder =
      chain === undefined
        ? realTimeOrder(history)
        : (_key: string, older: Json, newer: Json): boolean => chain.indexOf(older) < chain.indexOf(newer);
    const told = promises(history, casRegister).guarantees;
    const breaches = sessionBreaches(history, isOlder);
    for (const name of SESSION) {
      const { violations = 0, verdict, witness } = told.find((guarantee) => guarantee.name === name)!;
      expect([label('session', i), name, violations]).toEqual([label('session', i), name, breaches[name]]);
      expect(verdict === 'violated').toBe(violations > 0);
      if (violations === 0) continue;
      broken[chain === undefined ? 'real-time' : 'cas-chain']++;
      expect(witness!.operations.length).toBeGreaterThanOrEqual(2);
    }
  }
  expect(broken['real-time']).toBeGreaterThan(200);
  expect(broken['cas-chain']).toBeGreaterThan(40);
});

test('a linearizable history keeps every promise, found without knowing the verdict', () => {
  let judged = 0;
  for (let i = 0; i < 1_500; i++) {
    const random = keyed('good', i);
    const operations = randomHistory(random, {
      operations: random.between(2, 30),
      processes: 4,
      values: i % 3 === 0 ? 3 : 0,
      cas: i % 2 === 0,
      crashChance: 0.1,
      mutations: i % 5 === 0 ? 2 : 0,
    });
    const history: History = { operations, failed: [], clients: 4, warnings: [] };
    if (check(history, casRegister).kind !== 'ok') continue;
    judged++;
    const { guarantees } = promises(history, casRegister);
    expect([i, guarantees.filter(({ verdict }) => verdict === 'violated')]).toEqual([i, []]);
    const mayNeedUnseen = operations.some(({ outcome }) => outcome.kind === 'ok' && outcome.output === false);
    if (i % 3 !== 0 && !mayNeedUnseen)
      expect([i, guarantees[0]]).toMatchObject([i, { name: 'sequential-consistency', verdict: 'holds' }]);
  }
  expect(judged).toBeGreaterThan(1_000);
});

test('what is told is consistent: what follows from a promise that holds holds, and the strongest follow from no other', () => {
  for (let i = 0; i < 1_000; i++) {
    const told = promises(weak('lattice', i, {}), casRegister);
    const verdict = verdicts(told);
    const holds = (name: PromiseName): boolean => verdict[name] === 'holds';
    if (holds('sequential-consistency')) expect([i, told.strongest.names]).toEqual([i, ['sequential-consistency']]);
    if (holds('causal-memory') || holds('causal-convergence'))
      expect([i, verdict['causal-consistency']]).toEqual([i, 'holds']);
    if (verdict['causal-consistency'] === 'violated')
      expect([i, verdict['causal-memory'], verdict['causal-convergence']]).toEqual([i, 'violated', 'violated']);
    for (const { name, verdict: its, witness, reason } of told.guarantees) {
      expect(reason).not.toBe('');
      if (its === 'violated') expect([i, name, witness?.sentence]).toEqual([i, name, expect.stringMatching(/\.$/)]);
    }
  }
});

test('a long history is ordered without a step back, with crashed writes that were seen', () => {
  const operations = longHistory(keyed('long'), { operations: 20_000, clients: 10, values: 0, crashed: 50 });
  const told = promises({ operations, failed: [], clients: 10, warnings: [] }, casRegister);
  expect(verdicts(told)['sequential-consistency']).toBe('holds');
});

test('a long history with one stale read is judged throughout', () => {
  const operations = longHistory(keyed('long'), {
    operations: 20_000,
    clients: 10,
    values: 0,
    crashed: 50,
    staleAt: 0.5,
  });
  const told = promises({ operations, failed: [], clients: 10, warnings: [] }, casRegister, {
    linearizable: 'violation',
  });
  // These two cannot be held against real time alone.
  const rest = told.guarantees.filter(({ name }) => name !== 'monotonic-writes' && name !== 'writes-follow-reads');
  expect(rest.filter(({ verdict }) => verdict === 'not-decided')).toEqual([]);
});

test('replicas that deliver causally keep causal memory, and with one order of the writes causal convergence', () => {
  const broken = new Set<string>();
  for (let i = 0; i < 30; i++) {
    for (const kind of ['causal', 'convergent'] as const) {
      const shape = { kind, operations: i < 28 ? 60 : 4_000, clients: 2 + (i % 3), keys: 1 + (i % 4) };
      const told = promises(replicaHistory(keyed('replicas', i), shape), register);
      const verdict = verdicts(told);
      expect([i, kind, verdict[kind === 'causal' ? 'causal-memory' : 'causal-convergence']]).toEqual([
        i,
        kind,
        'holds',
      ]);
      for (const [name, its] of Object.entries(verdict)) if (its === 'violated') broken.add(`${kind} ${name}`);
    }
  }
  // They are told apart: each breaks what it need not keep.
  expect([...broken]).toEqual(
    expect.arrayContaining([
      'causal causal-convergence',
      'causal coherence',
      'causal sequential-consistency',
      'convergent causal-memory',
      'convergent sequential-consistency',
    ]),
  );
  expect([...broken]).not.toContain('convergent coherence');
});

test('replicas that follow one log break read your writes and keep the other session guarantees, by the log index', () => {
  let missed = 0;
  for (let i = 0; i < 20; i++) {
    const shape = {
      kind: 'lagging',
      operations: i < 18 ? 60 : 4_000,
      clients: 2 + (i % 3),
      keys: 1 + (i % 4),
    } as const;
    const told = promises(replicaHistory(keyed('lagging', i), shape), register);
    if (verdicts(told)['sequential-consistency'] === 'holds') continue;
    const session = SESSION.map((name) => guarantee(told, name));
    expect([i, ...session.map(({ versionOrder }) => versionOrder)]).toEqual([i, ...SESSION.map(() => 'log-index')]);
    expect([i, ...session.slice(1).map(({ verdict }) => verdict)]).toEqual([i, 'holds', 'holds', 'holds']);
    missed += Number(session[0]!.verdict === 'violated');
  }
  expect(missed).toBeGreaterThan(10);
});

test('a budget that runs out decides nothing and says so', () => {
  const operations = longHistory(keyed('long'), {
    operations: 2_000,
    clients: 10,
    values: 0,
    crashed: 5,
    staleAt: 0.5,
  });
  const budget = { maxSteps: 500, maxBytes: 1 << 20 };
  const told = promises({ operations, failed: [], clients: 10, warnings: [] }, casRegister, { budget });
  const causalMemory = told.guarantees.find(({ name }) => name === 'causal-memory')!;
  expect(causalMemory).toMatchObject({ verdict: 'not-decided', reason: expect.stringContaining('budget') });
  expect(verdicts(told)['sequential-consistency']).toBe('not-decided');
});

type Line = readonly [client: number, f: 'w' | 'r', key: string, value: Json];

/** Operations one after another, a second each. */
function inOrder(clients: number, ...lines: readonly Line[]): History {
  const operations = lines.map(([client, f, key, value], i): Operation => ({
    id: i,
    process: client,
    input: { f: f === 'w' ? 'write' : 'read', key, value: f === 'w' ? value : null },
    callNs: i * 1e9,
    outcome: { kind: 'ok', output: f === 'w' ? null : value, returnNs: i * 1e9 + 5e8 },
  }));
  return { operations, failed: [], clients, warnings: [] };
}

function guarantee(told: Promises, name: PromiseName): Guarantee {
  return told.guarantees.find((one) => one.name === name)!;
}

test('a stale read that nobody who knew better made is sequentially consistent', () => {
  const told = promises(inOrder(3, [0, 'w', 'x', 1], [1, 'w', 'x', 2], [2, 'r', 'x', 1]), register, {
    linearizable: 'violation',
  });
  expect(told.strongest).toEqual({
    names: ['sequential-consistency'],
    sentence: 'The strongest that the history keeps: sequential consistency.',
  });
});

test('store buffering: both clients miss the other’s write, which no order of all operations explains', () => {
  const told = promises(
    inOrder(2, [0, 'w', 'x', 1], [1, 'w', 'y', 2], [0, 'r', 'y', null], [1, 'r', 'x', null]),
    register,
  );
  expect(verdicts(told)).toMatchObject({
    'sequential-consistency': 'violated',
    'causal-memory': 'holds',
    'causal-convergence': 'holds',
    coherence: 'holds',
  });
  expect(guarantee(told, 'sequential-consistency').witness?.operations.toSorted()).toEqual([0, 1, 2, 3]);
  expect(told.strongest.sentence).toBe(
    'The strongest that the history keeps: causal memory, causal convergence and sequential consistency of each register alone.',
  );
});

test('two clients that see two writes in different orders keep causal memory, not convergence', () => {
  const told = promises(
    inOrder(
      4,
      [0, 'w', 'x', 1],
      [1, 'w', 'x', 2],
      [2, 'r', 'x', 1],
      [3, 'r', 'x', 2],
      [2, 'r', 'x', 2],
      [3, 'r', 'x', 1],
    ),
    register,
  );
  expect(verdicts(told)).toMatchObject({
    'causal-memory': 'holds',
    'causal-convergence': 'violated',
    coherence: 'violated',
  });
  expect(guarantee(told, 'causal-convergence').reason).toBe('CyclicCF');
});

test('a client that goes back and forth between two concurrent writes keeps causal convergence or memory of neither', () => {
  // Bouajjani et al. 2017, figure 3: CC, but neither CCv nor CM.
  const told = promises(inOrder(2, [0, 'w', 'x', 1], [1, 'w', 'x', 2], [1, 'r', 'x', 1], [1, 'r', 'x', 2]), register);
  expect(verdicts(told)).toMatchObject({
    'causal-consistency': 'holds',
    'causal-memory': 'violated',
    'causal-convergence': 'violated',
  });
  expect(guarantee(told, 'causal-memory').reason).toBe('CyclicHB');
});

test('an answer to a question that is read before the question breaks causal consistency, and the sentence says how', () => {
  const told = promises(
    inOrder(
      3,
      [0, 'w', 'x', 1],
      [0, 'w', 'x', 2],
      [1, 'r', 'x', 2],
      [1, 'w', 'y', 3],
      [2, 'r', 'y', 3],
      [2, 'r', 'x', 1],
    ),
    register,
  );
  expect(guarantee(told, 'causal-consistency')).toEqual({
    name: 'causal-consistency',
    verdict: 'violated',
    reason: 'WriteCORead',
    witness: {
      operations: [0, 1, 5],
      sentence:
        'Client 2 read x = 1 at 5.000 s, although it could know of x = 2 (client 0 at 1.000 s), which was written in the knowledge of 1.',
    },
  });
});

test('a value read by one who could know of another write breaks causal consistency where it is the first', () => {
  const told = promises(
    inOrder(2, [0, 'w', 'x', 1], [0, 'w', 'y', 2], [1, 'r', 'y', 2], [1, 'r', 'x', null]),
    register,
  );
  expect(guarantee(told, 'causal-consistency')).toMatchObject({
    reason: 'WriteCOInitRead',
    witness: {
      operations: [0, 3],
      sentence:
        'Client 1 read x = null at 3.000 s, the value from the beginning, although it could know of x = 1 (client 0 at 0.000 s).',
    },
  });
});

test('a value that nobody wrote breaks all but the session guarantees, which it leaves undecided', () => {
  const told = promises(inOrder(1, [0, 'w', 'x', 1], [0, 'r', 'x', 7]), register);
  expect(verdicts(told)).toEqual({
    'sequential-consistency': 'violated',
    'causal-memory': 'violated',
    'causal-convergence': 'violated',
    'causal-consistency': 'violated',
    coherence: 'violated',
    'read-your-writes': 'not-decided',
    'monotonic-reads': 'not-decided',
    'monotonic-writes': 'not-decided',
    'writes-follow-reads': 'not-decided',
  });
  expect(guarantee(told, 'causal-consistency').witness?.sentence).toBe(
    'Client 0 read x = 7 at 1.000 s, although 7 was never written to x.',
  );
});

test('a client that does not see its own write is told with both times', () => {
  const told = promises(
    inOrder(2, [1, 'w', 'x', 1], [0, 'w', 'x', 2], [1, 'r', 'x', 2], [0, 'r', 'x', 1], [0, 'r', 'x', 2]),
    register,
  );
  expect(guarantee(told, 'read-your-writes')).toMatchObject({
    verdict: 'violated',
    versionOrder: 'real-time',
    violations: 1,
    witness: {
      operations: [1, 0, 3],
      sentence:
        'Client 0 read x = 1 at 3.000 s, although it had itself written x = 2 1500 ms before, and 1 had been in effect before 2 was written.',
    },
  });
  expect(guarantee(told, 'monotonic-writes')).toMatchObject({ verdict: 'not-decided' });
});

test('a client that sees a newer value and then an older one is told with both times', () => {
  const told = promises(
    inOrder(3, [1, 'w', 'x', 1], [1, 'w', 'x', 2], [0, 'r', 'x', 2], [0, 'r', 'x', 1], [2, 'r', 'x', 2]),
    register,
  );
  expect(guarantee(told, 'monotonic-reads')).toMatchObject({
    verdict: 'violated',
    witness: {
      operations: [2, 1, 0, 3],
      sentence:
        'Client 0 read x = 1 at 3.000 s, although it had already read x = 2 500 ms before, and 1 had been in effect before 2 was written.',
    },
  });
});

test('the log index is the order of versions where every read bears it out', () => {
  const applied = (history: History, ...indices: readonly number[]): History => ({
    ...history,
    operations: history.operations.map((operation, i) => ({ ...operation, applied: indices[i]! })),
  });
  const lines: readonly Line[] = [
    [0, 'w', 'x', 1],
    [1, 'w', 'x', 2],
    [0, 'r', 'x', 2],
    [0, 'r', 'x', 1],
    [1, 'r', 'x', 2],
    [1, 'r', 'x', 1],
  ];
  const borneOut = promises(applied(inOrder(2, ...lines), 3, 5, 6, 4, 5, 3), register);
  expect(guarantee(borneOut, 'monotonic-reads')).toMatchObject({
    verdict: 'violated',
    versionOrder: 'log-index',
    violations: 2,
    witness: { sentence: expect.stringContaining('1 was written at log index 3, 2 at 5.') },
  });
  // The last read shows 1 though its state has the entry of 2.
  const not = promises(applied(inOrder(2, ...lines), 3, 5, 6, 4, 5, 7), register);
  expect(guarantee(not, 'monotonic-reads').versionOrder).toBe('real-time');
  // Two entries at one index are two logs.
  const split = promises(applied(inOrder(2, ...lines), 5, 5, 6, 4, 5, 3), register);
  expect(guarantee(split, 'monotonic-reads').versionOrder).toBe('real-time');
});

test('a compare-and-set bears the index before its own out, and a crashed write that was seen needs none', () => {
  const history = inOrder(
    3,
    [0, 'w', 'x', 1],
    [1, 'w', 'x', 2],
    [0, 'r', 'x', 2],
    [2, 'w', 'x', 7],
    [0, 'r', 'x', 7],
    [0, 'r', 'x', 1],
  );
  const applied = [3, 4, 4, NaN, 5, 3];
  const operations = history.operations.map((operation, i): Operation => {
    if (i === 3) return { ...operation, outcome: { kind: 'unknown', reason: 'timeout' } };
    if (i !== 1) return { ...operation, applied: applied[i]! };
    const outcome = { kind: 'ok', output: true, returnNs: 1.5e9 } as const;
    return { ...operation, input: { f: 'cas', key: 'x', value: [1, 2] }, outcome, applied: 4 };
  });
  const told = guarantee(promises({ ...history, operations }, casRegister), 'monotonic-reads');
  expect(told).toMatchObject({ verdict: 'violated', versionOrder: 'log-index', violations: 1 });
});

test('a client that saw a crashed write goes back to an indexed one against real time', () => {
  const history = inOrder(3, [0, 'w', 'x', 1], [2, 'w', 'x', 7], [0, 'r', 'x', 7], [0, 'r', 'x', 1], [0, 'r', 'x', 7]);
  const applied = [3, NaN, 5, 3, 5];
  const operations = history.operations.map((operation, i): Operation =>
    i === 1
      ? { ...operation, outcome: { kind: 'unknown', reason: 'timeout' } }
      : { ...operation, applied: applied[i]! },
  );
  const told = guarantee(promises({ ...history, operations }, register), 'monotonic-reads');
  expect(told).toMatchObject({
    versionOrder: 'log-index',
    violations: 1,
    witness: {
      operations: [2, 1, 0, 3],
      sentence: expect.stringContaining('1 had been in effect before 7 was written'),
    },
  });
});

test('a value that was read before its write was invoked is in effect no earlier than that', () => {
  const early = inOrder(
    4,
    [0, 'r', 'x', 9],
    [1, 'w', 'x', 2],
    [3, 'w', 'x', 9],
    [2, 'r', 'x', 2],
    [2, 'r', 'x', 9],
    [0, 'r', 'x', 2],
  );
  const told = guarantee(promises(early, register), 'monotonic-reads');
  // Client 2 goes forward, client 0 back from 9; that one is not certain in real time, since 9 came after 2.
  expect(told).toMatchObject({ versionOrder: 'real-time', violations: 1, witness: { operations: [0, 2, 1, 5] } });
});

test('what begins at the instant at which a compare-and-set returns is after neither half of it', () => {
  const at = (
    id: number,
    process: number,
    call: Operation['input'],
    times: readonly [number, number],
    output: Json,
  ): Operation => ({
    id,
    process,
    input: { key: 'x', ...call },
    callNs: times[0],
    outcome: { kind: 'ok', output, returnNs: times[1] },
  });
  const operations = [
    at(0, 0, { f: 'write', value: 3 }, [2, 3], null),
    at(1, 1, { f: 'cas', value: [3, 2] }, [3, 8], true),
    at(2, 0, { f: 'cas', value: [3, 1] }, [7, 8], true),
    at(3, 1, { f: 'read', value: null }, [8, 8], null),
  ];
  const told = verdicts(promises({ operations, failed: [], clients: 2, warnings: [] }, casRegister));
  expect(told).toMatchObject({ 'causal-memory': 'holds', 'causal-convergence': 'holds', coherence: 'violated' });
});

test('compare-and-sets that wait for each other are no chain', () => {
  const cas = (id: number, from: Json, to: Json): Operation => ({
    id,
    process: id,
    input: { f: 'cas', key: 'x', value: [from, to] },
    callNs: id * 10,
    outcome: { kind: 'ok', output: true, returnNs: id * 10 + 5 },
  });
  const chain = { operations: [cas(0, null, 1), cas(1, 1, 2)], failed: [], warnings: [] };
  const told = promises({ ...chain, operations: [...chain.operations, cas(2, 1, 3)] }, casRegister);
  // As reads and writes the three are fine; as compare-and-sets two cannot follow the same value.
  expect(verdicts(told)).toMatchObject({ 'causal-convergence': 'holds', coherence: 'violated' });
  const waiting = promises({ ...chain, operations: [...chain.operations, cas(2, 5, 6), cas(3, 6, 5)] }, casRegister);
  expect(guarantee(waiting, 'monotonic-writes')).toMatchObject({ versionOrder: 'real-time' });
  expect(guarantee(waiting, 'causal-consistency')).toMatchObject({
    reason: 'CyclicCO',
    witness: { operations: [2, 3] },
  });
});

test('monotonic writes and writes that follow reads are broken where the log has them the other way round', () => {
  const history = inOrder(
    2,
    [0, 'w', 'x', 1],
    [0, 'w', 'x', 2],
    [1, 'r', 'x', 2],
    [1, 'w', 'x', 3],
    [1, 'r', 'x', 1],
    [0, 'r', 'x', 2],
  );
  const indices = [7, 4, 4, 3, 9, 5];
  const operations = history.operations.map((operation, i) => ({ ...operation, applied: indices[i]! }));
  const told = promises({ ...history, operations }, register);
  expect(guarantee(told, 'monotonic-writes')).toMatchObject({
    verdict: 'violated',
    versionOrder: 'log-index',
    witness: { operations: [0, 1] },
  });
  expect(guarantee(told, 'writes-follow-reads')).toMatchObject({
    verdict: 'violated',
    witness: { operations: [2, 1, 3], sentence: expect.stringContaining('3 was written at log index 3, 2 at 4.') },
  });
});

test('a client goes on as another process after an operation of unknown outcome', () => {
  const history = inOrder(2, [0, 'w', 'x', 1], [1, 'w', 'x', 2], [0, 'r', 'x', 2], [2, 'r', 'x', 1], [1, 'r', 'x', 2]);
  expect(verdicts(promises(history, register))['monotonic-reads']).toBe('violated');
  const alone = { operations: history.operations, failed: [], warnings: [] };
  expect(verdicts(promises(alone, register))['monotonic-reads']).toBe('holds');
});

test('values with several writers are searched for an order, and leave the rest undecided', () => {
  const good = inOrder(2, [0, 'w', 'x', 1], [1, 'w', 'x', 1], [0, 'r', 'x', 1], [1, 'r', 'x', 1]);
  expect(promises(good, register).strongest.names).toEqual(['sequential-consistency']);
  const bad = inOrder(2, [0, 'w', 'x', 1], [1, 'w', 'x', 1], [0, 'w', 'y', 2], [1, 'r', 'y', 2], [1, 'r', 'x', null]);
  expect(verdicts(promises(bad, register))).toMatchObject({
    'sequential-consistency': 'violated',
    'causal-consistency': 'violated',
  });
  const open = inOrder(
    2,
    [0, 'w', 'x', 1],
    [0, 'w', 'x', 2],
    [1, 'w', 'x', 1],
    [1, 'r', 'x', 1],
    [1, 'r', 'x', 2],
    [0, 'r', 'x', 1],
    [0, 'r', 'x', 2],
  );
  expect(verdicts(promises(open, register))).toMatchObject({
    'sequential-consistency': 'violated',
    'monotonic-reads': 'not-decided',
  });
});

test('what is linearizable keeps everything, and what is no history of registers is not judged', () => {
  const history = inOrder(1, [0, 'w', 'x', 1]);
  const known = promises(history, register, { linearizable: 'ok' });
  expect(known.guarantees.every(({ verdict }) => verdict === 'holds')).toBe(true);
  expect(known.strongest.names).toEqual(['linearizability']);
  const step: typeof register = { ...register };
  delete (step as { asRegister?: unknown }).asRegister;
  const other = promises(history, step, { linearizable: 'unknown' });
  expect(other.guarantees.every(({ verdict }) => verdict === 'not-decided')).toBe(true);
  expect(other.strongest.names).toEqual([]);
});
