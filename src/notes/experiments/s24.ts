/** S24: figure 8 of the paper, step by step. An old entry on a majority is not committed until one of the leader's own term is. */
import {
  ablate,
  claim,
  count,
  countFigure,
  isViolation,
  median,
  ms,
  numbers,
  showFirst,
  toldClaim,
  type Experiment,
} from '../experiment.ts';
import type { Story } from '../recording.ts';
import { seen } from '../stage.ts';
import { barScene, both, lastIndex, lastRead, told, EVEN_LINK } from './scenes.ts';

/** Only n1 and n5 ever stand for election: the clocks of the others are too slow. */
export const FIGURE_8_SCENE: ReturnType<typeof barScene> = barScene([3, 0.05, 0.05, 0.05, 2], {
  world: { maxEntriesPerMessage: 1, maxInFlight: 1 },
});

export const figure8: Story = async (stage) => {
  const [s1, s2, s3, s4, s5] = stage.ids as [string, string, string, string, string];
  await stage.crown(s1);
  const writer = stage.actor(s1, { pinned: true });
  await writer.put('x', 0);
  await stage.until('all to have it', () => stage.ids.every((id) => lastIndex(stage, id) === lastIndex(stage, s1)));
  // (a) S1 leads and has its entry copied to S2 only.
  const index = lastIndex(stage, s1) + 1;
  const healA = await stage.cut({ from: s1, to: s3 }, { from: s1, to: s4 }, { from: s1, to: s5 });
  const write = writer.begin({ f: 'write', key: 'x', value: 1 });
  await stage.until('S2 to have it', () => lastIndex(stage, s2) >= index);
  const term = stage.term(s1);
  const restartS1 = await stage.kill(s1);
  await healA();
  // (b) S5 is elected by S3 and S4, and has another entry at that place, which nobody else gets.
  const votedFor = (id: string): boolean =>
    stage.probes.some((it) => it.kind === 'vote' && it.node === id && it.votedFor === s5 && it.term > term);
  const isElected = (): boolean => votedFor(s3) && votedFor(s4);
  await stage.until('S3 and S4 to vote for S5', isElected);
  const healB = await stage.cut({ from: s5, to: s2 }, { from: s5, to: s3 }, { from: s5, to: s4 });
  await stage.until('S5 to lead', () => stage.role(s5)?.role === 'leader');
  await stage.until('S5 to have its entry', () => lastIndex(stage, s5) >= index);
  await stage.sleep(2);
  const restartS5 = await stage.kill(s5);
  await healB();
  // (c) S1 leads again and copies its old entry to S3: it is on a majority now. Its own first entry reaches nobody.
  const healC = await stage.cut({ from: s1, to: s4 }, { from: s4, to: s1 });
  await restartS1();
  await stage.until('S3 to have the old entry', () => lastIndex(stage, s3) >= index);
  const healD = await stage.cut({ from: s1, to: s3 });
  await stage.sleep(60);
  // S2 says what it takes to be committed.
  const early = stage.actor(s2, { pinned: true, reads: 'local' }).begin({ f: 'read', key: 'x', value: null });
  const sawIt = seen(await early.answered) === 1;
  const copies = [s1, s2, s3, s4].filter((id) => lastIndex(stage, id) >= index).length;
  await stage.kill(s1);
  // (d) S5 is elected by S3 and S4 once more, and overwrites it everywhere.
  await restartS5();
  await healC();
  await healD();
  await stage.until('S5 to lead again', () => stage.role(s5)?.role === 'leader');
  const asked = await lastRead(stage, stage.actor(s5));
  await write.answered;
  return { ...asked, sawIt, copies, early: early.id };
};

/** An entry is on all servers and not committed when its leader dies; nobody asks for anything. */
const firstOwnEntry: Story = async (stage) => {
  const first = await stage.leader();
  const others = stage.others(first);
  const writer = stage.actor(first, { pinned: true, timeoutMs: 300 });
  await writer.put('x', 0);
  const index = lastIndex(stage, first) + 1;
  await stage.cut(...others.map((from) => ({ from, to: first })));
  writer.begin({ f: 'write', key: 'x', value: 1 });
  await stage.until('all to have it', () => others.every((id) => lastIndex(stage, id) >= index));
  await stage.kill(first);
  const next = await stage.leader([first]);
  const ledMs = stage.nowMs;
  const isCommitted = (): boolean =>
    stage.probes.some((it) => it.node === next && it.kind === 'commit' && it.index > index);
  await stage.until('its own first entry to commit', isCommitted);
  const waitedMs = stage.nowMs - ledMs;
  const asked = await lastRead(stage, stage.actor(next));
  return { ...asked, waitedMs };
};

export const s24: Experiment = {
  id: 'S24',
  lines: '86-87',
  note: 'A new leader commits only entries of earlier terms until it has sent an AppendEntries of its own.',
  form: 'statement',
  status: 'correction',
  decisive: 'M20',
  arms: {
    ...both({
      scene: FIGURE_8_SCENE,
      story: figure8,
      about: 'Figure 8 of the Raft paper, step by step.',
      quick: 40,
      full: 240,
      mutants: { 'older terms commit by counting': 'M20' },
    }),
    'first own entry': told({
      scene: barScene([2, 1, 1], { world: { peerLink: EVEN_LINK } }),
      story: firstOwnEntry,
      about: 'A new leader commits what it found of an earlier term by its own first entry, and nobody asks for it.',
      quick: 40,
      full: 240,
    }),
  },
  conclude: (results) => {
    const correct = results['correct']!;
    const own = results['first own entry']!;
    const without = 'older terms commit by counting';
    const { ablation, claims } = ablate(results, {
      rule: "only entries of the leader's own term commit by counting",
      mutant: 'M20',
      counted: 'runs in which a committed write was read and then gone',
      with: 'correct',
      without,
      is: isViolation,
    });
    const waited = median(numbers(own, 'waitedMs'));
    const read = count(own, ({ facts }) => facts['value'] === 1);
    return {
      answer:
        'The other way round: a leader never commits entries of earlier terms by counting. They commit together with the first entry of its own term, which is why it appends an empty one at once.',
      explanation:
        'In figure 8 an old entry stands on three of five servers and is overwritten all the same, by a server that was elected with a later last term. An entry of the own term on a majority rules that out: nobody without it can be elected any more.',
      claims: [
        toldClaim('correct', correct),
        claim(
          'the old entry stood on three of five when the leader died',
          correct.every(({ facts }) => facts['copies'] === 3),
          `on ${[...new Set(correct.map(({ facts }) => facts['copies']))].join(', ')} logs`,
        ),
        ...claims,
        toldClaim('first own entry', own),
        claim(
          'an old entry that nobody asked about is committed by the new leader',
          read.hits === read.of,
          `${read.hits} of ${read.of}`,
        ),
      ],
      figures: [
        countFigure(count(correct, isViolation), 'runs of figure 8 in which a write was read and then gone', 'good'),
        countFigure(count(results[without]!, isViolation), 'when old entries commit by counting', 'bad'),
        {
          value: ms(waited),
          label: 'from election to the commit of its own empty entry, median; reads wait that long',
        },
      ],
      ablations: [ablation],
      charts: [],
      show: [
        ...showFirst(results, {
          arm: without,
          is: isViolation,
          words: 'the write that was read before is overwritten',
        }),
        ...showFirst(results, {
          arm: 'correct',
          words: 'the same steps with the rule: nobody ever read the old entry',
        }),
      ],
    };
  },
};
