/**
 * Holds an order against a recorded file, from the file's own lines: neither the reader nor the model nor `verify` of the
 * checker has a part in it, so a benchmark cannot be fast by being wrong.
 */
import { readLines } from './lines.ts';

interface Recorded {
  readonly f: string;
  readonly key: string;
  readonly asked: unknown;
  /** Undefined for an unknown outcome. */
  answered: unknown;
  readonly calledAt: number;
  returnedAt: number;
  mayBeMissing: boolean;
}

interface RecordedLine {
  readonly index: number;
  readonly process: number;
  readonly type: string;
  readonly f: string;
  readonly key?: string;
  readonly value: unknown;
  readonly error?: string;
}

/** Why these orders, one for each part, are none of the file, in words; undefined where they are. Times are all different. */
export function faultOfOrders(file: string, orders: readonly (readonly number[])[]): string | undefined {
  const recorded = read(file);
  for (const order of orders) {
    const fault = replay(recorded, order);
    if (fault !== undefined) return fault;
  }
  for (const [id, { mayBeMissing }] of recorded) if (!mayBeMissing) return `operation ${id} is in no order`;
  return undefined;
}

function read(file: string): Map<number, Recorded> {
  const recorded = new Map<number, Recorded>();
  const open = new Map<number, { id: number; it: Recorded }>();
  readLines(file, (text) => {
    const line = JSON.parse(text) as RecordedLine;
    if (line.type === 'invoke') {
      const { f, key = '', value: asked, index: calledAt } = line;
      const it = { f, key, asked, answered: undefined, calledAt, returnedAt: Infinity, mayBeMissing: true };
      open.set(line.process, { id: line.index, it });
      recorded.set(line.index, it);
      return;
    }
    const { id, it } = open.get(line.process)!;
    open.delete(line.process);
    if (line.type === 'info') return;
    if (line.type === 'fail' && line.error !== 'mismatch') {
      recorded.delete(id);
      return;
    }
    it.answered = line.type === 'fail' ? false : line.f === 'cas' ? true : line.value;
    it.returnedAt = line.index;
    it.mayBeMissing = false;
  });
  return recorded;
}

/** Takes what it replayed out of `recorded`. */
function replay(recorded: Map<number, Recorded>, order: readonly number[]): string | undefined {
  const object = new PlainObject();
  let latestCall = -1;
  let part: string | undefined;
  for (const id of order) {
    const it = recorded.get(id);
    if (it === undefined) return `operation ${id} stands twice, or is none`;
    recorded.delete(id);
    part ??= it.key;
    if (it.key !== part) return `operation ${id} is of another part`;
    if (it.returnedAt < latestCall) return `operation ${id} stands after one that was called after its return`;
    latestCall = Math.max(latestCall, it.calledAt);
    if (!object.accepts(it)) return `operation ${id} is not possible where it stands`;
  }
  return undefined;
}

/** A register or a queue, by what is asked of it. */
class PlainObject {
  #value: unknown = null;
  readonly #items: unknown[] = [];
  #head = 0;

  accepts({ f, asked, answered }: Recorded): boolean {
    switch (f) {
      case 'read':
        return answered === undefined || answered === this.#value;
      case 'get':
        return answered === undefined || answered === (this.#value ?? '');
      case 'write':
      case 'put':
        this.#value = asked;
        return true;
      case 'cas': {
        const [from, to] = asked as readonly [unknown, unknown];
        if (this.#value !== from) return answered === false;
        this.#value = to;
        return answered !== false;
      }
      case 'enqueue':
        this.#items.push(asked);
        return true;
      case 'dequeue':
        if (this.#head === this.#items.length) return answered === null || answered === undefined;
        return [this.#items[this.#head++], undefined].includes(answered);
      default:
        throw new Error(`no object is known that has ${f}`);
    }
  }
}
