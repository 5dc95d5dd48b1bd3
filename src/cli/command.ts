/** What the commands share: the shape of a command, one value a flag, and where words go when standard output is for JSON. */
import type { Argv, Options } from 'yargs';
import { StalemateError } from '../base/errors.ts';
import { LiveRegion } from './live-region.ts';

/**
 * A flag and what `--help` says of it. All flags with a value are strings: their meaning is checked where it is known. A `list` takes
 * every word up to the next flag.
 */
export interface Flag {
  readonly type: 'string' | 'boolean' | 'list';
  readonly describe: string;
  readonly default?: string | boolean;
}

/** A command as yargs takes it, with its flags at hand for suggestions. */
export interface Command {
  readonly command: string;
  readonly describe: string;
  readonly flags: Readonly<Record<string, Flag>>;
  readonly builder: (program: Argv) => Argv;
  /** Throws a `Chosen`. */
  readonly handler: (given: Given) => never;
}

/**
 * A command line that was understood. Thrown out of yargs, which would draw its help text after every command that it runs: 60 ms,
 * more than the check of a small history.
 */
export class Chosen {
  readonly #given: Given;
  readonly #perform: (given: Given) => Promise<number>;

  constructor(given: Given, perform: (given: Given) => Promise<number>) {
    this.#given = given;
    this.#perform = perform;
  }

  /** Carries the command out. Resolves to the exit code. */
  perform(): Promise<number> {
    return this.#perform(this.#given);
  }
}

/** The flags as yargs takes them. A default is only told: yargs would take it for the value of a flag that was given without one. */
function optionsOf(flags: Readonly<Record<string, Flag>>): Record<string, Options> {
  return Object.fromEntries(
    Object.entries(flags).map(([name, { type, describe, default: usual }]) => {
      const kind = type === 'list' ? ({ type: 'string', array: true } as const) : { type };
      return [name, { ...kind, describe, ...(usual === undefined ? {} : { defaultDescription: String(usual) }) }];
    }),
  );
}

/** Flags as parsed. */
export type Given = Readonly<Record<string, unknown>>;

/** Makes a command; `perform` returns the exit code. */
export function defineCommand(it: {
  readonly command: string;
  readonly describe: string;
  readonly flags: Readonly<Record<string, Flag>>;
  readonly positional?: { readonly name: string; readonly describe: string; readonly array: boolean };
  readonly examples: readonly (readonly [command: string, about: string])[];
  readonly perform: (given: Given) => Promise<number>;
}): Command {
  return {
    command: it.command,
    describe: it.describe,
    flags: it.flags,
    builder: (program) => {
      if (it.positional !== undefined) {
        const { name, describe, array } = it.positional;
        program.positional(name, { type: 'string', describe, array });
      }
      return program.options(optionsOf(it.flags)).example(it.examples.map(([command, about]) => [command, about]));
    },
    handler: (given) => {
      throw new Chosen(given, it.perform);
    },
  };
}

/** The flag's value, or undefined where it was not given. Throws where it was given twice or without a value. */
export function text(given: Given, name: string): string | undefined {
  const value = given[name];
  if (Array.isArray(value))
    throw new StalemateError('usage', `--${name} is given ${value.length} times`, 'give it once');
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || value === '')
    throw new StalemateError('usage', `--${name} needs a value`, 'see --help');
  return value;
}

/** The flag's value as a whole number from 1 to `most`, or undefined where it was not given. */
export function wholeNumber(given: Given, name: string, most: number): number | undefined {
  const word = text(given, name);
  if (word === undefined) return undefined;
  const value = /^\d+$/.test(word) ? Number(word) : Number.NaN;
  if (value >= 1 && value <= most) return value;
  throw new StalemateError('usage', `--${name} ${word}: not a number of this kind`, `a whole number from 1 to ${most}`);
}

/** The words of a list, none where it was not given. Words may also stand in one, a line each. */
export function words(given: Given, name: string): readonly string[] {
  const value = given[name];
  if (value === undefined) return [];
  const all = [value].flat(2).filter((it): it is string => typeof it === 'string');
  if (all.length === 0) throw new StalemateError('usage', `--${name} needs a value`, 'see --help');
  return all.flatMap((it) => it.split('\n'));
}

/** Whether a switch is on. */
export function isOn(given: Given, name: string): boolean {
  return [given[name]].flat().includes(true);
}

/** With `--json` one document on standard output and every word on standard error; otherwise words on standard output. */
export interface Screen {
  readonly say: (words: string) => void;
  readonly document: (json: unknown) => void;
  readonly color: boolean;
  /** Lines that are drawn in place, on a terminal that shows them; what is said goes above them. */
  readonly live: LiveRegion | null;
}

/** The screen for these flags. */
export function screenFor(given: Given): Screen {
  const json = isOn(given, 'json');
  const words = json ? process.stderr : process.stdout;
  const isTerminal = words.isTTY === true && process.env['NO_COLOR'] === undefined && process.env['CI'] === undefined;
  const live = isTerminal ? new LiveRegion(words, () => performance.now()) : null;
  return {
    say: (line) => {
      live?.erase();
      words.write(`${line}\n`);
    },
    document: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
    },
    color: isTerminal,
    live,
  };
}
