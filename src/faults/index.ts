/** Front door of the faults: what can be asked for, the steps that a seed makes of it, and who is hit when the moment comes. */
export { aim, type Aimed, type Situation } from './aim.ts';
export { handOver } from './hand-over.ts';
export { injury } from './injury.ts';
export { Members, type MemberSet } from './members.ts';
export { natureOf } from './nature.ts';
export { drawSteps, faults, parseFaults } from './schedule.ts';
