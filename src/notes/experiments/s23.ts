/** S23: voters compare last entries. What they know to be committed would be too little. */
import {
  ablate,
  claim,
  count,
  countFigure,
  isViolation,
  median,
  numbers,
  showFirst,
  toldClaim,
  type Experiment,
} from '../experiment.ts';
import type { Story } from '../recording.ts';
import { barScene, both, campaigns, commitIndex, lastIndex, lastRead, led } from './scenes.ts';

/** n2 has an entry that is committed and does not know it; n3 lacks it, and asks n2 for its vote when n1 is gone. */
const unknowingVoter: Story = async (stage) => {
  const first = await stage.leader();
  const [voter, laggard] = stage.others(first) as [string, string];
  const writer = stage.actor(first);
  await writer.put('x', 0);
  await stage.until('all to know', () => stage.ids.every((id) => commitIndex(stage, id) === lastIndex(stage, first)));
  const heal = await stage.isolate(laggard);
  const index = lastIndex(stage, first) + 1;
  const write = writer.begin({ f: 'write', key: 'x', value: 1 });
  await stage.until('the voter to have it', () => lastIndex(stage, voter) >= index);
  const deafen = await stage.cut({ from: first, to: voter });
  await stage.until('the answer', () => write.completion()?.kind === 'ok');
  const known = commitIndex(stage, voter) >= index;
  const goneMs = stage.nowMs;
  const term = stage.term(first);
  await stage.kill(first);
  await heal();
  await deafen();
  const next = await stage.leaderAfter(term);
  const asked = await lastRead(stage, stage.actor(voter));
  const stood = campaigns(stage.probes, laggard, goneMs);
  return { ...asked, known, stood, laggardLed: next === laggard && led(stage.probes, laggard, goneMs) };
};

export const s23: Experiment = {
  id: 'S23',
  lines: '80-82',
  note: "A vote goes only to a candidate whose log holds all of the voter's committed entries.",
  form: 'answer',
  status: 'correction',
  decisive: 'M07',
  arms: both({
    scene: barScene([2, 0.4, 1.4]),
    story: unknowingVoter,
    about: 'A voter holds a committed entry and does not know yet that it is committed.',
    quick: 60,
    full: 240,
    mutants: { 'voted by what is known to be committed': 'M07' },
  }),
  conclude: (results) => {
    const correct = results['correct']!;
    const without = 'voted by what is known to be committed';
    const { ablation, claims } = ablate(results, {
      rule: "a candidate is measured by the voter's last entry",
      mutant: 'M07',
      counted: 'runs that lost an acknowledged write',
      with: 'correct',
      without,
      is: isViolation,
    });
    const knew = count(correct, ({ facts }) => facts['known'] === true);
    return {
      answer: 'That is what follows, not what is compared. The voter compares the term and index of the last entries.',
      explanation:
        'A voter need not know which of its entries are committed: the leader may have counted a majority, answered the client and died before it could tell. A check against what the voter knows to be committed lets a candidate win that lacks such an entry.',
      claims: [
        toldClaim('correct', correct),
        claim(
          'the voter did not know that its entry was committed',
          knew.hits === 0,
          `knew in ${knew.hits} of ${knew.of}`,
        ),
        claim(
          'whoever lacked it did ask for its vote',
          correct.every(({ facts }) => (facts['stood'] as number) >= 1),
          `${median(numbers(correct, 'stood'))} times a run, median`,
        ),
        ...claims,
      ],
      figures: [
        countFigure(count(correct, isViolation), 'runs lost an acknowledged write, compared by last entries', 'good'),
        countFigure(count(results[without]!, isViolation), 'compared by what the voter knows to be committed', 'bad'),
      ],
      ablations: [ablation],
      charts: [],
      show: [
        ...showFirst(results, {
          arm: 'correct',
          words: 'the write is read after the candidate that lacked it was refused',
        }),
        ...showFirst(results, { arm: without, is: isViolation, words: 'the acknowledged write is gone' }),
      ],
    };
  },
};
