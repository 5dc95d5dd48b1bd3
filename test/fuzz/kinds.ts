/**
 * What the fuzz draws: histories of each model in sizes, and the oracle that knows the truth about them. A seed names its
 * kind, so that it is all that a replay needs: `short/queue/fuzz-17`.
 */
import { models, type Operation } from '../../checker/index.ts';
import { keyed } from '../../src/base/random.ts';
import type { Oracle } from '../checker/agreement.ts';
import { hasOrderForward } from '../checker/forward.ts';
import { randomHistory } from '../checker/generate.ts';
import { longHistory } from '../checker/long-history.ts';
import { randomModelHistory } from '../checker/model/generate-model.ts';
import * as modelOracle from '../checker/model/oracle-model.ts';
import { plainNames, type PlainName } from '../checker/model/plain-objects.ts';
import * as registerOracle from '../checker/oracle.ts';

/**
 * `short`: up to 8 operations, against every order. `long`: 10 to 45, against a search over sets. `windows`: hundreds, with
 * few clients, against all configurations from the first event to the last.
 */
export type Size = 'short' | 'long' | 'windows';

/** A model in a size. */
export interface Kind {
  readonly name: string;
  readonly size: Size;
  readonly model: string;
  draw(seed: string): Operation[];
  /** The truth about the whole history. */
  hasOrder(operations: readonly Operation[]): boolean;
  /** For the proof of a verdict. */
  readonly oracle: Oracle;
}

const REGISTERS: readonly PlainName[] = ['register', 'cas-register'];

/** All of them. */
export const kinds: readonly Kind[] = [
  ...REGISTERS.flatMap((model) => [registerKind(model, 'short'), registerKind(model, 'long')]),
  windowsKind(),
  ...plainNames
    .filter((model) => !REGISTERS.includes(model))
    .flatMap((model) => [modelKind(model, 'short'), modelKind(model, 'long')]),
];

/** The kind that a seed is of. @throws if it is of none */
export function kindOf(seed: string): Kind {
  const kind = kinds.find(({ name }) => seed.startsWith(`${name}/`));
  if (kind === undefined)
    throw new Error(`${seed} is no seed of this program: ${kinds.map(({ name }) => name).join(', ')}`);
  return kind;
}

/** The checker's own model. @throws if it has none of that name */
export function modelOf({ model: name }: Kind): NonNullable<ReturnType<typeof models.get>> {
  const model = models.get(name);
  if (model === undefined) throw new Error(`the checker has no model ${name}`);
  return model;
}

function registerKind(model: PlainName, size: 'short' | 'long'): Kind {
  return {
    name: `${size}/${model}`,
    size,
    model,
    draw: (seed) => {
      const random = keyed(seed, 'shape');
      const operations = size === 'short' ? random.between(2, 8) : random.between(10, 45);
      return randomHistory(keyed(seed, 'history'), {
        operations,
        processes: random.between(2, 6),
        values: random.pick([0, 2, 3, 5]),
        cas: model === 'cas-register',
        // Each crashed write doubles what the plain search has to look at.
        crashChance: random.pick(operations > 24 ? [0, 0.05, 0.15] : [0, 0.1, 0.4]),
        mutations: random.int(7),
      });
    },
    hasOrder: size === 'short' ? registerOracle.hasOrder : registerOracle.hasOrderBySets,
    oracle: { hasOrder: registerOracle.hasOrderBySets, faultOf: registerOracle.faultOf },
  };
}

/** Long enough for a refutation to start in the middle. */
function windowsKind(): Kind {
  return {
    name: 'windows/cas-register',
    size: 'windows',
    model: 'cas-register',
    draw: (seed) => {
      const random = keyed(seed, 'shape');
      const operations = longHistory(keyed(seed, 'history'), {
        operations: random.between(60, 600),
        clients: random.between(2, 5),
        values: random.pick([2, 3, 5]),
        crashed: random.int(5),
      });
      return mutated(operations, seed);
    },
    hasOrder: hasOrderForward,
    oracle: { hasOrder: hasOrderForward, faultOf: registerOracle.faultOf },
  };
}

/** Up to three reads, anywhere, saw what another read of the history saw. */
function mutated(operations: readonly Operation[], seed: string): Operation[] {
  const random = keyed(seed, 'mutations');
  const changed = [...operations];
  const isRead = ({ input, outcome }: Operation): boolean => input.f === 'read' && outcome.kind === 'ok';
  const reads = operations.flatMap((operation, i) => (isRead(operation) ? [i] : []));
  for (let left = random.int(4); left > 0 && reads.length > 1; left--) {
    const i = random.pick(reads);
    const { outcome } = operations[random.pick(reads)]!;
    const own = operations[i]!.outcome;
    if (own.kind === 'ok' && outcome.kind === 'ok') {
      changed[i] = { ...operations[i]!, outcome: { ...own, output: outcome.output } };
    }
  }
  return changed;
}

function modelKind(model: PlainName, size: 'short' | 'long'): Kind {
  return {
    name: `${size}/${model}`,
    size,
    model,
    draw: (seed) => {
      const random = keyed(seed, 'shape');
      return randomModelHistory(keyed(seed, 'history'), {
        model,
        operations: size === 'short' ? random.between(2, 8) : random.between(10, 24),
        processes: random.between(2, 4),
        values: random.pick([0, 2, 3]),
        crashChance: random.pick(size === 'short' ? [0, 0.1, 0.4] : [0, 0.05, 0.15]),
        mutations: random.int(7),
      });
    },
    hasOrder: (operations) =>
      size === 'short' ? modelOracle.hasOrder(model, operations) : modelOracle.hasOrderBySets(model, operations),
    oracle: {
      hasOrder: (operations) => modelOracle.hasOrderBySets(model, operations),
      faultOf: (operations, order) => modelOracle.faultOf(model, operations, order),
    },
  };
}
