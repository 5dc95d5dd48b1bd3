/** All experiments, the replica question first. */
import type { Experiment } from '../experiment.ts';
import { s04 } from './s04.ts';
import { s06 } from './s06.ts';
import { s22 } from './s22.ts';
import { s23 } from './s23.ts';
import { s24 } from './s24.ts';

export const experiments: readonly Experiment[] = [s04, s06, s22, s23, s24];
