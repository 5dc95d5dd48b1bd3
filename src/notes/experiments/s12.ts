/** S12: logs that differ are brought together: from the last entry that agrees, and only from the first that conflicts. */
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
  type Experiment,
} from '../experiment.ts';
import type { Story } from '../recording.ts';
import { barScene, both, hinted, lastIndex, lastRead, settled, told } from './scenes.ts';

const TAIL = 4;

/** Figure 7: one follower misses entries, two have a tail that nobody else has; a new leader brings all of them to its log. */
const differentLogs: Story = async (stage) => {
  const old = await stage.leader();
  const [companion, behind] = [stage.others(old)[0]!, stage.others(old)[3]!];
  const writer = stage.actor(old);
  await writer.put('x', 0);
  await settled(stage, old);
  const healBehind = await stage.isolate(behind);
  await writer.put('x', 1);
  const before = lastIndex(stage, old);
  const healOld = await stage.isolate(old, companion);
  for (let value = 11; value < 11 + TAIL; value++)
    stage.actor(old, { pinned: true, timeoutMs: 300 }).begin({ f: 'write', key: 'x', value });
  await stage.until('both to have the tail', () =>
    [old, companion].every((id) => lastIndex(stage, id) >= before + TAIL),
  );
  await healBehind();
  const between = await stage.leaderAfter(stage.term(old));
  const other = stage.actor(between);
  await other.put('x', 21);
  await other.put('x', 22);
  await stage.until('its followers to have them', () =>
    stage.others(old, companion).every((id) => lastIndex(stage, id) === lastIndex(stage, between)),
  );
  // The next leader begins to ask behind its own last entry, where the tail of the others is longer.
  const term = stage.term(between);
  const leaderLog = lastIndex(stage, between);
  const sinceNs = stage.cluster.now();
  const tail = lastIndex(stage, old);
  await stage.kill(between);
  await healOld();
  const next = await stage.leaderAfter(term);
  const asked = await lastRead(stage, other);
  await settled(stage, stage.leaderNow()!);
  const since = stage.probes.filter((it) => it.time >= sinceNs);
  const rewritten = (id: string): number =>
    since.filter((it) => it.kind === 'append' && it.node === id && it.index <= tail).length;
  return {
    ...asked,
    tail: tail - before,
    overwritten: rewritten(old) > 0 && rewritten(companion) > 0,
    leaderRewrote: since.some((it) => it.kind === 'append' && it.node === next && it.index <= leaderLog),
  };
};

/** A new leader has an entry that is committed, and does not know it. */
const leaderKeepsItsTail: Story = async (stage) => {
  const first = await stage.leader();
  const [next, behind] = stage.others(first) as [string, string];
  const writer = stage.actor(first);
  await writer.put('x', 0);
  await settled(stage, first);
  const heal = await stage.isolate(behind);
  const index = lastIndex(stage, first) + 1;
  const write = writer.begin({ f: 'write', key: 'x', value: 1 });
  await stage.until('it to have it', () => lastIndex(stage, next) >= index);
  const deafen = await stage.cut({ from: first, to: next });
  await stage.until('the answer', () => write.completion()?.kind === 'ok');
  const term = stage.term(first);
  await stage.kill(first);
  await heal();
  await deafen();
  await stage.leaderAfter(term);
  return lastRead(stage, stage.actor(next));
};

export const s12: Experiment = {
  id: 'S12',
  lines: '40-42',
  note: "Where the logs of leader and follower differ, the index goes back to where they agree, and the follower's log is overwritten from there.",
  form: 'statement',
  status: 'correction',
  decisive: 'M14',
  arms: {
    ...both({
      scene: barScene([2, 0.6, 1, 0.9, 0.6]),
      story: differentLogs,
      about: 'Figure 7: logs that miss entries, and logs that have too many.',
      quick: 40,
      full: 240,
      mutants: { 'no check of the previous entry': 'M14' },
    }),
    late: hinted({ of: 'M15', quick: 30, full: 300 }),
    'cut at every message': hinted({ of: 'M15', mutant: 'M15', quick: 30, full: 300 }),
    'new leader': told({
      scene: barScene([2, 1, 0.4]),
      story: leaderKeepsItsTail,
      about: 'A new leader has an entry that it does not know to be committed.',
      quick: 40,
      full: 240,
    }),
    'leader cuts its own log': told({
      scene: barScene([2, 1, 0.4]),
      story: leaderKeepsItsTail,
      about: 'As before, and it deletes what it does not know to be committed.',
      quick: 40,
      full: 240,
      mutant: 'M27',
    }),
  },
  conclude: (results) => {
    const correct = results['correct']!;
    const parts = [
      {
        rule: 'entries are taken where the one before them agrees',
        mutant: 'M14',
        with: 'correct',
        without: 'no check of the previous entry',
      },
      {
        rule: 'a log is cut where an entry conflicts, and nowhere else',
        mutant: 'M15',
        with: 'late',
        without: 'cut at every message',
      },
      {
        rule: 'a leader never deletes entries of its own',
        mutant: 'M27',
        with: 'new leader',
        without: 'leader cuts its own log',
      },
    ].map((it) => ablate(results, { ...it, counted: 'runs that lost or mixed up committed entries', is: isWrong }));
    const overwritten = count(correct, ({ facts }) => facts['overwritten'] === true);
    const rewrote = count(correct, ({ facts }) => facts['leaderRewrote'] === true);
    return {
      answer:
        'Yes, on three conditions: the entry before must agree, the log is cut only from the first entry that conflicts, and a leader never overwrites its own.',
      explanation:
        'A message that comes late or twice may end before the log of its receiver does; to cut there would take away what was acknowledged since. And whoever is elected may hold a committed entry without knowing that it is.',
      claims: [
        toldClaim('correct', correct),
        toldClaim('new leader', results['new leader']!),
        claim(
          'the tails that nobody else had were overwritten',
          overwritten.hits === overwritten.of,
          `${overwritten.hits} of ${overwritten.of}`,
        ),
        claim('the leader rewrote nothing of its own', rewrote.hits === 0, `${rewrote.hits} of ${rewrote.of}`),
        ...parts.flatMap(({ claims }) => claims),
      ],
      figures: [
        {
          value: String(median(numbers(correct, 'tail'))),
          label: 'entries of a deposed leader overwritten on two servers, median',
        },
        countFigure(
          count([...correct, ...results['late']!, ...results['new leader']!], isWrong),
          'runs lost or mixed up committed entries',
          'good',
        ),
      ],
      ablations: parts.map(({ ablation }) => ablation),
      charts: [],
      show: [
        ...showFirst(results, { arm: 'correct', words: 'all logs agree; the newest acknowledged write is read' }),
        ...showFirst(results, {
          arm: 'leader cuts its own log',
          is: isViolation,
          words: 'a new leader deleted an acknowledged write',
        }),
      ],
    };
  },
};
