/** Front door: plans that are drawn, played in the simulator, explored in numbers and shrunk. */
export { DETECTORS } from './catalogue.ts';
export { HINTS } from './hints/index.ts';
export { scoreMutant, type MutantScore } from './mutation.ts';
export { explore } from './explore.ts';
export { expectManyPlays } from './many-plays.ts';
export { workInOrder, type Answer } from './threads.ts';
export { drawPlan, type PlanFrame } from './generate.ts';
export type { Outcome } from './outcome.ts';
export { planFor, score, type Tally } from './score.ts';
export { clusterFindings, findingsOf, play, type Finding, type Played } from './play.ts';
export { shrink } from './shrink.ts';
export { storyOf } from './story.ts';
export { DEFAULT_WORLD, worldOf } from './world.ts';
