/**
 * Long histories for the benchmark, good by construction: concurrent clients use a real object, each operation takes effect
 * at one instant between its call and its return. Written to disk as the recorder writes them, and measured while they are
 * made, so that every figure of the benchmark says what its history was like. On request one read is made stale, in a way
 * that can be proven from the times alone.
 */
import { keyed, type Random } from '../../src/base/random.ts';
import { Facts, type FactsData } from './facts.ts';
import { LineWriter, type Line } from './line-writer.ts';
import { NOTHING, Queue, Registers, type Request, type SimulatedObject } from './objects.ts';

/** What a history is to be like. */
export interface HistoryShape {
  readonly object: 'register' | 'cas-register' | 'kv' | 'queue';
  readonly operations: number;
  readonly clients: number;
  /** 1 for a single one, which has a name all the same; ignored for a queue. */
  readonly keys: number;
  /** Size of the value domain; 0 for a fresh value for every write. */
  readonly values: number;
  /** Operations whose outcome nobody learns. Most take effect, sooner or later, and are seen by the next read. */
  readonly crashed: number;
  readonly crashedIn: 'everywhere' | 'first-percent';
  /** Whether a cas that was answered "no" is recorded as the observation that it is, or as a refusal that saw nothing. */
  readonly mismatches: 'observed' | 'dropped';
  /** From this share of the operations on, one read answers what was overwritten. One key only. */
  readonly staleAt?: number;
}

interface Open extends Request {
  readonly process: number;
  readonly crashes: boolean;
  hasEffect: boolean;
  output: number;
  applied: number;
}

/** A crashed operation that will take effect once `dueAt` operations were invoked, just before a read of its key. */
interface Late {
  readonly request: Request;
  readonly dueAt: number;
}

/** A client that has its answer asks again at once, after a tenth of a turn, or now and then at its next turn. */
const THINK_TURNS = 0.1;
const THINK_CHANCE = 0.1;
/** The mean time between the turns of one client. An operation takes two of them or more. */
const TURN_NS = 1_000_000;
/** One in so many crashed operations never takes effect. Of the others not all find a read in time that sees them. */
const LOST_EVERY = 8;
const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'] as const;
const WORDS = {
  register: ['read', 'write'],
  'cas-register': ['read', 'write', 'cas'],
  kv: ['get', 'put'],
} as const;

/** Makes the history that belongs to this shape and seed. Equal arguments give equal files. */
export function generate(file: string, shape: HistoryShape, seed: string): FactsData {
  return new Generator(file, shape, keyed(seed, JSON.stringify(shape))).run();
}

class Generator {
  readonly #shape: HistoryShape;
  readonly #random: Random;
  readonly #writer: LineWriter;
  readonly #facts: Facts;
  readonly #object: SimulatedObject;
  readonly #slots: (Open | undefined)[];
  readonly #processes: number[];
  /** The numbers of the operations that are still to crash, the next one last. */
  readonly #crashing: number[];
  readonly #late: Late[] = [];
  #isStaleLeft: boolean;
  #timeNs = 0;
  #invoked = 0;
  #open = 0;
  #applied = 0;

  constructor(file: string, shape: HistoryShape, random: Random) {
    this.#shape = shape;
    this.#random = random;
    this.#writer = new LineWriter(file);
    this.#facts = new Facts(shape.clients);
    this.#object = shape.object === 'queue' ? new Queue() : new Registers({ ...shape, words: WORDS[shape.object] });
    this.#slots = Array.from({ length: shape.clients });
    this.#processes = Array.from({ length: shape.clients }, (_none, slot) => slot);
    this.#crashing = crashingOf(random, shape);
    this.#isStaleLeft = shape.staleAt !== undefined;
  }

  run(): FactsData {
    const { operations, clients, staleAt = 1 } = this.#shape;
    while (this.#invoked < operations || this.#open > 0) {
      if (this.#isStaleLeft && this.#invoked >= staleAt * operations) this.#playStaleRead();
      this.#turn(this.#random.int(clients));
    }
    this.#writer.close();
    return this.#facts.finish(this.#writer.bytes);
  }

  /** Lets one client go on by a step: ask, take effect, or have the answer. */
  #turn(slot: number): void {
    this.#tick();
    const open = this.#slots[slot];
    if (open === undefined) this.#invokeNext(slot);
    else if (!open.hasEffect && !open.crashes) this.#takeEffect(open);
    else {
      this.#complete(slot, open);
      if (!this.#random.chance(THINK_CHANCE)) this.#invokeNext(slot);
    }
  }

  #tick(turns = 1): void {
    const stepNs = 1 + this.#random.int(Math.ceil((TURN_NS / this.#shape.clients) * 2 * turns));
    this.#facts.pass(stepNs, this.#open);
    this.#timeNs += stepNs;
  }

  #invokeNext(slot: number): void {
    if (this.#invoked >= this.#shape.operations) return;
    const crashes = (this.#crashing.at(-1) ?? Infinity) <= this.#invoked;
    if (crashes) this.#crashing.pop();
    this.#invoke(slot, this.#object.draw(this.#random, crashes), crashes);
  }

  #invoke(slot: number, request: Request, crashes: boolean): Open {
    const process = this.#processes[slot]!;
    const open: Open = { ...request, process, crashes, hasEffect: false, output: NOTHING, applied: 0 };
    this.#slots[slot] = open;
    this.#tick(THINK_TURNS);
    this.#writer.invoke(this.#line(open, 'invoke', this.#asked(open)), this.#random.pick(NODES));
    this.#facts.invoked(request);
    this.#open++;
    this.#invoked++;
    return open;
  }

