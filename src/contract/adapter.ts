/** A system of anybody's own, as one file describes it. */
import type { ProcessSystem } from './system.ts';

/** What cannot be left out. */
type Needed = 'name' | 'reads' | 'session';

/**
 * What `--system ./my-system.ts` exports as `system`: how to start a node (`processes`, on `ports`), which reads it has and what they
 * promise (`reads`), and how a client asks it (`session`). What is left out: three nodes, clients that do registers with and
 * without compare-and-set, no programs to look for, and nobody who says who leads. `processes` may be left out with --endpoints.
 */
export type SystemAdapter = Pick<ProcessSystem, Needed> & Partial<Omit<ProcessSystem, Needed>>;
