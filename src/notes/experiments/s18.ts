/**
 * S18: a leader dies when `copies` of its followers have its last entry. How often does one of them become leader, so that the entry lives on?
 *
 * Two arms. (a) All survivors start again at one instant, so their timers begin together, and timeouts lie thousands of round trips apart:
 * whoever is first is first by lot, and the share is copies / (n - 1) while they are a minority. (b) Timers as they are: whoever has the
 * entry heard from the leader last, and so times out later.
 */
import { isWithin99 } from '../binomial.ts';
import { claim, percent, showFirst, toldClaim, type Arm, type Experiment } from '../experiment.ts';
import type { Scene, Story, Trial } from '../recording.ts';
import { lastIndex, told } from './scenes.ts';
import type { Count } from '../../contract/index.ts';

const QUICK_LINK = { kind: 'stream', delayMs: [0.05, 0.07], loss: 0, duplication: 0, late: 0, lateMs: 0 } as const;

const HEARTBEAT_MS = 40;

/** A round trip of a tenth of a millisecond or so, and timeouts that lie up to 150 ms apart. */
const sceneOf = (nodes: number): Scene => ({
  nodes,
  electionTimeoutMs: [150, 300],
  world: {
    preVote: false,
    checkQuorum: false,
    heartbeatMs: HEARTBEAT_MS,
    peerLink: QUICK_LINK,
    clientLink: QUICK_LINK,
    syncMs: [0.01, 0.02],
  },
});

const storyOf = ({ copies, together }: { readonly copies: number; readonly together: boolean }): Story => {
  return async (stage) => {
    const first = await stage.leader();
    const others = stage.others(first);
    const writer = stage.actor(first, { pinned: true, timeoutMs: 150 });
    await writer.put('x', 0);
    const index = lastIndex(stage, first) + 1;
    await stage.until('all to be level', () => others.every((id) => lastIndex(stage, id) === index - 1));
    // Anywhere between two heartbeats.
    await stage.sleep(((stage.history.at(-1)!.time % 1000) / 1000) * HEARTBEAT_MS);
    const having = others.slice(0, copies);
    if (copies < others.length) await stage.cut(...others.slice(copies).map((to) => ({ from: first, to })));
    const write = writer.begin({ f: 'write', key: 'x', value: 1 });
    await stage.until(
      'them to have it',
      () => having.every((id) => lastIndex(stage, id) >= index) && lastIndex(stage, first) >= index,
    );
    await stage.wait(() => write.completion() !== undefined, 1);
    const acknowledged = write.completion()?.kind === 'ok';
    const term = stage.term(first);
    await stage.kill(first);
    if (together) await (await stage.killAll(others))();
    const next = await stage.leaderAfter(term);
    const asked = stage.actor(next).begin({ f: 'read', key: 'x', value: null });
    const read = await asked.answered;
    return {
      at: asked.id,
      survived: read.kind === 'ok' && read.output === 1,
      holderLeads: having.includes(next),
      acknowledged,
    };
  };
};

interface Cell {
  readonly nodes: number;
  readonly copies: number;
}

const MINORITIES: readonly Cell[] = [
  { nodes: 3, copies: 0 },
  { nodes: 5, copies: 1 },
  { nodes: 7, copies: 1 },
  { nodes: 7, copies: 2 },
];
const MAJORITIES: readonly Cell[] = [
  { nodes: 3, copies: 1 },
  { nodes: 5, copies: 2 },
  { nodes: 7, copies: 3 },
];

const nameOf = ({ nodes, copies }: Cell, together: boolean): string =>
  `${copies} of ${nodes - 1} followers, ${together ? 'timers together' : 'timers as they are'}`;

function armOf(
  cell: Cell,
  together: boolean,
  runs: { readonly quick: number; readonly full: number },
): readonly [string, Arm] {
  const { nodes, copies } = cell;
  const about = `A leader of ${nodes} dies when ${copies} of its followers have its last entry.`;
  return [
    nameOf(cell, together),
    {
      ...told({ scene: sceneOf(nodes), story: storyOf({ copies, together }), about, ...runs }),
      seeds: nameOf(cell, together),
    },
  ] as const;
}

function copiesIn({ copies }: Cell): string {
  return copies === 1 ? '1 copy' : `${copies} copies`;
}

function survivals(trials: readonly Trial[]): Count {
  return { hits: trials.filter(({ facts }) => facts['survived'] === true).length, of: trials.length };
}

const shareOf = ({ hits, of }: Count): number => hits / of;

