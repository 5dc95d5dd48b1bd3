/** S19: a leader dies in the middle of a write. The cluster stays consistent; the write may be lost or may live, and its client is not told which. */
import {
  ablate,
  claim,
  count,
  countFigure,
  isViolation,
  isWrong,
  showFirst,
  toldClaim,
  type Arm,
  type Experiment,
} from '../experiment.ts';
import type { Scene, Story } from '../recording.ts';
import { EVEN_LINK, lastRead, told } from './scenes.ts';

/** Long enough for a message and a write to disk; shorter than an election timeout. */
const ON_ITS_WAY_MS = 80;
/** The same of real processes, which may have to wait for a core. */
const REAL_ON_ITS_WAY_MS = 500;
/** An election, and what a busy machine adds to it. */
const PATIENT_MS = 8000;

/** Either nobody else gets the entry, or everybody does and their answers do not arrive. Then the leader is cut off, and comes back. */
const cutInMidWrite = (fate: 'kept' | 'lost'): Story => {
  return async (stage) => {
    const first = await stage.leader();
    const others = stage.others(first);
    const writer = stage.actor(first, { pinned: true, attemptTimeoutMs: 5000, timeoutMs: 5000 });
    await writer.put('x', 0);
    await stage.sleep(ON_ITS_WAY_MS);
    const deafen =
      fate === 'kept' ? await stage.cut(...others.map((from) => ({ from, to: first }))) : await stage.isolate(first);
    const write = writer.begin({ f: 'write', key: 'x', value: 1 });
    await stage.sleep(ON_ITS_WAY_MS);
    const term = stage.term(first);
    const isolate = fate === 'kept' ? await stage.isolate(first) : undefined;
    const next = await stage.leaderAfter(term);
    const reader = stage.actor(next);
    await reader.read('x');
    await isolate?.();
    await deafen();
    const { kind } = await write.answered;
    const last = await lastRead(stage, reader);
    return { ...last, write: write.id, answered: kind, survived: last.value === 1 };
  };
};

/** As that, and the leader is killed. */
const killedInMidWrite = (fate: 'kept' | 'lost'): Story => {
  return async (stage) => {
    const first = await stage.leader();
    const others = stage.others(first);
    const writer = stage.actor(first, { pinned: true, attemptTimeoutMs: 1500, timeoutMs: 1500 });
    await writer.put('x', 0);
    await stage.sleep(REAL_ON_ITS_WAY_MS);
    await stage.cut(...others.map((id) => (fate === 'kept' ? { from: id, to: first } : { from: first, to: id })));
    const write = writer.begin({ f: 'write', key: 'x', value: 1 });
    await stage.sleep(REAL_ON_ITS_WAY_MS);
    const term = stage.term(first);
    await stage.kill(first);
    const { kind } = await write.answered;
    const next = await stage.leaderAfter(term);
    const last = await lastRead(stage, stage.actor(next, { timeoutMs: PATIENT_MS }));
    return { ...last, write: write.id, answered: kind, survived: last.value === 1 };
  };
};

const SCENE: Scene = {
  nodes: 3,
  electionTimeoutMs: [300, 450],
  world: {
    checkQuorum: false,
    preVote: false,
    heartbeatMs: 30,
    peerLink: EVEN_LINK,
    clientLink: EVEN_LINK,
    syncMs: [0.2, 0.5],
  },
};

const runs = { quick: 60, full: 300 } as const;
const ABOUT = {
  kept: 'A leader is cut off when its followers have its entry, and it does not know that they do.',
  lost: 'A leader is cut off when nobody else has its entry.',
} as const;

const real = (fate: 'kept' | 'lost'): Arm => ({
  runs: { quick: 1, full: 5 },
  play: {
    world: 'processes',
    scene: { ...SCENE, electionTimeoutMs: [1500, 2000] },
    story: killedInMidWrite(fate),
    about: ABOUT[fate].replace('cut off', 'killed'),
  },
});

export const s19: Experiment = {
  id: 'S19',
  lines: '63-66',
  note: 'What was not on a majority was not committed, so nothing is inconsistent when the leader dies; uncommitted entries are lost (?).',
  form: 'answer',
  status: 'correction',
  decisive: 'M43',
  arms: {
    kept: told({ scene: SCENE, story: cutInMidWrite('kept'), about: ABOUT.kept, ...runs }),
    lost: told({ scene: SCENE, story: cutInMidWrite('lost'), about: ABOUT.lost, ...runs }),
    'doubt told as failure': told({
      scene: SCENE,
      story: cutInMidWrite('kept'),
      about: ABOUT.kept,
      mutant: 'M43',
      ...runs,
    }),
    'real, kept': real('kept'),
    'real, lost': real('lost'),
  },
  conclude: (results) => {
    const kept = [...results['kept']!, ...results['real, kept']!];
    const lost = [...results['lost']!, ...results['real, lost']!];
    const all = [...kept, ...lost];
    const { ablation, claims } = ablate(results, {
      rule: 'a client that was not answered does not know what became of its command',
      mutant: 'M43',
      counted: 'runs in which a write that was reported as failed was read',
      with: 'kept',
      without: 'doubt told as failure',
      is: isViolation,
    });
    const unknown = count(all, ({ facts }) => facts['answered'] === 'unknown');
    const lived = count(kept, ({ facts }) => facts['survived'] === true);
    const gone = count(lost, ({ facts }) => facts['survived'] === false);
    return {
      answer:
        'Consistent, yes. Lost, perhaps: the entry lives on if whoever is elected has it, so the answer to its client is "unknown", never "failed".',
      explanation:
        'A client that takes silence for failure and writes again may see both writes, or the first one long after it gave it up. The next leader commits what it has, together with its first own entry, whether or not anybody waits for it.',
      claims: [
        ...Object.keys(results)
          .filter((name) => name !== 'doubt told as failure')
          .map((name) => toldClaim(name, results[name]!)),
        claim(
          'nothing was inconsistent',
          count(all, isWrong).hits === 0,
          `${count(all, isWrong).hits} of ${all.length}`,
        ),
        claim(
          'the client was told "unknown", whatever the fate',
          unknown.hits === unknown.of,
          `${unknown.hits} of ${unknown.of}`,
        ),
        claim('where a follower had it, it lived on', lived.hits === lived.of, `${lived.hits} of ${lived.of}`),
        claim('where nobody had it, it was lost', gone.hits === gone.of, `${gone.hits} of ${gone.of}`),
        ...claims,
      ],
      figures: [
        { value: `${lived.hits} of ${lived.of}`, label: 'unacknowledged writes lived on where a follower had them' },
        { value: `${gone.hits} of ${gone.of}`, label: 'were lost where none had them' },
        countFigure(
          count(all, isWrong),
          'runs were inconsistent, among them real processes killed in mid-write',
          'good',
        ),
        countFigure(count(results['doubt told as failure']!, isViolation), 'when clients are told "failed"', 'bad'),
      ],
      ablations: [ablation],
      charts: [],
      show: [
        ...showFirst(results, {
          arm: 'real, kept',
          words: 'a write that nobody acknowledged is read, on real processes',
        }),
        ...showFirst(results, { arm: 'real, lost', words: 'and one that is gone' }),
      ],
    };
  },
};
