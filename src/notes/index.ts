/** Front door of the notes: experiments that put statements about Raft to the test, and what they come to. */
export { experiments } from './experiments/index.ts';
export type { Experiment, Scale } from './experiment.ts';
export { runNotes, type NotesProgress, type RealTrial } from './notes.ts';
export { asked, planOf, toItsEnd, type Recording, type Trial } from './recording.ts';
export { Stage } from './stage.ts';
