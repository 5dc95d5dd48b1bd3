/**
 * Random histories for the oracle. A register is simulated: operations are invoked, take effect and return at random moments,
 * some crash (with an effect later, or none), so that the history is good by construction; then answers and times of some are
 * changed, which makes many of them bad.
 */
import type { Json, Operation } from '../../checker/index.ts';
import type { Random } from '../../src/base/random.ts';

export interface Shape {
  readonly operations: number;
  readonly processes: number;
  /** Size of the value domain; 0 for a fresh value for every write. */
  readonly values: number;
  readonly cas: boolean;
  readonly crashChance: number;
  /** How many answers or times are changed afterwards. */
  readonly mutations: number;
}

interface Draft {
  readonly id: number;
  readonly process: number;
  readonly f: string;
  readonly value: Json;
  readonly callNs: number;
  returnNs: number | undefined;
  isCrashed: boolean;
  hasEffect: boolean;
  output: Json;
}

/** One history of one register. */
export function randomHistory(random: Random, shape: Shape): Operation[] {
  const drafts = simulate(random, shape);
  for (let i = 0; i < shape.mutations; i++) mutate(random, random.pick(drafts), drafts, shape);
  return drafts.map(toOperation);
}

function simulate(random: Random, shape: Shape): Draft[] {
  const drafts: Draft[] = [];
  const open: Draft[] = [];
  const crashed: Draft[] = [];
  const idle = Array.from({ length: shape.processes }, (_none, process) => process);
  let processes = shape.processes;
  let state: Json = null;
  let timeNs = 0;
  const takeEffect = (draft: Draft): void => {
    draft.hasEffect = true;
    if (draft.f === 'read') {
      draft.output = state;
    } else if (draft.f === 'write') {
      state = draft.value;
    } else {
      const [from, to] = draft.value as readonly [Json, Json];
      draft.output = state === from;
      if (state === from) state = to;
    }
  };
  while (drafts.length < shape.operations || open.length > 0) {
    timeNs += random.int(3);
    const what = random.int(3);
    if (what === 0 && idle.length > 0 && drafts.length < shape.operations) {
      const [process] = idle.splice(random.int(idle.length), 1);
      const draft = draw(random, shape, { id: drafts.length, process: process!, callNs: timeNs, state });
      drafts.push(draft);
      open.push(draft);
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

function draw(
  random: Random,
  { values, cas }: Shape,
  { id, process, callNs, state }: { id: number; process: number; callNs: number; state: Json },
): Draft {
  const f = random.pick(cas ? ['read', 'write', 'cas'] : ['read', 'write']);
  const fresh = values === 0 ? 100 + id : random.int(values);
  const expected = random.chance(0.6) ? state : values === 0 ? 100 + random.int(id + 1) : random.int(values);
  const value = f === 'read' ? null : f === 'write' ? fresh : [expected, fresh];
  return { id, process, f, value, callNs, returnNs: undefined, isCrashed: false, hasEffect: false, output: null };
}

/** Another answer, or an earlier return. */
function mutate(random: Random, draft: Draft, drafts: readonly Draft[], { values }: Shape): void {
  if (draft.isCrashed) return;
  if (random.chance(0.3)) {
    draft.returnNs = Math.max(draft.callNs, draft.returnNs! - random.int(6));
  } else if (draft.f === 'read') {
    draft.output = random.chance(0.2) ? null : values === 0 ? 100 + random.int(drafts.length) : random.int(values);
  } else if (draft.f === 'cas') {
    draft.output = draft.output !== true;
  }
}

function toOperation({ id, process, f, value, callNs, returnNs, isCrashed, output }: Draft): Operation {
  return {
    id,
    process,
    input: { f, key: 'x', value },
    callNs,
    outcome: isCrashed ? { kind: 'unknown', reason: 'timeout' } : { kind: 'ok', output, returnNs: returnNs! },
  };
}
