/** One history of the fuzz: drawn from its seed, judged by the checker, and held against the oracle, proof and all. */
import { check, type Operation, type Verdict } from '../../checker/index.ts';
import { agreementOn } from '../checker/agreement.ts';
import { refuteFirst, searchAlone } from '../checker/engine-alone.ts';
import { OracleLimit } from '../checker/model/oracle-model.ts';
import { kindOf, modelOf, type Kind } from './kinds.ts';

/** What came of it. */
export interface Trial {
  readonly seed: string;
  readonly verdict: Verdict['kind'];
  /** Null where it is too much for the oracle: then only the proof of the verdict was held against it. */
  readonly expected: boolean | null;
  readonly hasCrashed: boolean;
  /** Whether the refutation was forced from the first node as well. */
  readonly isForced: boolean;
  /** What the checker and the oracle disagree about, in words. */
  readonly fault: string | undefined;
  readonly operations: readonly Operation[];
}

/** Decides such histories many times over: one that runs out of it is a fault. */
const BUDGET = { maxSteps: 5_000_000, maxBytes: 1 << 28 };

/** Plays one seed. Every second history has its refutation forced. */
export function play(seed: string): Trial {
  const kind = kindOf(seed);
  const operations = kind.draw(seed);
  const judged = judgedBy(kind, operations);
  // A verdict without an oracle is held against itself: its order must be one, its minimal history have none.
  const expected = judged ?? check({ operations, failed: [], warnings: [] }, modelOf(kind), BUDGET).kind === 'ok';
  const { verdict, fault } = agreementOn(operations, modelOf(kind), { oracle: kind.oracle, expected, budget: BUDGET });
  const isForced = isRegister(kind) && kind.size !== 'short' && Number(/\d+$/.exec(seed)?.[0]) % 2 === 0;
  return {
    seed,
    verdict: verdict.kind,
    expected: judged,
    hasCrashed: operations.some(({ outcome }) => outcome.kind === 'unknown'),
    isForced,
    fault: fault ?? (isRegister(kind) ? faultOfEngine(operations, expected, isForced) : undefined),
    operations,
  };
}

function judgedBy(kind: Kind, operations: readonly Operation[]): boolean | null {
  try {
    return kind.hasOrder(operations);
  } catch (error) {
    if (error instanceof OracleLimit) return null;
    throw error;
  }
}

function isRegister({ model }: Kind): boolean {
  return model === 'register' || model === 'cas-register';
}

function faultOfEngine(operations: readonly Operation[], expected: boolean, isForced: boolean): string | undefined {
  const wanted = expected ? 'ok' : 'violation';
  const searched = searchAlone(operations);
  if (searched !== wanted) return `the search alone says ${searched}, the oracle ${wanted}`;
  const refuted = isForced ? refuteFirst(operations) : wanted;
  return refuted === wanted ? undefined : `with refutation from the first node: ${refuted}, the oracle ${wanted}`;
}
