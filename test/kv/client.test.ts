/** The client's state machine, against nodes that a test plays by hand. */
import { describe, expect, test } from 'vitest';
import { msToNs } from '../../src/base/time.ts';
import type { Completion } from '../../src/contract/cluster.ts';
import { ClientMachine, type ClientMachineOptions } from '../../src/kv/client.ts';
import { vocabularyOf, type KvCall } from '../../src/kv/vocabulary.ts';
import { ALL_RULES, rulesOf } from '../../src/raft/rules.ts';
import { decodeRequest, encodeResponse } from '../../src/wire/client-codec.ts';
import type { Request, Response } from '../../src/wire/client-protocol.ts';

interface Sent {
  readonly node: string;
  readonly request: Request;
  readonly atMs: number;
}

/** A client whose network is a list of what it sent, and whose clock moves when told. */
class Stage {
  readonly sent: Sent[] = [];
  readonly completions: Completion[] = [];
  readonly client: ClientMachine;
  #nowNs = 0;
  #wakeNs = Infinity;

  constructor(options: Partial<ClientMachineOptions> = {}) {
    this.client = new ClientMachine(
      {
        name: 'c0',
        entry: 'n1',
        nodes: ['n1', 'n2', 'n3'],
        pinned: false,
        reads: 'read-index',
        attemptTimeoutNs: msToNs(100),
        seed: 'test',
        rules: ALL_RULES,
        ...options,
      },
      {
        send: (node, payload) =>
          this.sent.push({ node, request: decodeRequest(payload), atMs: this.#nowNs / msToNs(1) }),
      },
      {
        nowNs: () => this.#nowNs,
        wakeAt: (atNs) => {
          this.#wakeNs = atNs;
        },
      },
    );
  }

  invoke(call: KvCall, timeoutMs = 1000): void {
    this.client.invoke(call, msToNs(timeoutMs), (completion) => this.completions.push(completion));
  }

  /** Lets time pass, and wakes the client when it asked for it. */
  pass(ms: number): void {
    const endNs = this.#nowNs + msToNs(ms);
    while (this.#wakeNs <= endNs) {
      this.#nowNs = Math.max(this.#nowNs, this.#wakeNs);
      this.#wakeNs = Infinity;
      this.client.onWake();
    }
    this.#nowNs = endNs;
  }

  get last(): Sent {
    return this.sent.at(-1)!;
  }

  get completion(): Completion | undefined {
    return this.completions.at(-1);
  }

  /** The last request's node answers it. */
  answer(response: Unnumbered, to: Sent = this.last): void {
    const { attempt } = to.request;
    this.client.onResponse(to.node, encodeResponse({ attempt, node: to.node, ...response } as Response));
  }

  result(output: Response extends { output: infer O } ? O : unknown): void {
    this.answer({ kind: 'result', output, term: 3, applied: 9 } as Unnumbered);
  }

  refuse(reason: Extract<Response, { kind: 'refused' }>['reason'], leader: string | null = null): void {
    this.answer({ kind: 'refused', reason, leader } as Unnumbered);
  }

  /** Every node refuses until the operation ends; answers the waits between the attempts. */
  refuseAll(): readonly number[] {
    const waitsMs: number[] = [];
    while (this.completion === undefined) {
      const { atMs, request } = this.last;
      this.refuse('not-leader');
      while (this.last.request === request && this.completion === undefined) this.pass(0.1);
      if (this.completion === undefined) waitsMs.push(this.last.atMs - atMs);
    }
    return waitsMs;
  }

  openSession(session: number): void {
    expect(this.last.request.kind).toBe('openSession');
    this.client.onResponse(
      this.last.node,
      encodeResponse({ kind: 'sessionOpened', attempt: this.last.request.attempt, session }),
    );
  }
}

type Unnumbered = Record<string, unknown> & { readonly kind: Response['kind'] };

const READ: KvCall = { f: 'read', key: 'x', value: null };
const WRITE: KvCall = { f: 'write', key: 'x', value: 7 };
const CAS: KvCall = { f: 'cas', key: 'x', value: [5, 6] };

test('a read is answered with who answered it', () => {
  const stage = new Stage();
  stage.invoke(READ);
  expect(stage.last).toMatchObject({ node: 'n1', request: { kind: 'read', mode: 'read-index', key: 'x' } });
  stage.result(5);
  expect(stage.completion).toEqual({ kind: 'ok', output: 5, from: { node: 'n1', term: 3, applied: 9 } });
});

test('the first command opens a session; commands of a session are numbered from 1 on', () => {
  const stage = new Stage();
  stage.invoke(WRITE);
  stage.openSession(40);
  expect(stage.last.request).toMatchObject({ kind: 'command', session: 40, sequence: 1, operation: { value: 7 } });
  stage.result(null);
  stage.invoke(CAS);
  expect(stage.last.request).toMatchObject({ session: 40, sequence: 2, operation: { f: 'cas', from: 5, to: 6 } });
  stage.result(true);
  expect(stage.completion).toMatchObject({ kind: 'ok', output: true });
});

test('a retry repeats the session and sequence number of its command; M40 blind-retry makes another command of it', () => {
  for (const [mutant, sequences] of [
    [null, [1, 1, 1]],
    ['M40', [1, 2, 3]],
  ] as const) {
    const stage = new Stage({ rules: rulesOf(mutant)! });
    stage.invoke(WRITE);
    stage.openSession(1);
    stage.pass(250);
    const commands = stage.sent.flatMap(({ request }) => (request.kind === 'command' ? [request.sequence] : []));
    expect(commands).toEqual(sequences);
  }
});

test('what is read where nothing was written is what the vocabulary says', () => {
  for (const [model, nothing] of [
    ['counter', 0],
    ['set', []],
    ['list', []],
    ['cas-register', null],
  ] as const) {
    const stage = new Stage({ vocabulary: vocabularyOf(model) });
    stage.invoke(READ);
    stage.result(null);
    expect(stage.completion).toMatchObject({ kind: 'ok', output: nothing });
  }
});

test('`add` is a sum to a counter and a member to a set', () => {
  for (const [model, operation] of [
    ['counter', { f: 'increment', key: 'x', by: 5 }],
    ['set', { f: 'insert', key: 'x', value: 5 }],
  ] as const) {
    const stage = new Stage({ vocabulary: vocabularyOf(model) });
    stage.invoke({ f: 'add', key: 'x', value: 5 });
    stage.openSession(1);
    expect(stage.last.request).toMatchObject({ operation });
  }
});

test('a command that was refused by the object failed, though an earlier attempt is in doubt: both are the same one', () => {
  const stage = new Stage({ vocabulary: vocabularyOf('lock') });
  stage.invoke({ f: 'release', key: 'x', value: 3 });
  stage.openSession(1);
  stage.pass(150);
  stage.result('not-holder');
  expect(stage.completion).toMatchObject({ kind: 'fail', error: 'not-holder' });
});

test('a lock that is held is an answer, and a text that was dequeued too', () => {
  const lock = new Stage({ vocabulary: vocabularyOf('lock') });
  lock.invoke({ f: 'acquire', key: 'x', value: 3 });
  lock.openSession(1);
  lock.result(false);
  expect(lock.completion).toMatchObject({ kind: 'ok', output: false });
  const queue = new Stage({ vocabulary: vocabularyOf('queue') });
  queue.invoke({ f: 'dequeue', key: 'x', value: null });
  queue.openSession(1);
  queue.result('full');
  expect(queue.completion).toMatchObject({ kind: 'ok', output: 'full' });
});

test('a call that the vocabulary does not have is a defect', () => {
  expect(() => new Stage({ vocabulary: vocabularyOf('queue') }).invoke(READ)).toThrow(
    'read is none of enqueue, dequeue',
  );
  expect(vocabularyOf('bank')).toBe(undefined);
  expect(vocabularyOf('constructor')).toBe(undefined);
});

test('what cannot be an answer to the question leaves it unknown what was done', () => {
  for (const [call, output] of [
    [WRITE, false],
    [CAS, null],
  ] as const) {
    const stage = new Stage();
    stage.invoke(call);
    stage.openSession(40);
    stage.result(output);
    expect(stage.completion).toEqual({ kind: 'unknown', error: 'no answer to the question' });
  }
});

test('a compare-and-set that is answered "no" is a mismatch, and an observation of that node', () => {
  const stage = new Stage();
  stage.invoke(CAS);
  stage.openSession(1);
  stage.result(false);
  expect(stage.completion).toEqual({
    kind: 'fail',
    error: 'mismatch',
    from: { node: 'n1', term: 3, applied: 9 },
  });
});

describe('redirects', () => {
  test('a client follows the hint at once, and stays with the leader', () => {
    const stage = new Stage();
    stage.invoke(READ);
    stage.refuse('not-leader', 'n3');
    expect(stage.last).toMatchObject({ node: 'n3', atMs: 0 });
    stage.result(1);
    stage.invoke(READ);
    expect(stage.last.node).toBe('n3');
  });

  test('nodes that point at each other do not make it spin', () => {
    const stage = new Stage();
    stage.invoke(READ, 2000);
    for (let i = 0; i < 1000 && stage.completion === undefined; i++) {
      if (stage.last.request.attempt === i + 1) stage.refuse('not-leader', stage.last.node === 'n1' ? 'n2' : 'n1');
      while (stage.sent.length === i + 1 && stage.completion === undefined) stage.pass(5);
    }
    expect(stage.completion).toMatchObject({ kind: 'fail', error: 'not-leader' });
    expect(stage.sent.length).toBeLessThan(50);
  });

  test('a hint to a node that has just let an attempt time out is not believed', () => {
    const stage = new Stage();
    stage.invoke(READ);
    stage.pass(100);
    expect(stage.last.node).toBe('n2');
    stage.refuse('not-leader', 'n1');
    stage.pass(20);
    expect(stage.last.node).toBe('n3');
    stage.refuse('not-leader', 'n2');
    expect(stage.last.node).toBe('n2');
  });

  test('a node that timed out is believed again as soon as it is heard, late as it may be', () => {
    const stage = new Stage();
    stage.invoke(READ);
    const old = stage.last;
    stage.pass(100);
    stage.answer({ kind: 'refused', reason: 'not-ready', leader: null }, old);
    stage.refuse('not-leader', 'n1');
    expect(stage.last).toMatchObject({ node: 'n1', atMs: 100 });
  });
});

describe('refusals', () => {
  test('a leaderless cluster is asked less and less often, and the operation fails: nothing ever took effect', () => {
    const stage = new Stage();
    stage.invoke(WRITE, 3000);
    const waitsMs = stage.refuseAll();
    expect(stage.completion).toMatchObject({ kind: 'fail', error: 'not-leader' });
    expect(Math.min(...waitsMs)).toBeGreaterThanOrEqual(10);
    expect(waitsMs[0]).toBeLessThanOrEqual(20);
    expect(Math.max(...waitsMs)).toBeLessThanOrEqual(200);
    expect(Math.min(...waitsMs.slice(5))).toBeGreaterThanOrEqual(100);
  });

  test('the waits come from the seed and the name', () => {
    const timesMs = (name: string): readonly number[] => {
      const stage = new Stage({ name });
      stage.invoke(READ);
      for (let i = 0; i < 5; i++) {
        stage.refuse('not-ready');
        while (stage.sent.length === i + 1) stage.pass(0.01);
      }
      return stage.sent.map((sent) => sent.atMs);
    };
    expect(timesMs('c1')).toEqual(timesMs('c1'));
    expect(timesMs('c1')).not.toEqual(timesMs('c2'));
  });

  test('an unsupported read mode fails at once', () => {
    const stage = new Stage({ reads: 'lease' });
    stage.invoke(READ);
    stage.refuse('unsupported');
    expect(stage.completion).toEqual({ kind: 'fail', error: 'unsupported', from: { node: 'n1' } });
  });

  test('a write that never got a session was never sent, so it fails', () => {
    const stage = new Stage();
    stage.invoke(WRITE, 250);
    stage.pass(250);
    expect(stage.sent.every(({ request }) => request.kind === 'openSession')).toBe(true);
    expect(stage.completion).toEqual({ kind: 'fail', error: 'timeout' });
  });
});

describe('doubt', () => {
  test('a retry repeats the same session and sequence at another node', () => {
    const stage = new Stage();
    stage.invoke(WRITE);
    stage.openSession(4);
    stage.pass(100);
    const [first, second] = stage.sent.slice(-2);
    expect([first!.node, second!.node]).toEqual(['n1', 'n2']);
    expect(second!.request).toEqual({ ...first!.request, attempt: first!.request.attempt + 1 });
  });

  test('one attempt in doubt makes the failure unknown, however the others were refused', () => {
    const stage = new Stage();
    stage.invoke(WRITE, 300);
    stage.openSession(4);
    stage.pass(100);
    stage.refuseAll();
    expect(stage.completion).toEqual({ kind: 'unknown', error: 'timeout' });
  });

  test('an answer of "unknown" is doubt, and a later ok settles it', () => {
    const stage = new Stage();
    stage.invoke(WRITE);
    stage.openSession(4);
    stage.answer({ kind: 'unknown', reason: 'lost-leadership', leader: 'n2' });
    expect(stage.last).toMatchObject({ node: 'n2', request: { session: 4, sequence: 1 } });
    stage.result(null);
    expect(stage.completion).toMatchObject({ kind: 'ok' });
  });

  test('an answer of "unknown" followed by refusals only stays unknown', () => {
    const stage = new Stage();
    stage.invoke(WRITE);
    stage.openSession(4);
    stage.answer({ kind: 'unknown', reason: 'lost-leadership', leader: 'n2' });
    stage.refuseAll();
    expect(stage.completion).toEqual({ kind: 'unknown', error: 'lost-leadership' });
  });

  test('a lost connection is doubt', () => {
    const stage = new Stage();
    stage.invoke(WRITE, 150);
    stage.openSession(4);
    stage.client.onDisconnect('n1');
    stage.pass(20);
    expect(stage.last.node).toBe('n2');
    stage.refuseAll();
    expect(stage.completion).toEqual({ kind: 'unknown', error: 'disconnected' });
  });

  test('an unanswered read is unknown', () => {
    const stage = new Stage();
    stage.invoke(READ, 150);
    stage.pass(150);
    expect(stage.completion).toEqual({ kind: 'unknown', error: 'timeout' });
  });

  test('an expired session after an attempt in doubt is unknown: it may have been applied before it was evicted', () => {
    const stage = new Stage();
    stage.invoke(WRITE);
    stage.openSession(4);
    stage.pass(100);
    stage.refuse('session-expired');
    expect(stage.completion).toEqual({ kind: 'unknown', error: 'session-expired' });
  });

  test('an expired session without any doubt is opened anew, and the command runs', () => {
    const stage = new Stage();
    stage.invoke(WRITE);
    stage.openSession(4);
    stage.result(null);
    stage.invoke(WRITE);
    stage.refuse('session-expired');
    stage.pass(20);
    stage.openSession(50);
    expect(stage.last.request).toMatchObject({ session: 50, sequence: 1 });
    stage.result(null);
    expect(stage.completion).toMatchObject({ kind: 'ok' });
    stage.invoke(CAS);
    expect(stage.last.request).toMatchObject({ session: 50, sequence: 2 });
  });

  test('after an unknown command the next one runs under a fresh session, and the old one is closed in passing', () => {
    const stage = new Stage();
    stage.invoke(WRITE, 50);
    stage.openSession(4);
    stage.pass(50);
    expect(stage.completion?.kind).toBe('unknown');
    stage.invoke(WRITE);
    stage.openSession(60);
    const [close, command] = stage.sent.slice(-2);
    expect(close!.request).toMatchObject({ kind: 'closeSession', session: 4 });
    expect(command!.request).toMatchObject({ kind: 'command', session: 60, sequence: 1 });
  });

  test('an answer to an attempt that was given up is not taken for an answer to the present one', () => {
    const stage = new Stage({ pinned: true });
    stage.invoke(READ, 100);
    const old = stage.last;
    stage.pass(100);
    stage.invoke(READ, 100);
    stage.answer({ kind: 'result', output: 1, term: 1, applied: 1 }, old);
    expect(stage.completions.length).toBe(1);
    stage.result(2);
    expect(stage.completion).toMatchObject({ kind: 'ok', output: 2 });
  });

  test('a malformed answer, or one to another question, is refused and the operation still ends', () => {
    const stage = new Stage();
    stage.invoke(READ, 100);
    expect(() => stage.client.onResponse('n1', Uint8Array.of(1, 2))).toThrow('not a JSON document');
    const session = encodeResponse({ kind: 'sessionOpened', attempt: stage.last.request.attempt, session: 1 });
    expect(() => stage.client.onResponse('n1', session)).toThrow('another question');
    stage.client.onDisconnect('n1');
    stage.pass(100);
    expect(stage.completion).toMatchObject({ kind: 'unknown' });
  });
});

describe('a witness', () => {
  test('asks the same node again after an attempt timeout', () => {
    const stage = new Stage({ pinned: true });
    stage.invoke(READ);
    stage.pass(350);
    expect(stage.sent.map(({ node }) => node)).toEqual(['n1', 'n1', 'n1', 'n1']);
  });

  test('does not follow a redirect: it fails after a wait that grows, within its timeout', () => {
    const stage = new Stage({ pinned: true });
    const waitsMs: number[] = [];
    for (let i = 0; i < 6; i++) {
      stage.invoke(READ, 100);
      stage.refuse('not-leader', 'n2');
      expect(stage.completions.length).toBe(i);
      for (waitsMs.push(0); stage.completions.length === i; waitsMs[i]!++) stage.pass(1);
      expect(stage.completion).toEqual({ kind: 'fail', error: 'not-leader', from: { node: 'n1' } });
    }
    expect(new Set(stage.sent.map(({ node }) => node))).toEqual(new Set(['n1']));
    expect(waitsMs[0]).toBeLessThanOrEqual(20);
    expect(waitsMs.at(-1)).toBe(100);
  });
});

test('with local reads every operation begins at the entry node, wherever the last write had to go', () => {
  const stage = new Stage({ reads: 'local' });
  stage.invoke(WRITE);
  stage.refuse('not-leader', 'n2');
  stage.openSession(4);
  stage.result(null);
  expect(stage.client.target).toBe('n1');
  stage.invoke(READ);
  expect(stage.last).toMatchObject({ node: 'n1', request: { mode: 'local' } });
});

test('closing retires the session and ends an open operation as unknown', () => {
  const stage = new Stage();
  stage.invoke(WRITE);
  stage.openSession(4);
  stage.client.close();
  expect(stage.last.request).toMatchObject({ kind: 'closeSession', session: 4 });
  expect(stage.completion).toEqual({ kind: 'unknown', error: 'closed' });
});
