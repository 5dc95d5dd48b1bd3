/**
 * Random histories of every model for the oracle. The plain object is simulated: operations are invoked, take effect and return
 * at random moments, some crash (with an effect before, after or never), so that the history is good by construction; then
 * answers and times of some are changed and some are taken away, which makes many of them bad.
 */
import type { Call, Json, Operation } from '../../../checker/index.ts';
import type { Random } from '../../../src/base/random.ts';
import { plainInitial, plainOutcomes, REGISTER_NAMES, type PlainName } from './plain-objects.ts';

export interface ModelShape {
  readonly model: PlainName;
  readonly operations: number;
  readonly processes: number;
  /** Size of the value domain; 0 for a fresh value for everything that is put in. */
  readonly values: number;
  readonly crashChance: number;
  /** How many answers or times are changed, or operations taken away, afterwards. */
  readonly mutations: number;
  /** How many objects there are, named `x`, `y` …; 1 where left out. A multi-register is always one. */
  readonly keys?: number;
  /** The chance that a queue or a stack is asked to give back rather than to take in; a half where left out. */
  readonly takes?: number;
  /** What each object holds first, if not what it usually does. */
  readonly initial?: Json;
}

interface Draft {
  readonly id: number;
  readonly process: number;
  readonly input: Call;
  callNs: number;
  returnNs: number;
  isCrashed: boolean;
  hasEffect: boolean;
  output: Json;
}

/** One history, in order of invocation. */
export function randomModelHistory(random: Random, shape: ModelShape): Operation[] {
  const drafts = simulate(random, shape);
  for (let i = 0; i < shape.mutations && drafts.length > 1; i++) mutate(random, drafts, shape);
  return drafts.toSorted((a, b) => a.callNs - b.callNs || a.id - b.id).map(toOperation);
}

function simulate(random: Random, shape: ModelShape): Draft[] {
  const drafts: Draft[] = [];
  const open: Draft[] = [];
  const crashed: Draft[] = [];
  const idle = Array.from({ length: shape.processes }, (_none, process) => process);
  const states = new Map<string, Json>();
  const stateOf = (key: string): Json => states.get(key) ?? plainInitial(shape.model, shape.initial);
  let processes = shape.processes;
  let timeNs = 0;
  const takeEffect = (draft: Draft): void => {
    const key = objectKey(shape, draft.input);
    const { answers, state } = random.pick(plainOutcomes(shape.model, stateOf(key), draft.input));
    const answer = random.pick(answers);
    const isRefused = shape.model === 'lock' && answer === false;
    // Most who want a lock that is held go on wanting it.
    if (isRefused && open.some((other) => other !== draft && !other.hasEffect) && random.chance(0.8)) return;
    draft.hasEffect = true;
    draft.output = shape.model === 'set' && Array.isArray(answer) ? random.shuffle(answer as readonly Json[]) : answer;
    states.set(key, state);
  };
  while (drafts.length < shape.operations || open.length > 0) {
    timeNs += random.int(3);
    const what = random.int(3);
    if (what === 0 && idle.length > 0 && drafts.length < shape.operations) {
      const [process] = idle.splice(random.int(idle.length), 1);
      const key = String.fromCharCode(120 + random.int(shape.keys ?? 1));
      const input = draw(random, shape, { id: drafts.length, key, state: stateOf(key) });
      const draft = { id: drafts.length, process: process!, input, callNs: timeNs, returnNs: Infinity };
      const fresh = { ...draft, isCrashed: false, hasEffect: false, output: null };
      drafts.push(fresh);
      open.push(fresh);
    } else if (what === 1 && open.length > 0) {
      const draft = random.pick(open);
      if (!draft.hasEffect) takeEffect(draft);
    } else if (open.length > 0) {
      const draft = random.pick(open);
      if (random.chance(shape.crashChance)) {
        draft.isCrashed = true;
        idle.push(processes++);
        if (!draft.hasEffect && random.chance(0.5)) crashed.push(draft);
      } else if (draft.hasEffect) {
        draft.returnNs = timeNs;
        idle.push(draft.process);
      } else {
        continue;
      }
      open.splice(open.indexOf(draft), 1);
    }
    if (crashed.length > 0 && random.chance(0.2)) takeEffect(crashed.pop()!);
  }
  return drafts;
}

function objectKey({ model }: ModelShape, { key }: Call): string {
  return model === 'multi-register' ? '' : (key ?? '');
}

