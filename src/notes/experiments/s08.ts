/** S08: is it enough to wait for another timeout? With probability one, where a majority can talk; not within a bound, and not in every mesh. */
import {
  claim,
  count,
  countFigure,
  median,
  numbers,
  percent,
  showFirst,
  toldClaim,
  type Experiment,
} from '../experiment.ts';
import type { Scene, Story } from '../recording.ts';
import { electionScene, leaderDies, splitShare } from './elections.ts';
import { EVEN_LINK, lastRead, told } from './scenes.ts';

const MESH_SECONDS = 5;

/** Five servers in a ring, each of which reaches two others: with itself a majority, so any of them can be elected, and two never hear of it. Counted is who was elected meanwhile: terms alone may rise with a leader that stays. */
const ringOfMajorities: Story = async (stage) => {
  const first = await stage.leader();
  const writer = stage.actor(first, { timeoutMs: 400 });
  await writer.put('x', 0);
  const term = stage.term(first);
  const { ids } = stage;
  const apart = ids.flatMap((id, nth) => [2, 3].map((step) => ({ from: id, to: ids[(nth + step) % ids.length]! })));
  const heal = await stage.cut(...apart);
  const endMs = stage.nowMs + MESH_SECONDS * 1000;
  let ok = 0;
  while (stage.nowMs < endMs) {
    if ((await writer.write('x', stage.history.length)).kind === 'ok') ok++;
    await stage.sleep(20);
  }
  const elected = stage.probes.filter(
    (it) => it.kind === 'role' && it.role === 'leader' && it.term > term && it.time < endMs * 1e6,
  ).length;
  await heal();
  const read = await lastRead(stage, writer);
  return { ...read, elected, ok };
};

/** Pre-votes are all the difference: stickiness, which comes with CheckQuorum, would protect a leader too. */
function meshScene(preVote: boolean): Scene {
  return {
    nodes: 5,
    electionTimeoutMs: [150, 300],
    world: {
      preVote,
      checkQuorum: false,
      heartbeatMs: 30,
      peerLink: EVEN_LINK,
      clientLink: EVEN_LINK,
    },
  };
}

export const s08: Experiment = {
  id: 'S08',
  lines: '22-24',
  note: 'After a split vote it is enough to wait for another timeout: they are random, so in some round one server is alone the first.',
  form: 'answer',
  status: 'correction',
  decisive: 'M12',
  arms: {
    close: told({
      scene: electionScene(30),
      story: leaderDies,
      about: 'A leader dies; timeouts from 150 to 180 ms.',
      quick: 150,
      full: 2000,
    }),
    mesh: told({
      scene: meshScene(true),
      story: ringOfMajorities,
      about: 'Five servers in a ring; each reaches its two neighbours.',
      quick: 12,
      full: 60,
    }),
    'mesh without pre-votes': told({
      scene: meshScene(false),
      story: ringOfMajorities,
      about: 'As before, without pre-votes.',
      quick: 12,
      full: 60,
    }),
  },
  conclude: (results) => {
    const close = results['close']!;
    const rounds = numbers(close, 'rounds');
    const most = Math.max(...rounds);
    const mesh = median(numbers(results['mesh']!, 'elected'));
    const bare = median(numbers(results['mesh without pre-votes']!, 'elected'));
    const unsettled = count(close, ({ facts }) => facts['settled'] !== true);
    const histogram = [1, 2, 3, 4].map((nth) => ({
      label: nth === 4 ? '4 or more' : nth === 1 ? '1 round' : `${nth} rounds`,
      hits: rounds.filter((it) => (nth === 4 ? it >= 4 : it === nth)).length,
    }));
    return {
      answer:
        'With probability one, but within no bound, and only where a majority can talk to each other. In a mesh with missing links no leader lasts unless servers ask first whether they would win.',
      explanation:
        'Each round is a new draw, so the chance that the vote is split n times falls off geometrically and never reaches zero. A server that cannot hear a leader that others hear is another matter: it raises the term again and again, and unseats each leader by that. Pre-votes (thesis 9.6) stop it.',
      claims: [
        ...['close', 'mesh', 'mesh without pre-votes'].map((name) => toldClaim(name, results[name]!)),
        claim('every election was settled', unsettled.hits === 0, `${unsettled.hits} of ${unsettled.of} were not`),
        claim('some took several rounds', most >= 3, `${most} at most`),
        claim(
          'with pre-votes the leader of the partial mesh stays',
          mesh === 0,
          `${mesh} new leaders in ${MESH_SECONDS} s, median`,
        ),
        claim('without them it does not', bare >= 4, `${bare} new leaders in ${MESH_SECONDS} s, median`),
      ],
      figures: [
        {
          value: percent(1 - splitShare(close)),
          label: `of ${close.length} elections settled in the first round, timeouts 30 ms apart`,
        },
        { value: String(most), label: 'rounds at most' },
        {
          value: `${mesh} : ${bare}`,
          label: `new leaders in ${MESH_SECONDS} s of a partial mesh, with pre-votes and without, median`,
        },
        countFigure(unsettled, 'elections did not settle within four seconds', 'good'),
      ],
      ablations: [],
      charts: [
        {
          title: 'Rounds until a leader was elected',
          bars: histogram.map(({ label, hits }) => ({
            label,
            value: hits / close.length,
            shown: `${percent(hits / close.length)} (${hits})`,
          })),
          note: `${close.length} elections of five servers, timeouts from 150 to 180 ms, a round trip of about 15 ms`,
        },
      ],
      show: [
        ...showFirst(results, {
          arm: 'mesh without pre-votes',
          words: 'the first answer after the mesh was whole again',
        }),
        ...showFirst(results, { arm: 'mesh', words: 'the same mesh with pre-votes' }),
      ],
    };
  },
};
