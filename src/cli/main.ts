/**
 * The command line: `stalemate run | sim | mutants | notes | campaign | check | export | report | list | serve | doctor`. The only place where the rooms meet; everything here is flags,
 * order and exit codes. 0 as expected, 1 a violation, 2 unknown, 254 wrong usage, 255 the tool failed, 130 interrupted.
 */
import yargs from 'yargs';
import { StalemateError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import { Chosen, type Command } from './command.ts';
import { STANDARD_INPUT } from './standard-input.ts';
import { VERSION } from './version.ts';

/** Loaded when they are asked for: a check of a small history must not wait for the cluster to be loaded. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./run-command.ts')).runCommand,
  sim: async () => (await import('./sim-command.ts')).simCommand,
  mutants: async () => (await import('./mutants-command.ts')).mutantsCommand,
  notes: async () => (await import('./notes-command.ts')).notesCommand,
  campaign: async () => (await import('./campaign-command.ts')).campaignCommand,
  check: async () => (await import('./check-command.ts')).checkCommand,
  export: async () => (await import('./export-command.ts')).exportCommand,
  report: async () => (await import('./report-command.ts')).reportCommand,
  serve: async () => (await import('./serve-command.ts')).serveCommand,
  list: async () => (await import('./list-command.ts')).listCommand,
  doctor: async () => (await import('./doctor-command.ts')).doctorCommand,
};
const EXIT_USAGE = 254;
const EXIT_FAILED = 255;

/** Runs one command line and sets `process.exitCode`. Never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  outliveReaders();
  failOnDefects();
  try {
    if (process.platform === 'win32')
      throw new StalemateError('usage', 'Windows is not supported', 'use Linux, macOS or WSL');
    const chosen = await understood(argv);
    if (chosen !== undefined) process.exitCode = await chosen.perform();
  } catch (error) {
    process.exitCode = complain(error);
  }
}

/** The command and its flags; undefined where yargs has answered by itself: --help, --version. */
async function understood(argv: readonly string[]): Promise<Chosen | undefined> {
  const commands = await commandsFor(argv);
  refuseWordsForSwitches(argv, commands);
  try {
    await parser(argv, commands).parseAsync();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Chosen) return thrown;
    throw thrown;
  }
}

/** The command that the line begins with, or all of them. */
async function commandsFor([first = '']: readonly string[]): Promise<readonly Command[]> {
  const asked = Object.hasOwn(COMMANDS, first) ? [COMMANDS[first]!] : Object.values(COMMANDS);
  return Promise.all(asked.map((load) => load()));
}

/** `--quiet=maybe`: yargs takes it for off. */
function refuseWordsForSwitches(argv: readonly string[], commands: readonly Command[]): void {
  const flags = commands.find((it) => nameOf(it) === argv[0])?.flags ?? {};
  for (const word of argv) {
    const [, name = '', value] = /^--([a-z-]+)=(.*)$/s.exec(word) ?? [];
    if (!Object.hasOwn(flags, name) || flags[name]?.type !== 'boolean' || value === 'true' || value === 'false')
      continue;
    throw new StalemateError('usage', `--${name}=${value}: --${name} is a switch`, `write --${name}, or leave it out`);
  }
}

function parser(argv: readonly string[], commands: readonly Command[]): ReturnType<typeof yargs> {
  return commands
    .reduce<ReturnType<typeof yargs>>((program, command) => program.command(command), yargs(withStandardInput(argv)))
    .scriptName('stalemate')
    .usage('stalemate: is what the clients saw linearizable?\n\n$0 <command>')
    .demandCommand(1, 'no command given')
    .strict()
    .strictCommands()
    .parserConfiguration({
      'duplicate-arguments-array': true,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
    })
    .wrap(110)
    .version(VERSION)
    .help()
    .exitProcess(false)
    .fail((message: string, error?: Error) => {
      throw error ?? refusalOf(message, argv, commands);
    });
}

/** One line and a hint for a mistake, a stack for a defect. Returns the exit code. */
function complain(error: unknown): number {
  if (!(error instanceof StalemateError)) {
    process.stderr.write(
      `stalemate: this is a defect: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return EXIT_FAILED;
  }
  process.stderr.write(`stalemate: ${error.message}${error.hint === '' ? '' : ` (${error.hint})`}\n`);
  return error.code === 'usage' ? EXIT_USAGE : EXIT_FAILED;
}

/** What yargs does not accept, in our words. */
function refusalOf(message: string, argv: readonly string[], commands: readonly Command[]): StalemateError {
  const word = /^Unknown (?:argument|command)s?: ([^,]+)/.exec(message)?.[1];
  if (word === undefined) {
    const isMissing = message.startsWith('Not enough non-option arguments');
    return new StalemateError(
      'usage',
      isMissing ? `${argv[0]} needs a file or a name` : firstLine(message),
      'see stalemate --help',
    );
  }
  const isFlag = argv.some((it) => it === `--${word}` || it.startsWith(`--${word}=`) || it === `-${word}`);
  return isFlag ? unknownFlag(word, argv, commands) : unknownWord(word, argv);
}

function unknownFlag(word: string, argv: readonly string[], commands: readonly Command[]): StalemateError {
  const command = commands.find((it) => argv.includes(nameOf(it)));
  const flags = Object.keys(command?.flags ?? {});
  const near = suggest(word, flags);
  return new StalemateError(
    'usage',
    `unknown flag --${word}`,
    near === null ? `see stalemate ${command ? `${nameOf(command)} ` : ''}--help` : `did you mean --${near}?`,
  );
}

function unknownWord(word: string, argv: readonly string[]): StalemateError {
  const names = Object.keys(COMMANDS);
  if (names.some((name) => argv[0] === name))
    return new StalemateError('usage', `${argv[0]} takes no argument ${word}`, `see stalemate ${argv[0]} --help`);
  const near = suggest(word, names);
  return new StalemateError(
    'usage',
    `unknown command ${word}`,
    near === null ? `one of ${names.join(', ')}` : `did you mean ${near}?`,
  );
}

function nameOf(command: Command): string {
  return command.command.split(' ')[0]!;
}

function firstLine(text: string): string {
  return text.split('\n')[0]!;
}

/** yargs drops a lone `-` where files are wanted. */
function withStandardInput(argv: readonly string[]): string[] {
  return argv.map((word) => (['check', 'export'].includes(argv[0] ?? '') && word === '-' ? STANDARD_INPUT : word));
}

/** `stalemate run | head -1` is no error, and ends with its verdict all the same. A terminal that was closed answers EIO. */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
}

/** What nobody caught would end the process with 1, which says "violation". */
function failOnDefects(): void {
  process.on('uncaughtException', (error) => {
    process.exit(complain(error));
  });
}
