/** What the calling thread and its workers say to each other. */
import type { TableData } from '../history/table-data.ts';
import type { Judged } from '../judge.ts';
import { ModelError } from '../model/model.ts';
import type { ModelReference } from '../model/named.ts';

/** What a worker is made with. */
export interface WorkerData {
  readonly model: ModelReference;
  readonly maxSteps: number;
  readonly maxBytes: number;
  readonly clients: number | undefined;
  readonly untimed: boolean;
  /** Shared by all: see END and STOP. */
  readonly control: Int32Array;
  /** Of this worker alone: the part that it is judging, or NO_PART. */
  readonly current: Int32Array;
}

/** In `control`: the highest part that still matters, and why everything has to stop. */
export const END = 0;
export const STOP = 1;

/** Values of STOP. */
export const GO_ON = 0;
export const ASKED_TO_STOP = 1;
export const TOO_MUCH_MEMORY = 2;

export const NO_PART = -1;

/** Parts to judge, from `first` on. */
export interface Work {
  readonly first: number;
  readonly count: number;
  readonly table: TableData;
}

/** What became of a batch: parts from its first on, as far as they mattered, and the error that the next one ended with. */
export interface Done {
  readonly first: number;
  readonly judged: readonly Judged[];
  readonly error?: ErrorData;
}

/** An error as data: a copy made by the threads themselves would no longer be of its class. */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

export function errorData(error: unknown): ErrorData {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined };
  return { name: error.name, message: error.message, stack: error.stack };
}

export function errorFromData({ name, message, stack }: ErrorData): Error {
  const error: Error = name === 'ModelError' ? new ModelError(message) : new Error(message);
  if (error.name !== name) error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
