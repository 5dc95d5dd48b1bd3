/** S10: the old leader that comes back and still thinks that it leads. Its writes harm nobody; its reads do, unless it asks first. */
import {
  ablate,
  claim,
  count,
  countFigure,
  isViolation,
  isWrong,
  median,
  ms,
  numbers,
  showFirst,
  toldClaim,
  type Arm,
  type Experiment,
} from '../experiment.ts';
import type { Scene, Story } from '../recording.ts';
import { seen } from '../stage.ts';
import { EVEN_LINK, lastRead, REAL_ELECTION_TIMEOUT_MS, told } from './scenes.ts';

/** A leader is cut off; its successor acknowledges a write; then the old one is asked, and told to write. */
const oldLeader: Story = async (stage) => {
  const old = await stage.leader();
  await stage.actor(old).put('x', 1);
  const term = stage.term(old);
  const heal = await stage.isolate(old);
  const next = await stage.leaderAfter(term);
  await stage.actor(next).put('x', 2);
  const write = stage
    .actor(old, { pinned: true, attemptTimeoutMs: 3000, timeoutMs: 3000 })
    .begin({ f: 'write', key: 'x', value: 3 });
  const read = stage
    .actor(old, { pinned: true, attemptTimeoutMs: 1000, timeoutMs: 1000 })
    .begin({ f: 'read', key: 'x', value: null });
  const value = seen(await read.answered);
  const acknowledged = write.completion()?.kind === 'ok';
  const healedMs = stage.nowMs;
  await heal();
  await stage.until('the old leader to step down', () => stage.role(old)?.role !== 'leader');
  const stepDownMs = stage.nowMs - healedMs;
  await write.answered;
  const last = await lastRead(stage, stage.actor(next));
  return {
    last: last.value,
    at: read.id,
    lastAt: last.at,
    value: value === undefined ? null : (value as number),
    acknowledged,
    stepDownMs,
  };
};

/** A leader that goes on believing in itself: without CheckQuorum it takes the word of a later term to depose it. */
const LOYAL_SCENE: Scene = {
  nodes: 3,
  electionTimeoutMs: [150, 300],
  world: {
    checkQuorum: false,
    preVote: false,
    heartbeatMs: 30,
    peerLink: EVEN_LINK,
    clientLink: EVEN_LINK,
    syncMs: [0.2, 0.5],
  },
};

const real = (reads: string): Arm => ({
  runs: { quick: 1, full: 5 },
  play: {
    world: 'processes',
    scene: { ...LOYAL_SCENE, reads, electionTimeoutMs: REAL_ELECTION_TIMEOUT_MS },
    story: oldLeader,
    about: `A leader is cut off and asked by "${reads}" after its successor has acknowledged a write.`,
  },
});

const runs = { quick: 60, full: 300 } as const;
const about = 'A leader is cut off, and asked after its successor has acknowledged a write.';

export const s10: Experiment = {
  id: 'S10',
  lines: '29-31',
  note: 'A leader is gone for a while, a new one is elected, and the old one comes back and still thinks that it leads.',
  form: 'statement',
  status: 'answered',
  decisive: 'M30',
  arms: {
    'asks first': told({ scene: { ...LOYAL_SCENE, reads: 'read-index' }, story: oldLeader, about, ...runs }),
    'believes itself': told({ scene: { ...LOYAL_SCENE, reads: 'leader' }, story: oldLeader, about, ...runs }),
    'does not ask': told({
      scene: { ...LOYAL_SCENE, reads: 'read-index' },
      story: oldLeader,
      about,
      mutant: 'M30',
      ...runs,
    }),
    'real, asks first': real('read-index'),
    'real, believes itself': real('leader'),
  },
  conclude: (results) => {
    const asks = [...results['asks first']!, ...results['real, asks first']!];
    const believes = [...results['believes itself']!, ...results['real, believes itself']!];
    const all = [...asks, ...believes];
    const { ablation, claims } = ablate(results, {
      rule: 'a leader asks a majority before it answers a read',
      mutant: 'M30',
      counted: 'runs with an incorrect read at the old leader',
      with: 'asks first',
      without: 'does not ask',
      is: isViolation,
    });
    const acknowledged = count(all, ({ facts }) => facts['acknowledged'] === true);
    const stale = count(believes, ({ facts }) => facts['value'] === 1);
    return {
      answer:
        'It can do no harm by writing, since it gets no majority. Its reads are stale, unless it asks a majority first whether it still leads.',
      explanation:
        'Its entries stay on its own log and are overwritten when it hears of its successor. A read needs no log entry, so a leader that trusts itself answers from a state that has been overtaken; one round of heartbeats before the answer rules that out (read-index, thesis 6.4).',
      claims: [
        ...Object.keys(results)
          .filter((name) => name !== 'does not ask')
          .map((name) => toldClaim(name, results[name]!)),
        claim(
          'none of its writes was acknowledged',
          acknowledged.hits === 0,
          `${acknowledged.hits} of ${acknowledged.of}`,
        ),
        claim('believing itself it answered the old value', stale.hits === stale.of, `${stale.hits} of ${stale.of}`),
        claim(
          'and clients could tell',
          count(believes, isViolation).hits === believes.length,
          `${count(believes, isViolation).hits} of ${believes.length}`,
        ),
        claim(
          'asking first it never did, on real processes either',
          count(asks, isWrong).hits === 0,
          `${count(asks, isWrong).hits} of ${asks.length}`,
        ),
        ...claims,
      ],
      figures: [
        countFigure(acknowledged, 'writes of a deposed leader were acknowledged', 'good'),
        countFigure(count(believes, isViolation), 'runs with a stale read where the leader trusts itself', 'bad'),
        countFigure(count(asks, isViolation), 'where it asks a majority first', 'good'),
        {
          value: ms(median(numbers(all, 'stepDownMs'))),
          label: 'from the end of the partition until it steps down, median',
        },
      ],
      ablations: [ablation],
      charts: [],
      show: [
        ...showFirst(results, {
          arm: 'real, believes itself',
          is: isViolation,
          words: 'a deposed leader answers an old value, on real processes',
        }),
        ...showFirst(results, { arm: 'real, asks first', fact: 'at', words: 'asked first, it gives no answer' }),
      ],
    };
  },
};
