/**
 * One node of a system that is not ours, over all its lives: one process or several (a server and its sentinel), which start, stop and die
 * together, as they would on one machine.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StalemateError } from '../base/errors.ts';
import type { NodeId } from '../contract/names.ts';
import type { Crash, Launch } from '../contract/system.ts';
import type { Guard } from './guard.ts';
import { pidsBelow, treeOf, type Member } from './process-tree.ts';
import { ProgramRun, type Pipes } from './program-run.ts';

export interface ForeignNodeOptions {
  readonly id: NodeId;
  /** nodes/<id>. */
  readonly folder: string;
  /** The same in every life; asked for when the node starts. */
  readonly launches: () => readonly Launch[];
  readonly guard: Guard;
  /** As of a run of a program: where its processes are spoken to by their standard input and output. */
  readonly onPipes?: (pipes: Pipes) => void;
  readonly onCrash: (crash: Crash) => void;
}

export class ForeignNode {
  readonly id: NodeId;
  readonly #options: ForeignNodeOptions;
  #runs: readonly ProgramRun[] = [];
  #isPaused = false;
  #mayEnd = false;

  constructor(options: ForeignNodeOptions) {
    this.id = options.id;
    this.#options = options;
    mkdirSync(join(options.folder, 'data'), { recursive: true });
  }

  get state(): 'running' | 'paused' | 'down' {
    if (this.isGone()) return 'down';
    return this.#isPaused ? 'paused' : 'running';
  }

  /** Of its processes that live, the first one first. */
  get pids(): readonly number[] {
    return this.#runs.filter((run) => !run.isGone).map((run) => run.root.pid);
  }

  /** And of what those have started. `quick`: in a moment, at the price that one may be left out. */
  allPids(how: 'all' | 'quick' = 'all'): readonly number[] {
    const below = (root: Member): readonly number[] =>
      (how === 'quick' ? pidsBelow(root) : undefined) ?? treeOf(root).map(({ pid }) => pid);
    return this.#runs.flatMap((run) => (run.isGone ? [] : below(run.root)));
  }

  /** From now on it is no crash where a process ends by itself; or it is one again. */
  expectEnd(mayEnd: boolean): void {
    this.#mayEnd = mayEnd;
  }

  /** Starts every process. They may take a while until they serve. */
  start(): void {
    const { id, folder, guard, onPipes, onCrash } = this.#options;
    this.#isPaused = false;
    const launches = this.#options.launches();
    this.#runs = launches.map(
      (launch) =>
        new ProgramRun({
          launch,
          cwd: join(folder, 'data'),
          outputPath: join(folder, launches.length === 1 ? 'output.log' : `${launch.name}.log`),
          guard,
          onPipes,
          onCrash: ({ how, output }) => {
            if (this.#mayEnd) return;
            onCrash({ node: id, how: launches.length === 1 ? how : `${launch.name}: ${how}`, output });
          },
        }),
    );
  }

  /** Resolves when all of it is gone. */
  async kill(): Promise<void> {
    await Promise.all(this.#runs.map((run) => run.kill()));
    this.#isPaused = false;
  }

  async pause(): Promise<void> {
    this.#isPaused = true;
    const stopped = await Promise.all(this.#runs.map((run) => run.pause()));
    if (stopped.every(Boolean)) return;
    // A fault that was done in part must not stay.
    await this.resume();
    throw new StalemateError('failed', `${this.id} was sent SIGSTOP and did not stop`);
  }

  /** Says whether it was stopped until now; false if it was killed meanwhile. */
  async resume(): Promise<boolean> {
    if (!this.#isPaused || this.isGone()) return false;
    const held = this.#runs.every((run) => run.isStopped());
    this.#isPaused = false;
    await Promise.all(this.#runs.map((run) => run.resume()));
    return held;
  }

  /** False while any process runs that this node was. */
  isGone(): boolean {
    return this.#runs.every((run) => run.isGone);
  }
}
