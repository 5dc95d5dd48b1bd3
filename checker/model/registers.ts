/**
 * Registers, one for each key: `register` with reads and writes, `cas-register` with compare-and-set as well. A key that was
 * never written holds null. Calls are in Jepsen's words: `{f: 'read', value: null}`, `{f: 'write', value: 5}`,
 * `{f: 'cas', value: [5, 6]}`; a cas answers true, or false where the value was another one.
 */
import type { Call, Json } from '../history/operation.ts';
import { canonical, sameJson } from './json.ts';
import { ModelError, REJECTED, UNSEEN, type Model, type RegisterAction } from './model.ts';

/** Reads and writes. */
export const register: Model<Json, Call, Json> = registerModel('register', ['read', 'write']);

/** Reads, writes and compare-and-set. */
export const casRegister: Model<Json, Call, Json> = registerModel('cas-register', ['read', 'write', 'cas']);

function registerModel(name: string, allowed: readonly string[]): Model<Json, Call, Json> {
  const asRegister = (input: Call, output: Json | typeof UNSEEN): RegisterAction => {
    if (!allowed.includes(input.f)) {
      throw new ModelError(`the model ${name} knows ${allowed.join(', ')}, not ${JSON.stringify(input.f)}`);
    }
    return toAction(input, output);
  };
  return {
    name,
    initial: null,
    step: (state, input, output) => apply(state, asRegister(input, output)),
    key: canonical,
    partition: (input) => input.key ?? '',
    partitionedByKey: true,
    speaksRegister: true,
    isRead: (input) => input.f === 'read',
    asRegister,
    describe,
    describeState: (state, partition) => `${partition === '' ? 'the value' : partition} = ${JSON.stringify(state)}`,
  };
}

function toAction(input: Call, output: Json | typeof UNSEEN): RegisterAction {
  switch (input.f) {
    case 'read':
      return output === UNSEEN ? { kind: 'nothing' } : { kind: 'read', value: output };
    case 'write':
      return { kind: 'write', value: input.value };
    default: {
      const [from, to] = casPair(input);
      if (output === false) return { kind: 'mismatch', not: from };
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

function apply(state: Json, action: RegisterAction): Json | typeof REJECTED {
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
