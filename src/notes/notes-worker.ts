/** A thread that plays the trials that it is sent, one after another. */
import { parentPort } from 'node:worker_threads';
import { expectManyPlays, type Answer } from '../explore/index.ts';
import { recordTrial, type TrialTask } from './play-trial.ts';
import { trialOf, type Trial } from './recording.ts';

expectManyPlays();

let last: Promise<void> = Promise.resolve();

parentPort!.on('message', (task: TrialTask): void => {
  last = last.then(async () => parentPort!.postMessage(await answer(task)));
});

async function answer(task: TrialTask): Promise<Answer<Trial>> {
  try {
    return { result: trialOf(await recordTrial(task), task.nth) };
  } catch (error) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { error: `${task.experiment}, ${task.arm}, run ${task.nth}: ${words}` };
  }
}
