/** Long histories of one cas-register, good by construction, with every client busy; on request one read is made stale. */
import type { Json, Operation } from '../../checker/index.ts';
import type { Random } from '../../src/base/random.ts';

export interface LongShape {
  readonly operations: number;
  readonly clients: number;
  /** Size of the value domain; 0 for a fresh value for every write. */
  readonly values: number;
  /** Operations that crash; most take effect later and are seen. */
  readonly crashed: number;
  /** From this share of the history on, the first read that can be is made stale by 30 versions. */
  readonly staleAt?: number;
}

interface Draft {
  readonly id: number;
  readonly process: number;
  readonly f: string;
  readonly value: Json;
  readonly callNs: number;
  output: Json;
  returnNs: number | 'never' | undefined;
  hasEffect: boolean;
}

const STALE_VERSIONS = 30;

export function longHistory(random: Random, shape: LongShape): Operation[] {
  const drafts: Draft[] = [];
  const slots: (Draft | undefined)[] = Array.from({ length: shape.clients });
  const processes = slots.map((_none, slot) => slot);
  const late: Draft[] = [];
  const versions: Json[] = [null];
  const crashing = new Set(Array.from({ length: shape.crashed }, () => random.int(shape.operations)));
  let isStaleLeft = shape.staleAt !== undefined;
  const takeEffect = (draft: Draft): void => {
    const state = versions[versions.length - 1]!;
    draft.hasEffect = true;
    if (draft.f === 'read') draft.output = state;
    else if (draft.f === 'write') versions.push(draft.value);
    else {
      const [from, to] = draft.value as readonly [Json, Json];
      draft.output = state === from;
      if (state === from) versions.push(to);
    }
  };
  const draw = (slot: number, callNs: number): Draft => {
    const f = random.pick(['read', 'write', 'cas']);
    const id = drafts.length;
    const fresh = shape.values === 0 ? id + 1 : random.int(shape.values);
    const recent = versions[Math.max(0, versions.length - 1 - random.int(3))]!;
    const value = f === 'read' ? null : f === 'write' ? fresh : [recent, fresh];
    return { id, process: processes[slot]!, f, value, callNs, output: null, returnNs: undefined, hasEffect: false };
  };
  const close = (draft: Draft, timeNs: number): void => {
    draft.returnNs = timeNs;
    const isDue = isStaleLeft && draft.f === 'read' && draft.id >= (shape.staleAt ?? 1) * shape.operations;
    if (!isDue || versions.length < STALE_VERSIONS + 10) return;
    draft.output = versions[versions.length - STALE_VERSIONS]!;
    isStaleLeft = false;
  };
  for (let timeNs = 0; drafts.length < shape.operations || slots.some((slot) => slot !== undefined); timeNs += 1000) {
    if (late.length > 0 && random.chance(0.05)) takeEffect(late.pop()!);
    const slot = random.int(shape.clients);
    const draft = slots[slot];
    if (draft === undefined) {
      if (drafts.length < shape.operations) drafts.push((slots[slot] = draw(slot, timeNs)));
    } else if (draft.hasEffect) {
      close(draft, timeNs);
      slots[slot] = undefined;
    } else if (random.chance(0.5)) {
      if (!crashing.has(draft.id)) {
        takeEffect(draft);
        continue;
      }
      draft.returnNs = 'never';
      if (random.chance(0.7)) late.push(draft);
      slots[slot] = undefined;
      processes[slot]! += shape.clients;
    }
  }
  return drafts.map(({ id, process, f, value, callNs, returnNs, output }) => ({
    id,
    process,
    input: { f, key: 'x', value },
    callNs,
    outcome:
      returnNs === 'never'
        ? { kind: 'unknown', reason: 'timeout' }
        : { kind: 'ok', output: f === 'write' ? null : output, returnNs: returnNs! },
  }));
}
