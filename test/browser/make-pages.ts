/** Before the tests in a browser: real runs of the simulator, of the checker and of a campaign, by the built program. Once for all files. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { setup as build } from '../e2e/build.ts';
import { answersOf, EVERY_CARD } from '../report/answers-fixture.ts';
import { onlyRun, resultsFolder, stalemate } from '../e2e/program.ts';
import { findChromium } from './chromium.ts';
import { hostileHistory } from './hostile-history.ts';

/** Folders of runs, and files of pages that have no folder of their own. */
export interface Pages {
  /** Stale reads of two causes. */
  readonly stale: string;
  /** Stale reads, thousands of operations a second. */
  readonly dense: string;
  readonly passing: string;
  readonly unknown: string;
  /** Pages of `check --report`. */
  readonly checked: string;
  readonly undecided: string;
  readonly hostile: string;
  readonly campaign: string;
  /** The answers page, of every kind of card. */
  readonly answers: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    pages: Pages;
  }
}

const SIM: Readonly<Record<'stale' | 'dense' | 'passing' | 'unknown' | 'counter', string>> = {
  stale: '--reads local --faults partition:leader --time 5s --clients 5 --keys 2 --rate 150/s --seed g1',
  dense: '--reads local --faults pause,partition --time 6s --clients 5 --keys 3 --seed b1',
  passing: '--faults partition:leader,pause --time 6s --clients 5 --keys 2 --rate 400/s --seed b2',
  counter: '--workload counter --faults partition --time 4s --clients 4 --keys 2 --rate 100/s --seed w',
  unknown: '--faults pause --time 4s --clients 3 --keys 3 --rate 4/s --seed u1',
};

/** More runs to open than a page may name, and surprises among them. */
const CAMPAIGN = `
name: browser
world: simulator
nodes: 3
clients: 4
time: 5s
rate: 100/s
seeds: 4
systems: [raft, raft M30]
reads: [local, leader]
faults: ["partition:leader", pause]
expect:
  - {systems: raft M30, expect: never}
`;

/** Without a browser there is nothing to prepare. */
export async function setup(project: TestProject): Promise<(() => void) | undefined> {
  if (findChromium() === null) return undefined;
  build();
  const { path, remove } = resultsFolder();
  try {
    project.provide('pages', await makePages(path));
    return remove;
  } catch (error) {
    remove();
    throw error;
  }
}

async function makePages(folder: string): Promise<Pages> {
  const at = (name: string): string => join(folder, name);
  const runs = await Promise.all(
    Object.entries(SIM).map(async ([name, flags]) => {
      await stalemate(['sim', ...flags.split(' '), '--quiet', '--expect', 'any', '--out', at(name)]);
      return [name, onlyRun(at(name))] as const;
    }),
  );
  const { stale, dense, passing, unknown, counter } = Object.fromEntries(runs) as Record<keyof typeof SIM, string>;
  writeFileSync(at('hostile.jsonl'), hostileHistory());
  await checkInto(at('checked.html'), [join(stale, 'history.jsonl'), '--clients', '5', '--all']);
  await checkInto(at('undecided.html'), [join(counter, 'history.jsonl'), '--max-steps', '3']);
  await checkInto(at('hostile.html'), [at('hostile.jsonl'), '--model', 'register']);
  writeFileSync(at('browser.yaml'), CAMPAIGN);
  await stalemate(['campaign', at('browser.yaml'), '--out', at('campaigns')]);
  // Only now is the script that pages bring along the one that was just built.
  const { renderAnswers } = await import('../../src/report/index.ts');
  writeFileSync(at('answers.html'), renderAnswers(answersOf(EVERY_CARD)));
  return {
    stale,
    dense,
    passing,
    unknown,
    checked: at('checked.html'),
    undecided: at('undecided.html'),
    hostile: at('hostile.html'),
    answers: at('answers.html'),
    campaign: join(at('campaigns'), readdirSync(at('campaigns'))[0]!),
  };
}

async function checkInto(page: string, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await stalemate(['check', ...args, '--report', page]);
  if (exitCode === undefined || exitCode > 2) throw new Error(stderr);
}
