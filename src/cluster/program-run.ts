/**
 * One run of a program that is not ours, from spawn to exit, with everything that it starts. It is the leader of a process group, dies with the
 * controller (the guard sees to that), and writes its output to a file by itself. Nothing is believed that was not seen: a kill waits until
 * all of it is gone, a pause until the kernel says that all of it is stopped.
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { StalemateError } from '../base/errors.ts';
import type { Launch } from '../contract/system.ts';
import type { Guard } from './guard.ts';
import { isAlive, processState } from './process-state.ts';
import { killGroup, signalAll, treeOf, type Member } from './process-tree.ts';
import { poll } from './waiting.ts';

export interface Pipes {
  readonly stdin: Writable;
  readonly stdout: Readable;
}

export interface ProgramRunOptions {
  readonly launch: Launch;
  readonly cwd: string;
  /** Its output is added to this file. */
  readonly outputPath: string;
  readonly guard: Guard;
  /** Where it is spoken to by its standard input and output: given those; only its errors go to the file then. */
  readonly onPipes?: ((pipes: Pipes) => void) | undefined;
  /** It ended and nobody had asked it to. */
  readonly onCrash: (crash: { readonly how: string; readonly output: string }) => void;
}

const STATE_TIMEOUT_MS = 5000;
const OUTPUT_TAIL_BYTES = 2000;
/** What a program gets from here: nothing that could change what it does. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'LD_LIBRARY_PATH'];

export class ProgramRun {
  readonly root: Member;
  readonly #options: ProgramRunOptions;
  readonly #outputFrom: number;
  readonly #exited: Promise<void>;
  #isGone = false;
  #isEnding = false;

  /** Starts it. */
  constructor(options: ProgramRunOptions) {
    this.#options = options;
    const { launch, outputPath, guard } = options;
    this.#outputFrom = existsSync(outputPath) ? statSync(outputPath).size : 0;
    const output = openSync(outputPath, 'a');
    const env = Object.fromEntries(
      PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    );
    const child = spawn(launch.file, launch.args, {
      detached: true,
      cwd: launch.cwd ?? options.cwd,
      env: { ...env, ...launch.env },
      stdio: options.onPipes === undefined ? ['ignore', output, output] : ['pipe', 'pipe', output],
      ...launch.user,
    });
    closeSync(output);
    // A program that cannot be started has no pid, and says so again in a moment.
    child.once('error', () => {});
    const startTime = child.pid === undefined ? undefined : processState(child.pid)?.startTime;
    if (child.pid === undefined || startTime === undefined) {
      throw new StalemateError('failed', `${launch.name} could not be started with ${launch.file}`);
    }
    this.root = { pid: child.pid, startTime };
    guard.add(child.pid, startTime);
    if (child.stdin !== null && child.stdout !== null) options.onPipes?.({ stdin: child.stdin, stdout: child.stdout });
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#onExit(signal ?? `exit code ${code}`);
        resolve();
      });
    });
  }

  /** False while the program itself runs. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** SIGKILL to all of it, and waits until it is gone. */
  async kill(): Promise<void> {
    if (this.#isGone) return;
    this.#isEnding = true;
    // Stopped first, so that it starts nothing more while the others are looked for.
    signalAll([this.root], 'SIGSTOP');
    const members = treeOf(this.root);
    signalAll(members, 'SIGKILL');
    await this.#exited;
    await this.#reaches(() => members.every(({ pid, startTime }) => !isAlive(pid, startTime)));
  }

  /** SIGSTOP to all of it. True once the kernel says that it is stopped. */
  async pause(): Promise<boolean> {
    signalAll([this.root], 'SIGSTOP');
    await this.#reaches(() => this.isGone || stateOf(this.root) === 'T');
    signalAll(treeOf(this.root), 'SIGSTOP');
    return this.#reaches(() => treeOf(this.root).every(isStill)).then((stopped) => stopped && !this.#isGone);
  }

  /** Whether all of it is stopped now. */
  isStopped(): boolean {
    return !this.#isGone && treeOf(this.root).every(isStill);
  }

  /** SIGCONT to all of it, and waits until it runs. */
  async resume(): Promise<void> {
    signalAll(treeOf(this.root).toReversed(), 'SIGCONT');
    await this.#reaches(() => this.#isGone || stateOf(this.root) !== 'T');
  }

  /** The end of what it has printed. */
  output(): string {
    const { outputPath } = this.#options;
    if (!existsSync(outputPath)) return 'it printed nothing';
    const size = statSync(outputPath).size;
    const from = Math.max(this.#outputFrom, size - OUTPUT_TAIL_BYTES);
    const bytes = Buffer.alloc(Math.max(0, size - from));
    const file = openSync(outputPath, 'r');
    readSync(file, bytes, 0, bytes.length, from);
    closeSync(file);
    return bytes.toString().trim() || 'it printed nothing';
  }

  #onExit(how: string): void {
    this.#isGone = true;
    // What it leaves behind would serve on beside its successor.
    killGroup(this.root);
    this.#options.guard.remove(this.root.pid);
    if (!this.#isEnding) this.#options.onCrash({ how, output: this.output() });
  }

  async #reaches(seen: () => boolean): Promise<boolean> {
    return (await poll(() => seen() || undefined, { everyMs: 2, timeoutMs: STATE_TIMEOUT_MS })) === true;
  }
}

/** Stopped, or ended and waiting for a parent who is stopped to hear of it. */
function isStill(member: Member): boolean {
  return ['T', 'Z', undefined].includes(stateOf(member));
}

function stateOf({ pid, startTime }: Member): string | undefined {
  const state = processState(pid);
  return state?.startTime === startTime ? state.code : undefined;
}
