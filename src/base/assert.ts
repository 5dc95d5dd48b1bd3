/**
 * Programmer errors. A broken assumption about our own code crashes at once: going on would make the verdict of a run
 * worthless. A user's mistake is a `StalemateError` instead, and an expected outcome is a value.
 */

/** Thrown by `assert`: a defect of this program, never of its input. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Crashes unless `condition` holds. `message` says what was believed; one with numbers in it is made only where it is needed. */
export function assert(condition: unknown, message: string | (() => string)): asserts condition {
  if (!condition) throw new AssertionError(typeof message === 'string' ? message : message());
}

/** Marks a branch that the type system has shown to be unreachable. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${JSON.stringify(value)}`);
}
