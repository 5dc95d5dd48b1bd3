/** An experiment on a small scale, in this process: what its arms come to with the correct node, or with a broken one in its place. */
import { recordStory, trialOf, type Recording, type Trial } from '../../src/notes/recording.ts';
import type { Arm, Conclusion, Experiment } from '../../src/notes/experiment.ts';

/** Shares that are held against a probability need their numbers; everything else is forced. */
const RUNS: Readonly<Record<string, number>> = { S01: 24, S08: 24, S18: 80, S20: 2 };
const USUAL_RUNS = 6;

/** What the experiment concludes from a few runs of each arm. */
export async function conclude(experiment: Experiment, mutant: string | null): Promise<Conclusion> {
  const results: Record<string, readonly Trial[]> = {};
  for (const [name, arm] of Object.entries(experiment.arms)) {
    const most = Math.min(arm.runs.quick, RUNS[experiment.id] ?? USUAL_RUNS);
    const trials: Trial[] = [];
    for (let nth = 0; nth < most; nth++) {
      const seed = ['cards', experiment.id, arm.seeds ?? '', nth].join('-');
      trials.push(trialOf(await record(arm, { seed, mutant: arm.mutant ?? mutant, nth }), nth));
    }
    results[name] = trials;
  }
  return experiment.conclude(results);
}

/** Stories that the notes tell on real processes are told in the simulator here: they are the same. */
async function record(
  { play }: Arm,
  it: { readonly seed: string; readonly mutant: string | null; readonly nth: number },
): Promise<Recording> {
  if (play.world === 'simulator') return play.record(it);
  const { scene, story, about, judge } = play;
  const recording = await recordStory({ scene, story, about, ...it });
  return { ...recording, facts: { ...recording.facts, ...judge?.(recording) } };
}
