/**
 * Registers, one for each key: reads and writes, and compare-and-set as well. A key that was never written holds the initial
 * value, null unless another one is named. Calls are in Jepsen's words: `{f: 'read', value: null}`, `{f: 'write', value: 5}`,
 * `{f: 'cas', value: [5, 6]}`; a cas answers true, or false where the value was another one.
 */
import type { Call, Json } from '../history/operation.ts';
import { isAcknowledgement, byKey, odd, requireAcknowledged, requireKnown } from './calls.ts';
import { canonical, sameJson } from './json.ts';
import { ModelError, REJECTED, UNSEEN, type Model, type RegisterAction } from './model.ts';

/** A model of registers, by what they hold first and what they can. */
export interface RegisterOptions {
  /** What a register holds before it is written: any value; null where left out. */
  readonly initial?: Json;
  /** False for registers without compare-and-set. */
  readonly cas?: boolean;
}

/**
 * Registers, one for each key: `cas-register`, or `register` where `cas` is false.
 * Operations: `read` (answers the value), `write v` (acknowledged), `cas [expected, new]` (true, or false where the value was not
 * `expected`, which is an observation). State: the value.
 */
export function registers({ initial = null, cas = true }: RegisterOptions = {}): Model<Json, Call, Json> {
  const name = cas ? 'cas-register' : 'register';
  const knows = cas ? ['read', 'write', 'cas'] : ['read', 'write'];
  const asRegister = (input: Call, output: Json | typeof UNSEEN): RegisterAction => {
    requireKnown(name, knows, input);
    return toAction(input, output);
  };
  return {
    name,
    knows,
    initial,
    step: (state, input, output) => applyAction(state, asRegister(input, output)),
    key: canonical,
    ...byKey,
    registerWords: cas ? { read: 'read', write: 'write', cas: 'cas' } : { read: 'read', write: 'write' },
    isRead: (input) => input.f === 'read',
    asRegister,
    describe,
    describeState: describeValue,
  };
}

/** Reads and writes; null at first. */
export const register: Model<Json, Call, Json> = registers({ cas: false });

/** Reads, writes and compare-and-set; null at first. */
export const casRegister: Model<Json, Call, Json> = registers();

function toAction(input: Call, output: Json | typeof UNSEEN): RegisterAction {
  switch (input.f) {
    case 'read':
      return output === UNSEEN ? { kind: 'nothing' } : { kind: 'read', value: output };
    case 'write':
      requireAcknowledged(input, output);
      return { kind: 'write', value: input.value };
    default: {
      const [from, to] = casPair(input);
      if (output === false) return { kind: 'mismatch', not: from };
      if (!isAcknowledgement(input.value, output)) throw odd('cas', 'true or false', output as Json);
      return { kind: 'cas', from, to };
    }
  }
}

function casPair(input: Call): readonly [Json, Json] {
  const { value } = input;
  if (!Array.isArray(value) || value.length !== 2) {
    throw new ModelError(`the value of a cas is [expected, new], not ${JSON.stringify(value)}`);
  }
  return [value[0] as Json, value[1] as Json];
}

/** The value of a register after an action. */
export function applyAction(state: Json, action: RegisterAction): Json | typeof REJECTED {
  switch (action.kind) {
    case 'read':
      return sameJson(state, action.value) ? state : REJECTED;
    case 'write':
      return action.value;
    case 'cas':
      return sameJson(state, action.from) ? action.to : REJECTED;
    case 'mismatch':
      return sameJson(state, action.not) ? REJECTED : state;
    case 'nothing':
      return state;
  }
}

/** `x = 5`. */
export function describeValue(state: Json, part: string): string {
  return `${part === '' ? 'the value' : part} = ${JSON.stringify(state)}`;
}

function describe(input: Call, output: Json | typeof UNSEEN): string {
  const name = input.key === undefined ? '' : ` ${input.key}`;
  switch (input.f) {
    case 'read':
      return output === UNSEEN ? `read${name}` : `read${name} → ${JSON.stringify(output)}`;
    case 'write':
      return `write${name} = ${JSON.stringify(input.value)}`;
    default: {
      const [from, to] = casPair(input);
      return `cas${name} ${JSON.stringify(from)} → ${JSON.stringify(to)}${output === false ? ': mismatch' : ''}`;
    }
  }
}
