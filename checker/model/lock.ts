/** Locks, one for each key, as Jepsen's mutex: whoever acquires one must find it free. */
import type { Call, Json } from '../history/operation.ts';
import { inWords, isAcknowledgement, byKey, odd, requireKnown } from './calls.ts';
import { ModelError, REJECTED, type Model, type UNSEEN } from './model.ts';

const NAME = 'lock';
const KNOWS: readonly string[] = ['acquire', 'release'];

/**
 * Operations: `acquire`, possible where the lock is free, and `release`, possible where it is held (both acknowledged); one that
 * was answered false saw the opposite and changed nothing. Who holds it is not looked at: anybody may release it, and the value
 * of a call is only for people. State: true where it is held. `initial`: 'free' (or false) or 'held' (or true).
 */
export function lock({ initial = 'free' }: { readonly initial?: Json } = {}): Model<boolean, Call, Json> {
  return {
    name: NAME,
    knows: KNOWS,
    initial: isHeldFirst(initial),
    step,
    key: Number,
    ...byKey,
    describe,
    describeState: (isHeld, part) => `${part === '' ? 'the lock' : part} is ${isHeld ? 'held' : 'free'}`,
  };
}

function isHeldFirst(initial: Json): boolean {
  if (initial === 'held' || initial === true) return true;
  if (initial === 'free' || initial === false) return false;
  throw new ModelError(`the initial value of the model lock is 'free' or 'held', not ${JSON.stringify(initial)}`);
}

function step(isHeld: boolean, input: Call, output: Json | typeof UNSEEN): boolean | typeof REJECTED {
  requireKnown(NAME, KNOWS, input);
  const wantsHeld = input.f === 'acquire';
  if (output === false) return isHeld === wantsHeld ? isHeld : REJECTED;
  if (!isAcknowledgement(input.value, output)) throw odd(input.f, 'null, true or false', output as Json);
  return isHeld === wantsHeld ? REJECTED : wantsHeld;
}

function describe(input: Call, output: Json | typeof UNSEEN): string {
  return inWords(input, {
    asked: input.value ?? undefined,
    ...(output === false ? { answer: input.f === 'acquire' ? 'held already' : 'not held' } : {}),
  });
}
