/** S22: an up-to-date log is one that is up to date against those of a voting majority; an uncommitted entry may be missing from it. */
import { ablate, claim, count, countFigure, isWrong, showFirst, toldClaim, type Experiment } from '../experiment.ts';
import type { Story } from '../recording.ts';
import { barScene, lastIndex, lastRead, led, told } from './scenes.ts';

/** Of five, `holders` have the entry when the leader dies; one that lacks it stands first. */
function oneThatLacksIt(holders: number): Story {
  return async (stage) => {
    const first = await stage.leader();
    const others = stage.others(first);
    const having = others.slice(0, holders - 1);
    const lacking = others.slice(holders - 1);
    const standsFirst = lacking.at(-1)!;
    const writer = stage.actor(first, { pinned: true, timeoutMs: 400 });
    await writer.put('x', 0);
    const index = lastIndex(stage, first) + 1;
    const heal = await stage.isolate(...lacking);
    const write = writer.begin({ f: 'write', key: 'x', value: 1 });
    await stage.until('them to have it', () => having.every((id) => lastIndex(stage, id) >= index));
    await stage.wait(() => write.completion() !== undefined, 20);
    const goneMs = stage.nowMs;
    const term = stage.term(first);
    await stage.kill(first);
    await heal();
    const next = await stage.leaderAfter(term);
    const acknowledged = write.completion()?.kind === 'ok';
    const asked = await lastRead(stage, stage.actor(next!));
    return {
      ...asked,
      acknowledged,
      lackingLed: lacking.includes(next!) && led(stage.probes, next!, goneMs),
      standsFirst,
    };
  };
}

const SCENE = barScene([2.5, 0.4, 0.4, 0.4, 1.5]);

export const s22: Experiment = {
  id: 'S22',
  lines: '79',
  note: 'Only a server whose log is up to date can become leader.',
  form: 'statement',
  status: 'correction',
  decisive: 'M04',
  arms: {
    uncommitted: told({
      scene: SCENE,
      story: oneThatLacksIt(2),
      about: 'Two of five have an entry that is not committed; one that lacks it is elected.',
      quick: 60,
      full: 240,
    }),
    committed: told({
      scene: SCENE,
      story: oneThatLacksIt(3),
      about: 'Three of five have an entry, so it is committed; one that lacks it stands first.',
      quick: 60,
      full: 240,
    }),
    'no log check': told({
      scene: SCENE,
      story: oneThatLacksIt(3),
      about: 'As before, and nobody compares logs.',
      quick: 60,
      full: 240,
      mutant: 'M04',
    }),
  },
  conclude: (results) => {
    const uncommitted = results['uncommitted']!;
    const committed = results['committed']!;
    const lackingLed = { is: ({ facts }: (typeof committed)[number]) => facts['lackingLed'] === true };
    const { ablation, claims } = ablate(results, {
      rule: 'a vote goes only to a log that is at least as up to date',
      mutant: 'M04',
      counted: 'runs that elected a server without a committed entry',
      with: 'committed',
      without: 'no log check',
      ...lackingLed,
    });
    const legal = count(uncommitted, lackingLed.is);
    const wrong = count(uncommitted, isWrong);
    return {
      answer:
        'Up to date against a majority of voters, which is less. It may lack an entry that another server has, as long as that is not committed.',
      explanation:
        'Any majority that votes shares a server with any majority that holds a committed entry, and that one refuses. An entry on a minority has no such guard: whether it lives on depends on who stands first.',
      claims: [
        toldClaim('uncommitted', uncommitted),
        toldClaim('committed', committed),
        claim('a server without the uncommitted entry was elected', legal.hits > 0, `${legal.hits} of ${legal.of}`),
        claim('and nothing that was promised broke', wrong.hits === 0, `${wrong.hits} of ${wrong.of}`),
        claim(
          'the committed one was acknowledged',
          committed.every(({ facts }) => facts['acknowledged'] === true),
          `${count(committed, ({ facts }) => facts['acknowledged'] === true).hits} of ${committed.length}`,
        ),
        ...claims,
      ],
      figures: [
        countFigure(legal, 'runs elected a server that lacks an entry of two of five'),
        countFigure(count(committed, lackingLed.is), 'runs elected one that lacks an entry of three of five', 'good'),
      ],
      ablations: [ablation],
      charts: [],
      show: [
        ...showFirst(results, {
          arm: 'uncommitted',
          ...lackingLed,
          words: 'the uncommitted write is gone, and its client was never told otherwise',
        }),
        ...showFirst(results, { arm: 'committed', words: 'the committed write is read' }),
      ],
    };
  },
};
