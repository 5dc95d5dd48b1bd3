/** S01: how far election timeouts have to lie apart. */
import { claim, ms, percent, showFirst, toldClaim, type Experiment } from '../experiment.ts';
import { electionScene, leaderDiesAndReads, medianMs, ROUND_TRIP_MS, splitShare, sweepArm } from './elections.ts';
import { told } from './scenes.ts';

const WIDTHS_MS = [0, 5, 15, 30, 60, 100, 150] as const;
const nameOf = (widthMs: number): string => `${widthMs} ms`;

export const s01: Experiment = {
  id: 'S01',
  lines: '3-5',
  note: 'The time from the last heartbeat to the start of an election is drawn at random.',
  form: 'statement',
  status: 'holds',
  decisive: 'M10',
  arms: {
    ...Object.fromEntries(WIDTHS_MS.map((widthMs) => [nameOf(widthMs), sweepArm(widthMs, { quick: 60, full: 500 })])),
    shown: told({
      scene: electionScene(150),
      story: leaderDiesAndReads,
      about: 'A leader dies; timeouts are drawn from 150 to 300 ms.',
      quick: 1,
      full: 1,
    }),
  },
  conclude: (results) => {
    const shares = WIDTHS_MS.map((widthMs) => splitShare(results[nameOf(widthMs)]!));
    const widest = shares.at(-1)!;
    const narrowest = shares[0]!;
    // The knee: the first width from which on no more than one election in four is repeated.
    const knee = WIDTHS_MS.findIndex((_, nth) => shares.slice(nth).every((share) => share <= 0.25));
    const kneeMs = WIDTHS_MS[knee];
    const widestMs = medianMs(results[nameOf(150)]!);
    return {
      answer:
        'Yes, drawn anew by each server for each election. The interval has to be several round trips wide, and still far below the time between failures.',
      explanation: `A candidate needs a round trip to win. Whoever times out within it stands too and takes votes away; with an interval of ten round trips that is rare, and a wider one only makes everybody wait. A round trip takes about ${ROUND_TRIP_MS} ms here.`,
      claims: [
        ...WIDTHS_MS.map((widthMs) => toldClaim(nameOf(widthMs), results[nameOf(widthMs)]!)).filter(
          ({ holds }) => !holds,
        ),
        claim(
          'without any difference between timeouts most elections are repeated',
          narrowest > 0.5,
          percent(narrowest),
        ),
        claim('with 150 ms between the shortest and the longest few are', widest <= 0.25, percent(widest)),
        claim(
          'there is a knee: from there on at most a quarter is repeated',
          kneeMs !== undefined && kneeMs >= ROUND_TRIP_MS,
          kneeMs === undefined ? 'none' : `at ${kneeMs} ms, ${(kneeMs / ROUND_TRIP_MS).toFixed(0)} round trips`,
        ),
      ],
      figures: [
        { value: percent(narrowest), label: 'of elections repeated when all timeouts are equal', tone: 'bad' },
        { value: percent(widest), label: 'when they are drawn from 150 to 300 ms', tone: 'good' },
        {
          value: kneeMs === undefined ? 'none' : `${kneeMs} ms`,
          label: 'the knee: the least width from which on at most a quarter is repeated',
        },
        { value: ms(widestMs), label: "median time from a leader's death to the next leader, at 150 ms" },
      ],
      ablations: [],
      charts: [
        {
          title: 'Elections that took more than one round, by width of the interval',
          bars: WIDTHS_MS.map((widthMs, nth) => ({
            label: nameOf(widthMs),
            value: shares[nth]!,
            shown: `${percent(shares[nth]!)} · ${ms(medianMs(results[nameOf(widthMs)]!))}`,
          })),
          note: `five servers, shortest timeout 150 ms, ${results[nameOf(0)]!.length} elections each; with the median time without a leader`,
        },
      ],
      show: showFirst(results, { arm: 'shown', words: 'the first answer of the next leader' }),
    };
  },
};
