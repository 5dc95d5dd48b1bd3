/**
 * One node of a process cluster, over all its lives: started, killed and started again on the same port and data, stopped and
 * continued. Nothing is believed that was not seen: a kill waits until the process is gone, a pause until the kernel says so.
 */
import { createWriteStream, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { assert } from '../base/assert.ts';
import { StalemateError } from '../base/errors.ts';
import type { Nanos } from '../base/time.ts';
import { measureClock } from './clock-error.ts';
import { ControlLink, type NodeStatus, type RoleEvent } from './control-link.ts';
import type { Crash } from '../contract/system.ts';
import type { Guard } from './guard.ts';
import { isAlive, processState } from './process-state.ts';
import { programArgs } from '../spawn/own-program.ts';
import type { UndoPlace } from '../undo/undo-folder.ts';
import type { Disturbance } from '../wire/control-protocol.ts';
import { poll, within } from './waiting.ts';

export interface NodeProcessOptions {
  readonly id: string;
  readonly clusterId: string;
  readonly address: string;
  /** nodes/<id>: its output, probes and data. */
  readonly folder: string;
  /** Flags that are the same in every life. */
  readonly flags: readonly string[];
  readonly guard: Guard;
  /** The clock that its probes are held against. */
  readonly nowNs: () => Nanos;
  readonly onRole: (event: RoleEvent) => void;
  /** It ended and nobody had asked it to. */
  readonly onCrash: (crash: Crash) => void;
}

/**
 * A node makes many small objects that live as long as a request. A young generation of this size (MiB) lets most of them die before
 * they are looked at, and does not grow beyond it.
 */
const NODE_FLAGS = ['--min-semi-space-size=8', '--max-semi-space-size=8'];

/** What a node may not hear and not say, and what it hears late or twice. */
export interface Filter {
  readonly cutOut: readonly string[];
  readonly cutIn: readonly string[];
  readonly disturbed: Readonly<Record<string, Disturbance>>;
}

/** One process, from spawn to exit. */
interface Life {
  readonly pid: number;
  readonly startTime: string;
  readonly control: ControlLink;
  readonly exited: Promise<unknown>;
  /** It has answered. */
  ready: boolean;
  /** We ended it, or are about to. */
  ending: boolean;
  gone: boolean;
}

const START_TIMEOUT_MS = 20_000;
const STATE_TIMEOUT_MS = 5000;
const OUTPUT_TAIL_BYTES = 2000;

export class NodeProcess {
  readonly #options: NodeProcessOptions;
  #life: Life | undefined;
  #lives = 0;
  #clockErrorNs: Nanos | null = null;
  #paused = false;
  /** Where the output of the present life begins. */
  #outputFrom = 0;
  #expectedEnd: RegExp | null = null;

  constructor(options: NodeProcessOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true });
  }

  get id(): string {
    return this.#options.id;
  }

  /** Counts starts; a counter of an earlier life says nothing about this one. */
  get lives(): number {
    return this.#lives;
  }

  /** How far its clock may be from the controller's, by the worst measurement so far; null where there is none. */
  get clockErrorNs(): Nanos | null {
    return this.#clockErrorNs;
  }

  /** Its data, and the journal of what a loss of power would take. */
  get place(): UndoPlace {
    const { folder } = this.#options;
    return { dataFolder: join(folder, 'data'), undoFolder: join(folder, 'undo') };
  }

  get pid(): number | undefined {
    return this.#life?.pid;
  }

  get state(): 'running' | 'paused' | 'starting' | 'down' {
    if (this.#life === undefined || this.#life.gone) return 'down';
    if (!this.#life.ready) return 'starting';
    return this.#paused ? 'paused' : 'running';
  }

  /** Starts the process with this filter in force and waits until it answers. */
  async start(how: { readonly init: boolean; readonly filter: Filter }): Promise<void> {
    assert(this.state === 'down', `${this.id} already runs`);
    const life = this.#spawn([
      ...this.#options.flags,
      ...(how.init ? ['--init'] : []),
      '--cut-out',
      how.filter.cutOut.join(),
      '--cut-in',
      how.filter.cutIn.join(),
    ]);
    const { id: node, address, clusterId } = this.#options;
    const connected = await poll(
      async () => {
        if (life.gone) return false;
        return life.control.connect({ address, clusterId, node }).then(
          () => true as const,
          () => undefined,
        );
      },
      { everyMs: 10, timeoutMs: START_TIMEOUT_MS },
    );
    if (connected === true)
      life.ready = await life.control.status().then(
        () => true,
        () => false,
      );
    if (!life.ready) throw new StalemateError('failed', `${this.id} did not start: ${this.#outputTail()}`);
    await this.measureClock();
  }

  /** Holds its clock against the controller's; without effect where it cannot be asked now. */
  async measureClock(): Promise<void> {
    const errorNs = await measureClock(() => this.status(), this.#options.nowNs);
    if (errorNs !== undefined) this.#clockErrorNs = Math.max(this.#clockErrorNs ?? 0, errorNs);
  }

  /** SIGKILL, and waits until the process is gone. */
  async kill(): Promise<void> {
    const life = this.#life;
    if (life === undefined || life.gone) return;
    life.ending = true;
    this.#signal(life, 'SIGKILL');
    await life.exited;
    this.#paused = false;
  }

  /** SIGSTOP, and waits until the kernel says that it is stopped. */
  async pause(): Promise<void> {
    const life = this.#running();
    this.#paused = true;
    this.#signal(life, 'SIGSTOP');
    if (!(await this.#reaches(life, (code) => code === 'T'))) {
      throw new StalemateError('failed', `${this.id} was sent SIGSTOP and did not stop`);
    }
  }

  /** SIGCONT, and waits until it runs. Says whether it was stopped until now; false if it was killed meanwhile. */
  async resume(): Promise<boolean> {
    const life = this.#life;
    if (life === undefined || life.gone || !this.#paused) return false;
    const held = processState(life.pid)?.code === 'T';
    this.#signal(life, 'SIGCONT');
    this.#paused = false;
    await this.#reaches(life, (code) => code !== 'T');
    return held;
  }

  /** False while any process runs that this node was. */
  isGone(): boolean {
    return this.#life === undefined || !isAlive(this.#life.pid, this.#life.startTime);
  }

  /** What the node says of itself; undefined if it is down, stopped, or went down or stopped while it was asked. */
  async status(): Promise<NodeStatus | undefined> {
    return this.#asked((control) => control.status());
  }

  /** True once the filter is in force; false if the node cannot be asked now. It gets the filter in any case when it can. */
  async setLinks(filter: Filter): Promise<boolean> {
    const done = await this.#asked(async (control) => {
      await control.setLinks(filter);
      return true;
    });
    return done ?? false;
  }

  /** True once its disk suffers this; false if it cannot be asked now. */
  async setDisk(trouble: { readonly syncDelayMs: number; readonly full: boolean }): Promise<boolean> {
    return (await this.#asked((control) => control.setDisk(trouble).then(() => true))) ?? false;
  }

  /** True once its clock does this; false if it cannot be asked now. */
  async setClock(fault: { readonly rate: number; readonly jumpMs: number }): Promise<boolean> {
    return (await this.#asked((control) => control.setClock(fault).then(() => true))) ?? false;
  }

  /** It may end by itself with such words, from now on until told otherwise: that is what a fault is about, and no crash. */
  expectEnd(words: RegExp | null): void {
    this.#expectedEnd = words;
  }

  /** The end of what the present life has printed. */
  output(): string {
    return this.#outputTail();
  }

  async #asked<T>(ask: (control: ControlLink) => Promise<T>): Promise<T | undefined> {
    const life = this.#life;
    if (life === undefined || life.gone) return undefined;
    const answer = ask(life.control).catch(() => undefined);
    return poll(() => (this.state === 'running' ? within(answer, 50) : null), {
      everyMs: 0,
      timeoutMs: STATE_TIMEOUT_MS,
    }).then((it) => it ?? undefined);
  }

  #spawn(flags: readonly string[]): Life {
    const { folder, guard, onRole } = this.#options;
    // The node writes to the file itself: nothing of its output passes through the controller, or is lost with it.
    const outputPath = join(folder, 'output.log');
    this.#outputFrom = existsSync(outputPath) ? statSync(outputPath).size : 0;
    const output = createWriteStream('', { fd: openSync(outputPath, 'a') });
    const child = execa(process.execPath, [...NODE_FLAGS, ...programArgs('node/main'), ...flags], {
      detached: true,
      cleanup: false,
      reject: false,
      stdin: 'ignore',
      stdout: output,
      stderr: output,
      buffer: false,
    });
    output.close();
    const startTime = child.pid === undefined ? undefined : processState(child.pid)?.startTime;
    if (child.pid === undefined || startTime === undefined) {
      throw new StalemateError('failed', `${this.id} could not be started with ${process.execPath}`);
    }
    guard.add(child.pid, startTime);
    const life: Life = {
      pid: child.pid,
      startTime,
      control: new ControlLink(onRole),
      exited: child.then((result) => this.#onExit(life, result.signal ?? `exit code ${result.exitCode}`)),
      ready: false,
      ending: false,
      gone: false,
    };
    this.#life = life;
    this.#lives++;
    return life;
  }

  #onExit(life: Life, how: string): void {
    life.gone = true;
    life.control.close();
    this.#options.guard.remove(life.pid);
    const output = this.#outputTail();
    if (life.ending || this.#expectedEnd?.test(output) === true) return;
    this.#options.onCrash({ node: this.id, how, output });
  }

  #running(): Life {
    assert(this.state === 'running' && this.#life !== undefined, `${this.id} does not run`);
    return this.#life;
  }

  #signal(life: Life, signal: NodeJS.Signals): void {
    // Our own child: its pid is not given away before its exit was seen.
    if (!life.gone) process.kill(life.pid, signal);
  }

  async #reaches(life: Life, wanted: (code: string) => boolean): Promise<boolean> {
    const reached = await poll(
      () => {
        const code = processState(life.pid)?.code;
        return code === undefined || wanted(code) ? code : undefined;
      },
      { everyMs: 1, timeoutMs: STATE_TIMEOUT_MS },
    );
    return reached !== undefined;
  }

  #outputTail(): string {
    const path = join(this.#options.folder, 'output.log');
    const text = existsSync(path) ? readFileSync(path).subarray(this.#outputFrom).toString().trim() : '';
    return text.slice(-OUTPUT_TAIL_BYTES) || 'it printed nothing';
  }
}
