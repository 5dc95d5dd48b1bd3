/**
 * Transactions on several registers at once, as Knossos' multi-register. Registers that some transaction touches together are
 * judged together, the others apart.
 */
import type { Call, Json } from '../history/operation.ts';
import { isAcknowledgement, keyOf, odd, requireAcknowledged, requireKnown } from './calls.ts';
import { canonical, sameJson } from './json.ts';
import { ModelError, REJECTED, UNSEEN, type Model } from './model.ts';

const NAME = 'multi-register';
const KNOWS: readonly string[] = ['txn', 'read', 'write'];

/** The registers that were written, by name. The others hold the initial value. */
type Registers = Readonly<Record<string, Json>>;

/** One step of a transaction. `seen` is what a read answered. */
interface Micro {
  readonly register: string;
  readonly kind: 'read' | 'write';
  /** What is written, or what a read saw; UNSEEN for a read whose answer nobody saw. */
  readonly value: Json | typeof UNSEEN;
}

/**
 * Operations: `txn` with the value `[["read", "x", null], ["write", "y", 1], …]` (or "r" and "w"), which takes effect at one instant,
 * its steps one after the other, and answers the same with the reads filled in; one without reads may be acknowledged. `read`
 * and `write` of one register as well, its name being the call's key. A register's name is a text or a whole number.
 * State: the values of the registers. `initial`: what each of them holds before it is written; null where left out.
 */
export function multiRegister({ initial = null }: { readonly initial?: Json } = {}): Model<Registers, Call, Json> {
  return {
    name: NAME,
    knows: KNOWS,
    initial: {},
    step: (state, input, output) => stepAll(state, microsOf(input, output), initial),
    key: (state) => keyOfState(state, initial),
    touches: (input) => [...new Set(microsOf(input, UNSEEN).map(({ register }) => register))],
    isRead: (input) => microsOf(input, UNSEEN).every(({ kind }) => kind === 'read'),
    sees,
    describe,
    describeState: (state) => describeState(state, initial),
  };
}

/** Until a register is written again, every read of it shows what was written. */
function sees(input: Call, output: Json, effect: Call): boolean {
  const written = microsOf(effect, UNSEEN).filter(({ kind }) => kind === 'write');
  return microsOf(input, output).some(
    ({ register, kind, value }) =>
      kind === 'read' &&
      written.some((write) => write.register === register && sameJson(write.value as Json, value as Json)),
  );
}

function stepAll(state: Registers, micros: readonly Micro[], initial: Json): Registers | typeof REJECTED {
  let registers = state;
  for (const { register, kind, value } of micros) {
    if (value === UNSEEN) continue;
    if (kind === 'write') registers = { ...registers, [register]: value };
    else if (!sameJson(valueOf(registers, register, initial), value)) return REJECTED;
  }
  return registers;
}

function valueOf(registers: Registers, register: string, initial: Json): Json {
  return Object.hasOwn(registers, register) ? registers[register]! : initial;
}

/** A register that was written back to the initial value is as if it never was written. */
function keyOfState(state: Registers, initial: Json): string {
  return canonical(Object.fromEntries(Object.entries(state).filter(([, value]) => !sameJson(value, initial))));
}

function microsOf(input: Call, output: Json | typeof UNSEEN): readonly Micro[] {
  requireKnown(NAME, KNOWS, input);
  switch (input.f) {
    case 'read':
      return [{ register: registerName(keyOf(input)), kind: 'read', value: output }];
    case 'write':
      requireAcknowledged(input, output);
      return [{ register: registerName(keyOf(input)), kind: 'write', value: input.value }];
    default:
      return answered(input, stepsOf(input.value), output);
  }
}

/** The steps of a transaction as asked: whatever its reads hold is not looked at. */
function stepsOf(value: Json): readonly Micro[] {
  if (!Array.isArray(value))
    throw new ModelError(`the value of a txn is an array of steps, not ${JSON.stringify(value)}`);
  return (value as readonly Json[]).map((step): Micro => {
    const [f, name, written] = Array.isArray(step) && step.length === 3 ? (step as readonly Json[]) : [];
    if (name === undefined || (typeof name !== 'string' && !Number.isSafeInteger(name))) {
      throw new ModelError(`a step of a txn is ["read" or "write", register, value], not ${JSON.stringify(step)}`);
    }
    const register = registerName(name as string | number);
    if (f === 'read' || f === 'r') return { register, kind: 'read', value: UNSEEN };
    if (f === 'write' || f === 'w') return { register, kind: 'write', value: written! };
    throw new ModelError(`the model ${NAME} knows read and write in a txn, not ${JSON.stringify(f)}`);
  });
}

function answered(input: Call, steps: readonly Micro[], output: Json | typeof UNSEEN): readonly Micro[] {
  if (output === UNSEEN) return steps;
  const isBlind = steps.every(({ kind }) => kind === 'write');
  if (isBlind && isAcknowledgement(input.value, output)) return steps;
  const isSame = Array.isArray(output) && isAnswerTo(stepsOf(output), steps);
  if (!isSame) throw odd('txn', `the same steps (${JSON.stringify(input.value)}) with the reads filled in`, output);
  return steps.map((step, i) => (step.kind === 'read' ? { ...step, value: (output[i] as readonly Json[])[2]! } : step));
}

function isAnswerTo(told: readonly Micro[], asked: readonly Micro[]): boolean {
  return (
    told.length === asked.length &&
    told.every(({ register, kind, value }, i) => {
      const step = asked[i]!;
      return (
        register === step.register &&
        kind === step.kind &&
        (kind === 'read' || sameJson(value as Json, step.value as Json))
      );
    })
  );
}

/** The number 1 and the text '1' name different registers: a text that could be taken for a number, or is quoted, is quoted. */
function registerName(name: string | number): string {
  return typeof name === 'string' && !/^[-\d"]/.test(name) ? name : JSON.stringify(name);
}

function describe(input: Call, output: Json | typeof UNSEEN): string {
  const words = microsOf(input, output).map(({ register, kind, value }) => {
    const name = register === '' ? '' : ` ${register}`;
    if (kind === 'write') return `write${name} = ${JSON.stringify(value)}`;
    return value === UNSEEN ? `read${name}` : `read${name} → ${JSON.stringify(value)}`;
  });
  return input.f === 'txn' ? `txn (${words.join(', ')})` : words.join(', ');
}

function describeState(state: Registers, initial: Json): string {
  const written = Object.entries(state).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return written.length === 0 ? `every register = ${JSON.stringify(initial)}` : written.sort().join(', ');
}
