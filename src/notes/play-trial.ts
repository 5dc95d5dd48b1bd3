/** One trial of an arm: found again by names and numbers alone, in any thread and at any time. */
import { assert } from '../base/assert.ts';
import { experiments } from './experiments/index.ts';
import type { Arm, Experiment } from './experiment.ts';
import type { Recording } from './recording.ts';

export interface TrialTask {
  readonly experiment: string;
  readonly arm: string;
  readonly nth: number;
  /** Of the whole campaign. */
  readonly seed: string;
  /** What stands in the place of the correct node. */
  readonly mutant: string | null;
}

function experimentNamed(id: string): Experiment {
  const found = experiments.find((it) => it.id === id);
  assert(found !== undefined, () => `no experiment ${id}`);
  return found;
}

export function armOf({ experiment, arm }: Pick<TrialTask, 'experiment' | 'arm'>): Arm {
  const found = experimentNamed(experiment).arms[arm];
  assert(found !== undefined, () => `no arm ${arm} of ${experiment}`);
  return found;
}

/** Arms of one experiment are played with the same seeds, so that what is taken out is all the difference; unless an arm has seeds of its own. */
export function seedOf({ experiment, nth, seed, ...task }: TrialTask): string {
  const { seeds } = armOf({ experiment, ...task });
  return [seed, experiment, ...(seeds === undefined ? [] : [seeds]), nth].join('-');
}

/** What the node of that arm is. */
export function mutantOf(task: TrialTask): string | null {
  return armOf(task).mutant ?? task.mutant;
}

/** Plays it in the simulator. Equal tasks give equal recordings. */
export function recordTrial(task: TrialTask): Promise<Recording> {
  const { play } = armOf(task);
  assert(play.world === 'simulator', 'trials on real processes are no task for a thread');
  return play.record({ seed: seedOf(task), mutant: mutantOf(task), nth: task.nth });
}
