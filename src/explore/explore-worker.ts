/** A thread that plays the plans that it is sent, one after another. */
import { parentPort } from 'node:worker_threads';
import type { Plan } from '../contract/index.ts';
import { expectManyPlays } from './many-plays.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import type { Answer } from './threads.ts';

expectManyPlays();

let last: Promise<void> = Promise.resolve();

parentPort!.on('message', (plan: Plan): void => {
  last = last.then(() => answer(plan));
});

async function answer(plan: Plan): Promise<void> {
  parentPort!.postMessage(await outcomeOf(plan).then(asOutcome, asError));
}

function asOutcome(result: Outcome): Answer<Outcome> {
  return { result };
}

function asError(error: unknown): Answer<Outcome> {
  return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
