/**
 * Histories written as Jepsen does and read again: the verdict is the same, or there is a count of the observations that were lost.
 */
import { expect, test } from 'vitest';
import { check, modelNamed, NotWritable, readHistory, writeEdn } from '../../../checker/index.ts';
import type { Call, History, Json, Model, Operation } from '../../../checker/index.ts';
import { keyed } from '../../../src/base/random.ts';
import { randomModelHistory } from '../model/generate-model.ts';
import { plainNames, type PlainName } from '../model/plain-objects.ts';

/** `STALEMATE_SEED=… npx vitest run test/checker/history/edn-writer.test.ts` replays one history of each model. */
const only = process.env['STALEMATE_SEED'];
const HISTORIES_OF_A_MODEL = 150;
const BUDGET = { maxSteps: 1_000_000, maxBytes: 1 << 26 };

interface Written {
  readonly history: History;
  readonly text: string;
  readonly lost: number;
  readonly notes: readonly string[];
  readonly initial: Json | undefined;
}

function writtenAndRead(history: History, sentinel?: string): Written {
  const { pieces, lost, initial, notes } = writeEdn(history, { name: 'a test', ...(sentinel && { sentinel }) });
  const text = [...pieces].join('');
  return { history: readHistory(text, 'edn', { format: 'auto' }), text, lost, notes, initial };
}

function modelOf(name: string, initial: Json | undefined): Model<Json, Call, Json> {
  return modelNamed(name, initial === undefined ? {} : { initial })!;
}

function kindOf(history: History, model: Model<Json, Call, Json>): string {
  return check(history, model, BUDGET).kind;
}

/** Without the compare-and-sets that were answered "no", which are what an export loses. */
function withoutMismatches(operations: readonly Operation[]): readonly Operation[] {
  return operations.filter(
    ({ input, outcome }) => !(input.f === 'cas' && outcome.kind === 'ok' && outcome.output === false),
  );
}

function histories(name: PlainName): readonly { readonly seed: string; readonly operations: readonly Operation[] }[] {
  const seeds = only === undefined ? Array.from({ length: HISTORIES_OF_A_MODEL }, (_none, i) => `w${i}`) : [only];
  return seeds.map((seed) => {
    const random = keyed(seed, 'edn', name);
    return {
      seed,
      operations: randomModelHistory(random, {
        model: name,
        operations: random.between(4, 16),
        processes: random.between(2, 4),
        values: random.pick([0, 2, 3]),
        crashChance: random.pick([0, 0.05, 0.2]),
        mutations: random.int(4),
        keys: random.pick([1, 2, 3]),
      }),
    };
  });
}

test.each(plainNames)('%s: 150 histories have the same verdict when they were written and read again', (name) => {
  const counts = { ok: 0, violation: 0, unknown: 0, lost: 0 };
  for (const { seed, operations } of histories(name)) {
    const { history, text, lost, initial } = writtenAndRead({ operations, failed: [], warnings: [] });
    const kept = withoutMismatches(operations);
    const before = kindOf({ operations: kept, failed: [], warnings: [] }, modelOf(name, undefined));
    const after = kindOf(history, modelOf(name, initial));
    const told = `seed ${seed}: STALEMATE_SEED=${seed} npx vitest run test/checker/history/edn-writer.test.ts\n${text}`;
    expect({ kind: after, lost }, told).toEqual({ kind: before, lost: operations.length - kept.length });
    counts[before as 'ok' | 'violation']++;
    counts.lost += lost;
  }
  if (only !== undefined) return;
  expect(counts.ok).toBeGreaterThan(15);
  expect(counts.violation).toBeGreaterThan(15);
  expect(counts.unknown).toBe(0);
  expect(counts.lost > 0).toBe(name === 'cas-register');
});

const call = (f: string, value: Json, key?: string): Call => (key === undefined ? { f, value } : { f, key, value });

function operation(
  id: number,
  input: Call,
  output: Json,
  it: Partial<Operation> & { readonly to?: number } = {},
): Operation {
  const callNs = it.callNs ?? 10 * id;
  return { id, process: 0, input, outcome: { kind: 'ok', output, returnNs: it.to ?? callNs + 5 }, ...it, callNs };
}

const historyOf = (...operations: readonly Operation[]): History => ({ operations, failed: [], warnings: [] });

test('it reads like a history of Jepsen', () => {
  const { pieces } = writeEdn(
    {
      ...historyOf(
        operation(0, call('write', 5, 'x'), null, { node: 'n1' }),
        operation(1, call('cas', [5, 6], 'x'), true),
        operation(2, call('cas', [7, 8], 'x'), false),
        operation(3, call('read', null, 'x'), 6),
        {
          id: 4,
          process: 1,
          input: call('write', 9, 'x'),
          callNs: 40,
          outcome: { kind: 'unknown', reason: 'timeout' },
        },
      ),
      failed: [{ id: 5, process: 2, input: call('write', 7, 'x'), callNs: 50, returnNs: 51, error: 'not the leader' }],
    },
    { name: 'a test', bystanders: [{ timeNs: 12, process: 'nemesis', f: 'start-pause', value: ['n1'] }] },
  );
  expect([...pieces].join('').split('\n')).toEqual([
    '; a history in the words of Jepsen, from a test',
    '; 1 compare-and-set answered "no" (mismatch) observed that the value was another one; :fail cannot say that, it is lost',
    '{:process 0, :type :invoke, :f :write, :value [x 5], :time 0, :index 0}'.replace('x', '"x"'),
    '{:process 0, :type :ok, :f :write, :value ["x" 5], :time 5, :index 1, :node "n1"}',
    '{:process 0, :type :invoke, :f :cas, :value ["x" [5 6]], :time 10, :index 2}',
    '{:process :nemesis, :type :info, :f :start-pause, :value ["n1"], :time 12, :index 3}',
    '{:process 0, :type :ok, :f :cas, :value ["x" [5 6]], :time 15, :index 4}',
    '{:process 0, :type :invoke, :f :cas, :value ["x" [7 8]], :time 20, :index 5}',
    '{:process 0, :type :fail, :f :cas, :value ["x" [7 8]], :time 25, :index 6, :error :mismatch}',
    '{:process 0, :type :invoke, :f :read, :value ["x" nil], :time 30, :index 7}',
    '{:process 0, :type :ok, :f :read, :value ["x" 6], :time 35, :index 8}',
    '{:process 1, :type :invoke, :f :write, :value ["x" 9], :time 40, :index 9}',
    '{:process 2, :type :invoke, :f :write, :value ["x" 7], :time 50, :index 10}',
    '{:process 2, :type :fail, :f :write, :value ["x" 7], :time 51, :index 11, :error "not the leader"}',
    '{:process 1, :type :info, :f :write, :value ["x" 9], :time 51, :index 12, :error :timeout}',
    '',
  ]);
});