export const s18: Experiment = {
  id: 'S18',
  lines: '59-62',
  note: 'What if a leader dies before its entry is on a majority? The chance that the next leader has it is lower than one half.',
  form: 'question',
  status: 'holds',
  decisive: 'M04',
  arms: Object.fromEntries([
    ...[...MINORITIES, ...MAJORITIES].map((cell) => armOf(cell, true, { quick: 300, full: 2000 })),
    ...MINORITIES.slice(1).map((cell) => armOf(cell, false, { quick: 300, full: 2000 })),
  ]),
  conclude: (results) => {
    const at = (cell: Cell, together: boolean): Count => survivals(results[nameOf(cell, together)]!);
    const together = MINORITIES.map((cell) => ({
      cell,
      counted: at(cell, true),
      expected: cell.copies / (cell.nodes - 1),
    }));
    const majorities = MAJORITIES.map((cell) => ({ cell, counted: at(cell, true) }));
    const natural = MINORITIES.slice(1).map((cell) => ({
      cell,
      counted: at(cell, false),
      expected: cell.copies / (cell.nodes - 1),
    }));
    const acknowledged = MINORITIES.flatMap((cell) => results[nameOf(cell, true)]!).filter(
      ({ facts }) => facts['acknowledged'] === true,
    ).length;
    const five = natural[0]!;
    const words = ({ cell }: { readonly cell: Cell }): string => `${cell.nodes} servers +${cell.copies}`;
    return {
      answer:
        'Right for a minority, and lower still: a copy on k of n-1 survivors lives on in about k of n-1 cases when all timers start together, and less often as things are. From a majority on it is certain.',
      explanation:
        'Whoever times out first wins, if a majority may vote for it. A server that has the entry heard from the leader last, so its timer began last, and it is first less often than by lot. With a copy on a majority of all servers nobody without it can be elected. Three servers know nothing in between: no copy, or a majority.',
      claims: [
        ...Object.entries(results)
          .map(([name, trials]) => toldClaim(name, trials))
          .filter(({ holds }) => !holds),
        ...together.map(({ cell, counted, expected }) =>
          claim(
            `timers together, ${cell.nodes} servers, ${copiesIn(cell)}: within the middle 99 % of ${cell.copies}/${cell.nodes - 1}`,
            isWithin99(counted, expected),
            `${counted.hits} of ${counted.of}, ${percent(shareOf(counted))} against ${percent(expected)}`,
          ),
        ),
        ...majorities.map(({ cell, counted }) =>
          claim(
            `a majority of ${cell.nodes} has it: it always lives on`,
            counted.of > 0 && counted.hits === counted.of,
            `${counted.hits} of ${counted.of}`,
          ),
        ),
        ...natural.map(({ cell, counted, expected }) =>
          claim(
            `timers as they are, ${cell.nodes} servers, ${copiesIn(cell)}: less often than by lot`,
            shareOf(counted) < expected,
            `${percent(shareOf(counted))} against ${percent(expected)}`,
          ),
        ),
        claim('an entry on a minority was never acknowledged', acknowledged === 0, String(acknowledged)),
      ],
      figures: [
        {
          value: percent(shareOf(together[1]!.counted)),
          label: `of ${together[1]!.counted.of} entries on one of four followers lived on, timers started together (by lot: 25 %)`,
        },
        { value: percent(shareOf(five.counted)), label: `of ${five.counted.of} with timers as they are` },
        {
          value: percent(shareOf(majorities[1]!.counted)),
          label: `of ${majorities[1]!.counted.of} on two of four followers: with the leader a majority`,
          tone: 'good',
        },
      ],
      ablations: [],
      charts: [
        {
          title: 'Entries that lived on after their leader died',
          bars: [
            ...together.map((it) => ({
              label: `${words(it)}, together`,
              value: shareOf(it.counted),
              shown: `${percent(shareOf(it.counted))} (by lot ${percent(it.expected)})`,
            })),
            ...natural.map((it) => ({
              label: `${words(it)}, as they are`,
              value: shareOf(it.counted),
              shown: `${percent(shareOf(it.counted))} (by lot ${percent(it.expected)})`,
            })),
            ...majorities.map((it) => ({
              label: words(it),
              value: shareOf(it.counted),
              shown: percent(shareOf(it.counted)),
            })),
          ],
          note: `${together[0]!.counted.of} deaths a bar; "+1" is one follower with the entry besides the leader`,
        },
      ],
      show: [
        ...showFirst(results, {
          arm: nameOf({ nodes: 5, copies: 1 }, false),
          is: ({ facts }) => facts['survived'] === true,
          words: 'an entry of one of four followers lives on',
        }),
        ...showFirst(results, {
          arm: nameOf({ nodes: 5, copies: 1 }, false),
          is: ({ facts }) => facts['survived'] === false,
          words: 'the same, and it is gone',
        }),
      ],
    };
  },
};