  #takeEffect(open: Open): void {
    if (this.#late.length > 0 && this.#object.isReader(open)) this.#takeLateEffect(open.key);
    open.output = this.#object.apply(open);
    open.applied = ++this.#applied;
    open.hasEffect = true;
  }

  /** A crashed operation that is due takes effect just before this read, which therefore sees it. */
  #takeLateEffect(key: number): void {
    const at = this.#late.findIndex(
      ({ request, dueAt }) => request.key === key && dueAt <= this.#invoked && this.#object.wouldShow(request),
    );
    if (at < 0) return;
    this.#object.apply(this.#late[at]!.request);
    this.#applied++;
    this.#late.splice(at, 1);
    this.#facts.crashedAndSeen();
  }

  #complete(slot: number, open: Open): void {
    this.#slots[slot] = undefined;
    this.#open--;
    if (open.crashes) this.#crash(slot, open);
    else this.#answer(open);
  }

  #crash(slot: number, open: Open): void {
    this.#writer.unknown(this.#line(open, 'info', this.#asked(open)), 'timeout');
    this.#processes[slot]! += this.#shape.clients;
    const share = this.#invoked / this.#shape.operations;
    this.#facts.crashed(share);
    if (this.#facts.crashedSoFar % LOST_EVERY === 0) return;
    // Most soon, some much later: the delay's logarithm is uniform.
    const delay = Math.exp(this.#random.next() * Math.log(1 + 0.3 * (this.#shape.operations - this.#invoked)));
    this.#late.push({ request: open, dueAt: this.#invoked + Math.floor(delay) });
  }

  #answer(open: Open): void {
    const answerer = {
      node: this.#random.pick(NODES),
      term: 1 + Math.floor(this.#invoked / 50_000),
      applied: open.applied,
    };
    const isMismatch = open.f === 'cas' && open.output === 0;
    if (isMismatch) {
      this.#facts.mismatch();
      const error = this.#shape.mismatches === 'observed' ? 'mismatch' : 'refused';
      this.#writer.answer(this.#line(open, 'fail', this.#asked(open)), answerer, error);
      return;
    }
    if (this.#object.isReader(open) && open.output === NOTHING) this.#facts.empty();
    const value = this.#object.isReader(open) ? this.#read(open.output) : this.#asked(open);
    this.#writer.answer(this.#line(open, 'ok', value), answerer);
  }

  /**
   * Three clients in turn, whatever the others have open: a write of u is answered, then one to three writes of other values,
   * then a read is asked, and answered u. Each is answered before the next is asked. Where values are unique nobody else
   * writes u, so that the read is stale for certain.
   */
  #playStaleRead(): void {
    if (!(this.#object instanceof Registers)) throw new Error('only a register has stale reads here');
    this.#isStaleLeft = false;
    const stale = this.#object.write(this.#random, NOTHING);
    this.#playAlone(stale, undefined);
    const versions = 1 + this.#random.int(3);
    for (let i = 0; i < versions; i++) this.#playAlone(this.#object.write(this.#random, stale.a), undefined);
    this.#facts.stale({ index: this.#playAlone(this.#object.read(), stale.a), versions });
  }

  /** Asks, has it take effect, and answers, with another output if one is given. Returns the index of the invocation. */
  #playAlone(request: Request, output: number | undefined): number {
    const slot = this.#freeSlot();
    this.#tick();
    const index = this.#writer.index;
    const open = this.#invoke(slot, request, false);
    this.#tick();
    open.output = this.#object.apply(open);
    open.applied = ++this.#applied;
    if (output !== undefined) open.output = output;
    this.#tick();
    this.#complete(slot, open);
    return index;
  }

  #freeSlot(): number {
    const slot = this.#random.int(this.#shape.clients);
    const open = this.#slots[slot];
    if (open === undefined) return slot;
    if (!open.crashes && !open.hasEffect) this.#takeEffect(open);
    this.#tick();
    this.#complete(slot, open);
    return slot;
  }

  #line({ process, f, key }: Open, type: Line['type'], value: string): Line {
    const name = this.#shape.object === 'queue' ? undefined : this.#shape.keys === 1 ? 'x' : `k${key}`;
    return { timeNs: this.#timeNs, process, type, f, key: name, value };
  }

  #asked({ f, a, b }: Request): string {
    return f === 'cas' ? `[${this.#written(a)},${this.#written(b)}]` : this.#written(a);
  }

  /** A key that was never put holds the empty text. */
  #read(value: number): string {
    return value === NOTHING && this.#shape.object === 'kv' ? '""' : this.#written(value);
  }

  #written(value: number): string {
    if (value === NOTHING) return 'null';
    return this.#shape.object === 'kv' ? `"v${value}"` : String(value);
  }
}

/** Which operations, by number, crash: one in each of equal stretches, or all among the first hundredth. */
function crashingOf(random: Random, { operations, crashed, crashedIn }: HistoryShape): number[] {
  // Not the last ones: they are to be seen.
  const range = Math.floor(crashedIn === 'first-percent' ? operations / 100 : operations * 0.85);
  if (crashed > range) throw new Error(`${crashed} of ${range} operations cannot crash`);
  return Array.from({ length: crashed }, (_none, i) => {
    const from = Math.floor((i * range) / crashed);
    return from + random.int(Math.max(1, Math.floor(((i + 1) * range) / crashed) - from));
  }).reverse();
}