test('a stale read of null is a violation behind the sentinel, and nothing at all where null is nil', () => {
  const stale = historyOf(operation(0, call('write', 5), null), operation(1, call('read', null), null));
  const said = writtenAndRead(stale);
  expect(said).toMatchObject({ lost: 0, initial: ':null' });
  expect(said.notes.join()).toContain("--initial ':null'");
  expect(kindOf(said.history, modelOf('register', said.initial))).toBe('violation');
  const lost = writtenAndRead(stale, 'nil');
  expect(lost).toMatchObject({ lost: 1, initial: undefined });
  expect(kindOf(lost.history, modelOf('register', undefined))).toBe('ok');
});

test('what is concurrent for having equal times stays so, also within one process', () => {
  // The read begins at the instant when the write of its own process returns, and the write of the other begins.
  const history = historyOf(
    operation(0, call('write', 1), null, { to: 10 }),
    operation(1, call('read', null), 2, { callNs: 10, to: 10 }),
    operation(2, call('write', 2), null, { callNs: 10, to: 20, process: 1 }),
    operation(3, call('read', null), 1, { callNs: 21 }),
  );
  expect(kindOf(history, modelOf('register', undefined))).toBe('ok');
  const { history: again, text } = writtenAndRead({ ...history, clients: 2 });
  expect(kindOf(again, modelOf('register', undefined))).toBe('ok');
  expect(text).toMatch(/:process 2, :type :invoke, :f :read/);
});

test.each([
  ['keywords, symbols and characters', [':a', "'sym", '\\x', '\\\n']],
  ['numbers of other kinds', ['12345678901234567890N', '1.5M', '1/3', '1.0', '##Inf']],
  ['texts that look like those', ['": a"', '":x"', '-', '1.', 'nil', '5', '5N', '#a', '', ' ', '"', '\\', 'ä\u0001😀']],
  ['things in things', [[1, [':a', null]], { set: [1, 2] }, { map: [[':a', 1]] }, { '#inst': '2020-01-01T00:00:00Z' }]],
])('%s come back as the values that they were', (_name, values: readonly Json[]) => {
  const operations = values.map((value, id) => operation(id, call('enqueue', value), null));
  const { history } = writtenAndRead(historyOf(...operations));
  // A text that would be taken for another element comes back in quotation marks.
  const odd = new Map<Json, Json>([
    ['"', '"\\""'],
    ['\\', '"\\\\"'],
    ['#a', '"#a"'],
    ['5N', '"5N"'],
  ]);
  expect(history.operations.map(({ input }) => input.value)).toEqual(values.map((value) => odd.get(value) ?? value));
});

test('keys are split again, whatever is asked of them', () => {
  for (const [f, answer] of [
    ['read', 1],
    ['get', 'a'],
    ['dequeue', 1],
    ['pop', null],
    ['acquire', true],
    ['contains', false],
  ] as const) {
    const asked = f === 'contains' ? 3 : null;
    const operations = [operation(0, call(f, asked, '12'), answer), operation(1, call(f, asked, 'k'), answer)];
    const { history, text } = writtenAndRead(historyOf(...operations));
    expect(text.includes('#jepsen.independent/tuple')).toBe(f === 'acquire' || f === 'contains');
    expect(history.operations.map(({ input, outcome }) => [input, outcome.kind === 'ok' && outcome.output])).toEqual(
      operations.map(({ input }) => [input, answer]),
    );
  }
});

test('what cannot be written is refused', () => {
  const refused = (operations: readonly Operation[], sentinel?: string): unknown => {
    try {
      return writtenAndRead(historyOf(...operations), sentinel).text;
    } catch (error) {
      if (error instanceof NotWritable) return error.message;
      throw error;
    }
  };
  const nulls = [operation(0, call('read', null), null), operation(1, call('write', ':null'), null)];
  expect(refused(nulls)).toBe(':null cannot stand for null: it is a value of the history');
  expect(refused(nulls, ':nobody')).toContain(':nobody');
  expect(refused(nulls, ':a :b')).toBe(':a :b is not one element of EDN');
  expect(refused(nulls, '[')).toBe('[ is not one element of EDN');
  expect(refused([operation(0, call('two words', 1), null)])).toBe('the operation "two words" cannot be a keyword');
  expect(refused([operation(0, call('enqueue', '#a'), null), operation(1, call('enqueue', '"#a"'), null)])).toBe(
    '"#a" and "\\"#a\\"" would become one value',
  );
});