/** Something to ask. */
function draw(
  random: Random,
  { model, values, takes = 0.5 }: ModelShape,
  { id, key, state }: { id: number; key: string; state: Json },
): Call {
  const fresh = values === 0 ? 100 + id : random.int(values);
  const old = values === 0 ? 100 + random.int(id + 1) : random.int(values);
  const text = values === 0 ? `v${id} ` : String.fromCharCode(97 + fresh);
  switch (model) {
    case 'register':
      return random.pick([read(key), { f: 'write', key, value: fresh }]);
    case 'cas-register':
      return random.pick([
        read(key),
        { f: 'write', key, value: fresh },
        { f: 'cas', key, value: [random.chance(0.6) ? state : old, fresh] },
      ]);
    case 'multi-register':
      return multiRegisterCall(random, fresh);
    case 'kv':
      return random.pick([
        { f: 'get', key, value: null },
        { f: 'put', key, value: text },
        { f: 'append', key, value: text },
      ]);
    case 'queue':
    case 'unordered-queue':
      return random.chance(1 - takes) ? { f: 'enqueue', key, value: fresh } : { f: 'dequeue', key, value: null };
    case 'stack':
      return random.chance(1 - takes) ? { f: 'push', key, value: fresh } : { f: 'pop', key, value: null };
    case 'set':
      return random.pick([
        { f: 'add', key, value: fresh },
        { f: 'remove', key, value: old },
        { f: 'contains', key, value: old },
        read(key),
      ]);
    case 'lock':
      return { f: random.pick(['acquire', 'release']), key, value: null };
    case 'counter':
      return random.pick([
        { f: 'add', key, value: random.between(-2, 3) },
        { f: 'increment', key, value: null },
        { f: 'decrement', key, value: random.pick([null, 2]) },
        read(key),
        read(key),
      ]);
    case 'list':
      return random.pick([{ f: 'append', key, value: fresh }, read(key)]);
  }
}

function read(key: string): Call {
  return { f: 'read', key, value: null };
}

function multiRegisterCall(random: Random, value: number): Call {
  const name = random.pick(REGISTER_NAMES);
  if (random.chance(0.1)) return { f: 'read', key: name, value: null };
  if (random.chance(0.1)) return { f: 'write', key: name, value };
  const micros = Array.from({ length: random.between(1, 3) }, (): Json => {
    const register = random.pick(REGISTER_NAMES);
    return random.chance(0.5) ? [random.pick(['read', 'r']), register, null] : ['write', register, value];
  });
  return { f: 'txn', value: micros };
}

/** What is answered with nothing but that it was done. */
const ACKNOWLEDGED: ReadonlySet<string> = new Set([
  'write',
  'put',
  'append',
  'enqueue',
  'push',
  'increment',
  'decrement',
]);

/** Another answer, a narrower interval, or gone. */
function mutate(random: Random, drafts: Draft[], shape: ModelShape): void {
  const telling = drafts.filter(({ input, isCrashed }) => !isCrashed && !ACKNOWLEDGED.has(input.f));
  const draft = random.pick(telling.length > 0 && random.chance(0.7) ? telling : drafts);
  if (random.chance(0.15)) {
    drafts.splice(drafts.indexOf(draft), 1);
  } else if (!draft.isCrashed) {
    const change = random.int(4);
    if (change === 0) draft.returnNs = Math.max(draft.callNs, draft.returnNs - random.int(6));
    else if (change === 1) draft.callNs = Math.min(draft.returnNs, draft.callNs + random.int(6));
    else draft.output = otherAnswer(random, draft, drafts, shape);
  }
}

function otherAnswer(random: Random, { input, output }: Draft, drafts: readonly Draft[], shape: ModelShape): Json {
  const likely = drafts.filter((other) => !other.isCrashed && other.input.f === input.f && other.input.value === null);
  const value = shape.values === 0 ? 100 + random.int(drafts.length) : random.int(shape.values);
  switch (input.f) {
    case 'contains':
    case 'cas':
      return output !== true;
    case 'acquire':
    case 'release':
      return output === false ? null : false;
    case 'remove':
    case 'add':
      return shape.model === 'set' ? random.pick([true, false]) : output;
    case 'txn':
      return (output as readonly (readonly Json[])[]).map(([f, name, seen]): Json => [
        f!,
        name!,
        (f === 'read' || f === 'r') && random.chance(0.5) ? value : seen!,
      ]);
    case 'dequeue':
    case 'pop':
      return random.pick([null, value, random.pick(likely).output]);
    case 'get': {
      const text = shape.values === 0 ? `v${random.int(drafts.length)} ` : String.fromCharCode(97 + value);
      const seen = output as string;
      return random.pick([random.pick(likely).output, text, `${seen}${text}`, seen.slice(text.length), text + seen]);
    }
    case 'read':
      if (Array.isArray(output)) return otherItems(random, output as readonly Json[], value);
      if (shape.model === 'counter') return (output as number) + random.pick([-1, 1, 2]);
      return random.chance(0.2) ? null : value;
    default:
      return output;
  }
}

function otherItems(random: Random, items: readonly Json[], value: number): Json {
  const at = random.int(items.length + 1);
  return random.pick([
    items.toSpliced(at, 1),
    items.toSpliced(at, 0, value),
    items.toSpliced(at, 1, value),
    random.shuffle(items),
  ]);
}

function toOperation({ id, process, input, callNs, returnNs, isCrashed, output }: Draft): Operation {
  return {
    id,
    process,
    input,
    callNs,
    outcome: isCrashed ? { kind: 'unknown', reason: 'timeout' } : { kind: 'ok', output, returnNs },
  };
}
