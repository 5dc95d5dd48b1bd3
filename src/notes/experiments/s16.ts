/** S16: committed when a majority has it, durably; not when all have it. */
import {
  ablate,
  claim,
  count,
  countFigure,
  isViolation,
  isWrong,
  median,
  numbers,
  showFirst,
  toldClaim,
  type Arm,
  type Experiment,
} from '../experiment.ts';
import type { Scene, Story } from '../recording.ts';
import { barScene, both, lastIndex, lastRead, REAL_ELECTION_TIMEOUT_MS, told } from './scenes.ts';
import type { Actor, Stage } from '../stage.ts';

const SPAN_MS = 600;
/** An election, and what a busy machine adds to it. */
const PATIENT_MS = 8000;

/** How many writes are acknowledged within a while. */
async function acknowledged(stage: Stage, writer: Actor): Promise<number> {
  let ok = 0;
  for (const endMs = stage.nowMs + SPAN_MS; stage.nowMs < endMs;)
    if ((await writer.write('x', stage.history.length)).kind === 'ok') ok++;
  return ok;
}

/** One follower of three sleeps, then both, then none. */
const sleepers: Story = async (stage) => {
  const leader = await stage.leader();
  const [one, two] = stage.others(leader) as [string, string];
  const patient = stage.actor(leader, { timeoutMs: PATIENT_MS });
  const writer = stage.actor(leader, { timeoutMs: 300 });
  await patient.put('x', 0);
  await stage.pause(one);
  const withOne = await acknowledged(stage, writer);
  const wake = await stage.pause(two);
  // One that was sent before may have found its majority.
  await stage.sleep(20);
  const withTwo = await acknowledged(stage, writer);
  await wake();
  const read = await lastRead(stage, patient);
  return { ...read, withOne, withTwo };
};

/** A leader whose two followers sleep is asked for a write; then it sleeps, and they are awake and elect another one. */
export const minority: Story = async (stage) => {
  const first = await stage.leader();
  const others = stage.others(first) as [string, string];
  const writer = stage.actor(first, { pinned: true, timeoutMs: 300 });
  await writer.put('x', 0);
  const heal = await stage.isolate(first);
  const write = writer.begin({ f: 'write', key: 'x', value: 1 });
  await stage.wait(() => write.completion() !== undefined, 250);
  const acknowledgedAlone = write.completion()?.kind === 'ok';
  await stage.leaderAfter(stage.term(first));
  await stage.kill(first);
  await heal();
  const read = await lastRead(stage, stage.actor(others[0]));
  return { ...read, acknowledgedAlone };
};

/** Its leader never comes back here: what a majority acknowledged has to be found at the others, who lost their power. */
const powerOfMajority: Story = async (stage) => {
  const first = await stage.leader();
  const others = stage.others(first) as [string, string];
  const writer = stage.actor(first, { timeoutMs: 1000 });
  await writer.put('x', 0);
  const index = lastIndex(stage, first) + 1;
  const write = writer.begin({ f: 'write', key: 'x', value: 1 });
  await stage.until('an answer', () => write.completion() !== undefined && lastIndex(stage, others[0]) >= index);
  const gone = await stage.isolate(first);
  const restart = await stage.losePower(...others);
  await restart();
  await stage.leaderAfter(stage.term(first));
  const asked = stage.actor(others[0]).begin({ f: 'read', key: 'x', value: null });
  const { kind } = await asked.answered;
  await gone();
  return { at: asked.id, answered: write.completion()!.kind === 'ok', read: kind };
};

export const MINORITY_SCENE: Scene = barScene([2, 1, 0.8]);

const realSleepers: Arm = {
  runs: { quick: 1, full: 3 },
  play: {
    world: 'processes',
    scene: { nodes: 3, electionTimeoutMs: REAL_ELECTION_TIMEOUT_MS },
    story: sleepers,
    about: 'One follower of three is stopped, then both, then none.',
  },
};

export const s16: Experiment = {
  id: 'S16',
  lines: '54-56',
  note: 'An entry is committed when a majority has written it, that is, when the matchIndex of all followers has reached it.',
  form: 'statement',
  status: 'correction',
  decisive: 'M21',
  arms: {
    ...both({
      scene: barScene([1, 0.9, 0.8], { electionTimeoutMs: [400, 450] }),
      story: sleepers,
      about: 'One follower of three sleeps, then both.',
      quick: 30,
      full: 200,
      mutants: { 'less than half': 'M21' },
    }),
    real: realSleepers,
    durable: told({
      scene: barScene([2, 1, 0.8], { world: { syncMs: [8, 20] } }),
      story: powerOfMajority,
      about: 'A write is acknowledged; its leader is cut off, and the others lose power.',
      quick: 60,
      full: 240,
    }),
    'told before durable': told({
      scene: barScene([2, 1, 0.8], { world: { syncMs: [8, 20] } }),
      story: powerOfMajority,
      about: 'As before, and followers acknowledge before it is on disk.',
      quick: 60,
      full: 240,
      mutant: 'M23',
    }),
  },
  conclude: (results) => {
    const correct = results['correct']!;
    const real = results['real']!;
    const half = ablate(results, {
      rule: 'a majority is more than half',
      mutant: 'M21',
      counted: 'runs that went on with one server of three',
      with: 'correct',
      without: 'less than half',
      is: ({ facts }) => (facts['withTwo'] as number) > 0,
    });
    const durable = ablate(results, {
      rule: 'a follower acknowledges what is on its disk',
      mutant: 'M23',
      counted: 'runs that lost an acknowledged write',
      with: 'durable',
      without: 'told before durable',
      is: isViolation,
    });
    const goOn = count([...correct, ...real], ({ facts }) => (facts['withOne'] as number) > 0);
    const stop = count([...correct, ...real], ({ facts }) => facts['withTwo'] === 0);
    return {
      answer:
        'A majority, not all of them: with one of three asleep the cluster goes on, with two it stops. The copies have to be on disk.',
      explanation:
        'The sentence says majority and its bracket says all. Waiting for all would let one slow server stop everybody; fewer than a majority would let two groups commit without knowing of each other. And the entry has to be of the term of whoever counts it, which S24 shows.',
      claims: [
        toldClaim('correct', correct),
        toldClaim('real', real),
        toldClaim('durable', results['durable']!),
        claim('with one of three asleep writes are acknowledged', goOn.hits === goOn.of, `${goOn.hits} of ${goOn.of}`),
        claim('with two of three asleep none is', stop.hits === stop.of, `${stop.hits} of ${stop.of}`),
        ...half.claims,
        ...durable.claims,
        claim(
          'nothing else broke',
          count([...correct, ...real], isWrong).hits === 0,
          String(count([...correct, ...real], isWrong).hits),
        ),
      ],
      figures: [
        {
          value: `${median(numbers(real, 'withOne'))} : ${median(numbers(real, 'withTwo'))}`,
          label: `writes acknowledged by real processes in ${SPAN_MS} ms, with one of three stopped and with two`,
        },
        countFigure(
          count(results['durable']!, isViolation),
          'runs lost an acknowledged write when a majority lost power',
          'good',
        ),
        countFigure(count(results['told before durable']!, isViolation), 'when followers acknowledge too early', 'bad'),
      ],
      ablations: [half.ablation, durable.ablation],
      charts: [],
      show: [
        ...showFirst(results, { arm: 'real', words: 'read after two of three were stopped and went on' }),
        ...showFirst(results, {
          arm: 'told before durable',
          is: isViolation,
          words: 'acknowledged by followers before it was on their disks, and gone',
        }),
      ],
    };
  },
};
