/** The flags of `stalemate check`, and what they mean. */
import { availableParallelism } from 'node:os';
import {
  DEFAULT_BUDGET,
  formats,
  ModelError,
  modelNamed,
  modelNames,
  type Format,
  type Json,
} from '../../checker/index.ts';
import type { Budget, Call, Model } from '../../checker/index.ts';
import { StalemateError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import { isOn, text, type Flag, type Given } from './command.ts';

const FORMATS: readonly string[] = ['auto', ...formats];
const DEFAULT_MEMORY = '2GiB';

/** As `--help` shows them. */
export const CHECK_FLAGS: Readonly<Record<string, Flag>> = {
  model: {
    type: 'string',
    describe: `${modelNames.join(', ')} (default: guessed from the operations, and said)`,
  },
  format: { type: 'string', describe: `${FORMATS.join(', ')} (default: told from the content)` },
  initial: { type: 'string', describe: 'what each object holds at first, as JSON or a plain word' },
  clients: { type: 'string', describe: 'number of clients, so that they are named as process mod clients' },
  'max-steps': {
    type: 'string',
    describe: `steps for each key before the verdict is unknown (default ${DEFAULT_BUDGET.maxSteps})`,
  },
  'max-memory': {
    type: 'string',
    describe: `memory of the process before the verdict is unknown; each key may account for half (default ${DEFAULT_MEMORY})`,
  },
  jobs: { type: 'string', describe: 'threads that decide keys (default: one less than there are cores, at least 1)' },
  all: { type: 'boolean', describe: 'go on after the first key that is not linearizable' },
  staleness: { type: 'boolean', describe: 'how old the reads were, in versions and milliseconds' },
  report: { type: 'string', describe: 'write a page about the (only) file here' },
  minimal: { type: 'string', describe: 'write the shortest history of the first anomaly here' },
  json: { type: 'boolean', describe: 'one document on standard output, words on standard error' },
};

/** What was asked for. */
export interface CheckOptions {
  readonly budget: Budget;
  readonly maxResidentBytes: number;
  readonly jobs: number;
  readonly all: boolean;
  readonly format: Format | 'auto';
  readonly clients: number | undefined;
  /** Undefined: to be guessed. */
  readonly model: Model<Json, Call, Json> | undefined;
  readonly initial: Json | undefined;
}

/** Throws a usage error for a value that is none. */
export function checkOptionsOf(given: Given): CheckOptions {
  const maxResidentBytes = bytes(text(given, 'max-memory') ?? DEFAULT_MEMORY);
  const initial = initialOf(text(given, 'initial'));
  return {
    budget: {
      maxSteps: wholeNumber(given, 'max-steps') ?? DEFAULT_BUDGET.maxSteps,
      maxBytes: Math.floor(maxResidentBytes / 2),
    },
    maxResidentBytes,
    jobs: wholeNumber(given, 'jobs') ?? Math.max(1, availableParallelism() - 1),
    all: isOn(given, 'all'),
    format: formatOf(text(given, 'format')),
    clients: wholeNumber(given, 'clients'),
    model: modelOf(text(given, 'model'), initial),
    initial,
  };
}

/** The model of this name that begins with this value. */
export function modelOf(name: string | undefined, initial: Json | undefined): Model<Json, Call, Json> | undefined {
  if (name === undefined) return undefined;
  const model = made(name, initial);
  if (model !== undefined) return model;
  const near = suggest(name, [...modelNames]);
  throw new StalemateError(
    'usage',
    `--model ${name}: no such model`,
    near === null ? `one of ${modelNames.join(', ')}` : `did you mean ${near}?`,
  );
}

function made(name: string, initial: Json | undefined): Model<Json, Call, Json> | undefined {
  try {
    return modelNamed(name, initial === undefined ? {} : { initial });
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new StalemateError('usage', `--initial: ${error.message}`, 'it is read as JSON');
  }
}

/** A value in JSON, or else the word itself. */
function initialOf(word: string | undefined): Json | undefined {
  if (word === undefined) return undefined;
  try {
    return JSON.parse(word) as Json;
  } catch {
    return word;
  }
}

function formatOf(word: string | undefined): Format | 'auto' {
  if (word === undefined) return 'auto';
  if (FORMATS.includes(word)) return word as Format | 'auto';
  const near = suggest(word, [...FORMATS]);
  throw new StalemateError(
    'usage',
    `--format ${word}: no such format`,
    near === null ? `one of ${FORMATS.join(', ')}` : `did you mean ${near}?`,
  );
}

function wholeNumber(given: Given, name: string): number | undefined {
  const word = text(given, name);
  if (word === undefined) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(word))
    throw new StalemateError('usage', `--${name} ${word}: not a whole number above 0`, 'see stalemate check --help');
  return Number(word);
}

const UNITS: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, KB: 1e3, MB: 1e6, GB: 1e9 };

function bytes(word: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([KMG]i?B)$/.exec(word) ?? [];
  const size = Number(number) * (UNITS[unit ?? ''] ?? NaN);
  if (!(size >= 1)) throw new StalemateError('usage', `--max-memory ${word}: not a size`, 'such as 512MiB or 2GiB');
  return Math.floor(size);
}
