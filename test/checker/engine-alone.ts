/**
 * The register engine without what usually decides before it: most histories never come as far. The only test that knows the
 * engine's inner names.
 */
import { casRegister, type History, type Json, type Operation, type Verdict } from '../../checker/index.ts';
import { tableOf } from '../../checker/history/table.ts';
import { normalise } from '../../checker/linear/normalise.ts';
import { registerProblem } from '../../checker/linear/register-problem.ts';
import { registerPartsOf, type RegisterModel } from '../../checker/linear/register-part.ts';
import { searchRegister, type SearchOptions } from '../../checker/linear/register-search.ts';

const CAS_REGISTER = casRegister as RegisterModel<Json>;
const BUDGET = { maxSteps: 2_000_000, maxBytes: 1 << 28 };

/** What the search says without the stages before it and without their hints. */
export function searchAlone(operations: readonly Operation[]): Verdict['kind'] {
  return searched(operations, {});
}

/** The same, refuting from the first node that it is stuck at, and not only after hundreds. */
export function refuteFirst(operations: readonly Operation[]): Verdict['kind'] {
  return searched(operations, { refuteAfter: 0 });
}

function searched(operations: readonly Operation[], options: SearchOptions): Verdict['kind'] {
  const history: History = { operations, failed: [], warnings: [] };
  const [only] = registerPartsOf(tableOf(history), CAS_REGISTER);
  if (only === undefined) return 'ok';
  const { part } = only;
  const problem = registerProblem(part, normalise(part, { keepForMismatches: true }), undefined);
  const result = searchRegister(problem, BUDGET, options);
  return result.kind === 'found' ? 'ok' : result.kind === 'none' ? 'violation' : 'unknown';
}
