/** S21: who takes a client's command, and what a retry needs. */
import {
  ablate,
  claim,
  count,
  countFigure,
  isViolation,
  showFirst,
  toldClaim,
  type Experiment,
} from '../experiment.ts';
import type { Story } from '../recording.ts';
import { barScene, both, lastIndex, told } from './scenes.ts';

/** A client asks each server in turn for the same thing. */
const askEveryone: Story = async (stage) => {
  const leader = await stage.leader();
  let led = 0;
  let ok = 0;
  for (const [nth, id] of stage.ids.entries()) {
    const asked = stage.actor(id).begin({ f: 'write', key: 'x', value: nth });
    const completion = await asked.answered;
    if (completion.kind === 'ok') ok++;
    if (completion.kind === 'ok' && completion.from?.node === leader) led++;
  }
  const read = stage.actor(leader).begin({ f: 'read', key: 'x', value: null });
  await read.answered;
  return { asked: stage.ids.length, led, ok, at: read.id };
};

/** The leader's answer is lost, and then the leader. The client tries again at the next one. */
const answerLost: Story = async (stage) => {
  const first = await stage.leader();
  const writer = stage.actor(first, { attemptTimeoutMs: 60, timeoutMs: 4000 });
  await writer.begin({ f: 'append', key: 'x', value: 1 }).answered;
  const index = lastIndex(stage, first) + 1;
  await stage.cut({ from: first, to: 'client-0.0' });
  const again = writer.begin({ f: 'append', key: 'x', value: 2 });
  await stage.until('it to be on all servers', () => stage.ids.every((id) => lastIndex(stage, id) >= index));
  await stage.kill(first);
  await again.answered;
  await stage.healAll();
  const reader = stage.actor(stage.others(first)[0]!);
  const read = reader.begin({ f: 'read', key: 'x', value: null });
  const completion = await read.answered;
  const list = completion.kind === 'ok' && Array.isArray(completion.output) ? completion.output : [];
  return { at: read.id, copies: list.filter((it) => it === 2).length };
};

export const s21: Experiment = {
  id: 'S21',
  lines: '73-75',
  note: 'The consensus module is what receives the commands of clients.',
  form: 'statement',
  status: 'correction',
  decisive: 'M40',
  arms: {
    'ask everyone': told({
      scene: barScene([2, 1, 1, 1, 1]),
      story: askEveryone,
      about: 'A client asks each of five servers.',
      quick: 40,
      full: 200,
    }),
    ...both({
      scene: barScene([2, 1, 0.8], { workload: 'append' }),
      story: answerLost,
      about: 'An answer is lost with its leader; the client asks again.',
      quick: 60,
      full: 240,
      mutants: { 'a retry is a new command': 'M40' },
    }),
  },
  conclude: (results) => {
    const everyone = results['ask everyone']!;
    const correct = results['correct']!;
    const without = 'a retry is a new command';
    const { ablation, claims } = ablate(results, {
      rule: 'a retry repeats the session and number of its command',
      mutant: 'M40',
      counted: 'runs in which a command was carried out twice',
      with: 'correct',
      without,
      is: isViolation,
    });
    const led = count(everyone, ({ facts }) => facts['led'] === facts['asked']);
    const once = count(correct, ({ facts }) => facts['copies'] === 1);
    return {
      answer:
        "The leader's does; every other server points to it. And a command that is sent again needs a session, or it is carried out twice.",
      explanation:
        'A client whose answer is lost cannot know whether its command was carried out, so it has to ask again. Servers keep, as part of their replicated state, the last number and answer of each session (thesis 6.3), and answer a repeated command from there.',
      claims: [
        toldClaim('ask everyone', everyone),
        toldClaim('correct', correct),
        claim('whoever was asked, the leader answered', led.hits === led.of, `${led.hits} of ${led.of}`),
        claim('with a session it was carried out once', once.hits === once.of, `${once.hits} of ${once.of}`),
        ...claims,
      ],
      figures: [
        { value: `${led.hits} of ${led.of}`, label: 'runs in which all five servers led the client to the leader' },
        countFigure(count(correct, isViolation), 'retried commands were carried out twice, with sessions', 'good'),
        countFigure(count(results[without]!, isViolation), 'without', 'bad'),
      ],
      ablations: [ablation],
      charts: [],
      show: [
        ...showFirst(results, { arm: 'correct', words: 'the retried element stands in the list once' }),
        ...showFirst(results, { arm: without, is: isViolation, words: 'it stands there twice' }),
      ],
    };
  },
};
