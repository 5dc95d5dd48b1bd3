/** `stalemate doctor`: what this machine can do. Which systems can be tested here and how to get the others; which faults they can suffer. */
import { StalemateError } from '../base/errors.ts';
import { CANNOT, capabilitiesOf } from '../cluster/foreign-cluster.ts';
import { CAPABILITIES } from '../cluster/process-cluster.ts';
import type { Capability, ProcessSystem, ReadModes } from '../contract/index.ts';
import { faults } from '../faults/index.ts';
import { RAFT_READS } from '../run/index.ts';
import { findProgram, installCommand, PROCESS_SYSTEMS } from '../systems/index.ts';
import { workloads } from '../../workloads/index.ts';
import { defineCommand, screenFor, text, type Command, type Given, type Screen } from './command.ts';
import { tryTools, type MachineTool } from './machine.ts';
import { loadProcessSystem } from './systems.ts';
import { VERSION } from './version.ts';

/** The doctor command. */
export const doctorCommand: Command = defineCommand({
  command: 'doctor',
  describe: 'what this machine can do: real systems found, faults possible, and what to install',
  flags: {
    'bin-dir': {
      type: 'string',
      describe: 'look here too: a folder with programs, a Debian package unpacked for instance',
    },
    json: { type: 'boolean', describe: 'the same as one JSON document' },
  },
  examples: [
    ['$0 doctor', 'installs nothing, starts nothing'],
    ['$0 doctor --bin-dir unpacked', 'with packages that were unpacked: dpkg -x etcd-server_*.deb unpacked'],
  ],
  perform,
});

/** What is known of a system on this machine. */
interface SystemHere {
  readonly name: string;
  /** Null where something that it needs is missing. */
  readonly version: string | null;
  readonly programs: Readonly<Record<string, string | null>>;
  /** What kept it from telling its version; null where nothing did. */
  readonly trouble: string | null;
  /** The one command that installs what is missing; null where nothing is. */
  readonly install: string | null;
  readonly reads: ReadModes['promises'];
  readonly workloads: readonly string[];
  readonly faults: readonly string[];
  /** The kinds of fault that it cannot suffer, and why. */
  readonly cannot: Readonly<Record<string, string>>;
}

async function perform(given: Given): Promise<number> {
  const screen = screenFor(given);
  const binDir = text(given, 'bin-dir');
  const systems = [ourOwn(), ...(await Promise.all(PROCESS_SYSTEMS.map((system) => lookedFor(system, binDir))))];
  const tools = tryTools();
  tell(screen, systems, tools);
  screen.document({ format: 1, version: VERSION, node: process.version, platform: process.platform, systems, tools });
  return 0;
}

function ourOwn(): SystemHere {
  return {
    name: 'raft',
    version: VERSION,
    programs: {},
    trouble: null,
    install: null,
    reads: RAFT_READS.promises,
    workloads: workloads.map(({ name }) => name),
    ...sufferings(CAPABILITIES, { 'fsync-error': 'nothing makes an fsync of a real node fail; stalemate sim has it' }),
  };
}

async function lookedFor(system: ProcessSystem, binDir: string | undefined): Promise<SystemHere> {
  const programs = system.programs.map((program) => ({ program, path: findProgram(program, binDir) }));
  const missing = programs.filter(({ path }) => path === null).map(({ program }) => program);
  const { name, reads, cannot } = system;
  return {
    name,
    ...(missing.length > 0 ? { version: null, trouble: 'not found' } : await versionHere(system, binDir)),
    programs: Object.fromEntries(programs.map(({ program, path }) => [program.name, path])),
    install: missing.length > 0 ? installCommand(missing) : null,
    reads: reads.promises,
    workloads: system.workloads,
    ...sufferings(capabilitiesOf(system), { ...CANNOT, ...cannot }),
  };
}

async function versionHere(
  system: ProcessSystem,
  binDir: string | undefined,
): Promise<Pick<SystemHere, 'version' | 'trouble'>> {
  try {
    return { version: (await loadProcessSystem(system, binDir)).facts.version, trouble: null };
  } catch (error) {
    if (!(error instanceof StalemateError)) throw error;
    return { version: null, trouble: `${error.message} (${error.hint})` };
  }
}

function sufferings(
  can: ReadonlySet<Capability>,
  reasons: Readonly<Partial<Record<Capability, string>>>,
): Pick<SystemHere, 'faults' | 'cannot'> {
  const lacking = faults.map(({ kind, needs }) => ({ kind, lacks: needs.find((capability) => !can.has(capability)) }));
  return {
    faults: lacking.filter(({ lacks }) => lacks === undefined).map(({ kind }) => kind),
    cannot: Object.fromEntries(
      lacking.flatMap(({ kind, lacks }) =>
        lacks === undefined ? [] : [[kind, reasons[lacks] ?? `it lacks ${lacks}`]],
      ),
    ),
  };
}

function tell(screen: Screen, systems: readonly SystemHere[], tools: readonly MachineTool[]): void {
  screen.say(`stalemate ${VERSION}, Node ${process.version}, ${process.platform} ${process.arch}`);
  for (const system of systems) for (const line of linesOf(system)) screen.say(line);
  screen.say('\nThis machine');
  for (const { name, works, evidence, use } of tools) {
    screen.say(`  ${works ? '✓' : '✕'} ${name}: ${works ? use : evidence}`);
  }
}

function linesOf({
  name,
  version,
  trouble,
  install,
  reads,
  workloads: words,
  faults: kinds,
}: SystemHere): readonly string[] {
  if (trouble !== null) return [`\n✕ ${name}: ${trouble}`, ...(install === null ? [] : [`    ${install}`])];
  return [
    `\n✓ ${name} ${version}: --system ${name}`,
    ...Object.entries(reads).map(([mode, promise]) => `    --reads ${mode}: ${promise}`),
    `    --workload ${words.join(', ')}`,
    `    --faults ${kinds.join(', ')}`,
  ];
}
