/** S11: an entry is a command, a term, and an index; no two entries agree in term and index and not in the command. */
import {
  ablate,
  claim,
  grouped,
  showFirst,
  sum,
  numbers,
  toldClaim,
  type Arm,
  type Experiment,
} from '../experiment.ts';
import { recordingOf, recordStory, type Recording, type Story } from '../recording.ts';
import { drawPlan, play } from '../../explore/index.ts';
import { RIVALS_SCENE } from './s03.ts';
import { zeroBound } from '../../base/zero-bound.ts';
import { lastRead } from './scenes.ts';
import { bothWays } from '../stage.ts';
import type { Probe } from '../../contract/index.ts';

/** Each entry carries a hash over itself and all before it: equal hashes, equal logs up to there. */
function entriesIn(probes: readonly Probe[]): {
  readonly entries: number;
  readonly copies: number;
  readonly clashes: number;
} {
  const hashes = new Map<string, Set<number>>();
  let copies = 0;
  for (const it of probes) {
    if (it.kind !== 'append') continue;
    copies++;
    const name = `${it.index} ${it.entryTerm}`;
    const there = hashes.get(name);
    if (there === undefined) hashes.set(name, new Set([it.chain]));
    else there.add(it.chain);
  }
  return { entries: hashes.size, copies, clashes: [...hashes.values()].filter((it) => it.size > 1).length };
}

const withEntries = (recording: Recording): Recording => ({
  ...recording,
  facts: { ...recording.facts, ...entriesIn(recording.probes) },
});

/** n2 and n3 stand at the same time and do not hear each other; each is asked for a write of its own. */
const twoAuthors: Story = async (stage) => {
  const [voter, a, b] = stage.ids as [string, string, string];
  await stage.cut(...bothWays(a, b));
  await stage.leader();
  await stage.sleep(30);
  const writers = [a, b].map((id) => stage.actor(id, { pinned: true, timeoutMs: 200 }));
  await Promise.all(writers.map((writer, nth) => writer.write('x', nth + 1)));
  return lastRead(stage, stage.actor(voter));
};

const swarm: Arm = {
  runs: { quick: 60, full: 1000 },
  play: {
    world: 'simulator',
    record: async ({ seed, mutant }) => withEntries(recordingOf(await play(drawPlan(seed, { mutant })), {})),
  },
};

const rivals = (mutant?: string): Arm => ({
  runs: { quick: 40, full: 200 },
  ...(mutant !== undefined && { mutant }),
  play: {
    world: 'simulator',
    record: async ({ seed, mutant: broken }) => {
      const about = 'Two candidates meet in one term; whoever leads is asked for writes.';
      return withEntries(await recordStory({ scene: RIVALS_SCENE, story: twoAuthors, seed, mutant: broken, about }));
    },
  },
});

export const s11: Experiment = {
  id: 'S11',
  lines: '35-37',
  note: 'A log entry is a command and the term in which it was received.',
  form: 'statement',
  status: 'correction',
  decisive: 'M03',
  arms: { swarm, rivals: rivals(), 'two leaders in a term': rivals('M03') },
  conclude: (results) => {
    const correct = [...results['swarm']!, ...results['rivals']!];
    const entries = sum(numbers(correct, 'entries'));
    const copies = sum(numbers(correct, 'copies'));
    const clashes = sum(numbers(correct, 'clashes'));
    const { ablation, claims } = ablate(results, {
      rule: 'one leader a term, and so one author for each index in it',
      mutant: 'M03',
      counted: 'runs in which one index and term named two commands',
      with: 'rivals',
      without: 'two leaders in a term',
      is: ({ facts }) => (facts['clashes'] as number) > 0,
    });
    return {
      answer:
        'And its index. Term and index together name one command for ever, and the term stays that of the leader which created the entry.',
      explanation:
        'A term has one leader, and a leader puts one entry at each index and never rewrites it. So two logs that agree in index and term of an entry agree in the command, and in everything before it: the one fact that AppendEntries has to check. A later leader that copies the entry leaves its term as it is.',
      claims: [
        toldClaim('swarm', results['swarm']!),
        toldClaim('rivals', results['rivals']!),
        claim(
          'no index and term named two commands',
          entries > 0 && clashes === 0,
          `${clashes} of ${grouped(entries)} entries`,
        ),
        ...claims,
      ],
      figures: [
        {
          value: `${clashes} of ${grouped(entries)}`,
          label: 'pairs of index and term that named two commands',
          tone: 'good',
          ...(clashes === 0 && zeroBound(entries) !== null && { bound: zeroBound(entries)! }),
        },
        { value: grouped(copies), label: `copies of them compared, in ${grouped(correct.length)} runs with faults` },
      ],
      ablations: [ablation],
      charts: [],
      show: showFirst(results, { arm: 'rivals', words: 'the logs of both candidates agree again' }),
    };
  },
};
