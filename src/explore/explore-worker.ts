/** A thread that plays the plans that it is sent, one after another. */
import { parentPort } from 'node:worker_threads';
import type { Plan } from '../contract/index.ts';
import type { Answer } from './explore.ts';
import { outcomeOf } from './outcome.ts';

let last: Promise<void> = Promise.resolve();

parentPort!.on('message', (plan: Plan): void => {
  last = last.then(() => answer(plan));
});

async function answer(plan: Plan): Promise<void> {
  parentPort!.postMessage(await outcomeOf(plan).then(asOutcome, asError));
}

function asOutcome(outcome: Awaited<ReturnType<typeof outcomeOf>>): Answer {
  return { outcome };
}

function asError(error: unknown): Answer {
  return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
