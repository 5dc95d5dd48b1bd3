/** From the word after `--system` to a system that can be started: the bundled node, or programs that were found on this machine. */
import { resolve } from 'node:path';
import { StalemateError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import { CANNOT, capabilitiesOf, refuseTogether, startForeignCluster } from '../cluster/foreign-cluster.ts';
import { capabilitiesBy, joinCluster, refuseUncommanded } from '../cluster/endpoint-cluster.ts';
import { CAPABILITIES, startProcessCluster } from '../cluster/process-cluster.ts';
import type { LoadedSystem, Plan, ProcessSystem, SystemFacts } from '../contract/index.ts';
import { maelstromSystem, missingFileOf } from '../maelstrom/index.ts';
import { rulesOf } from '../raft/rules.ts';
import { connectRoaming, findProgram, installCommand, PROCESS_SYSTEMS } from '../systems/index.ts';
import { MAELSTROM, SYSTEM_NAMES } from '../systems/names.ts';
import { connectRaft } from '../systems/raft/raft-client.ts';
import { completed, isAdapterPath, loadAdapter } from './adapter-file.ts';
import { text, words, type Given } from './command.ts';
import { endpointsOf, faultCommandsOf } from './endpoints.ts';
import type { Aim } from './plan-flags.ts';

/** A system, and what a plan for it is made for. */
export interface ChosenSystem {
  readonly aim: Aim;
  readonly start: LoadedSystem['start'];
  readonly refuse?: LoadedSystem['refuse'];
}

/**
 * Finds what that system needs. `given` are the flags of the command line, `flags` those of the plan, of which the former win. Throws a usage
 * error where there is no such system, or something that it needs is not here.
 */
export async function chooseSystem(
  { name, flags }: { readonly name: string; readonly flags: Readonly<Record<string, string>> },
  given: Given,
): Promise<ChosenSystem> {
  const command = text(given, 'system-cmd') ?? flags['system-cmd'];
  if (name === MAELSTROM || command !== undefined) return chosen(loadMaelstrom(name, command));
  if (name === 'raft' && given['endpoints'] === undefined) return { aim: { can: CAPABILITIES }, start: startRaft };
  const binDir = text(given, 'bin-dir') ?? flags['bin-dir'];
  const endpoints = text(given, 'endpoints') ?? flags['endpoints'];
  const commands =
    given['fault-cmd'] === undefined ? (flags['fault-cmd']?.split('\n') ?? []) : words(given, 'fault-cmd');
  if (endpoints !== undefined) return chosen(await loadRunning(name, endpoints, commands));
  if (commands.length > 0)
    throw new StalemateError(
      'usage',
      '--fault-cmd without --endpoints',
      'nodes that are started here need no commands',
    );
  if (isAdapterPath(name)) return chosen(await loadOwnSystem(name, binDir));
  const system = PROCESS_SYSTEMS.find((it) => it.name === name);
  if (system === undefined) throw unknownSystem(name);
  return chosen(await loadProcessSystem(system, binDir));
}

function chosen({ facts, start, refuse }: LoadedSystem): ChosenSystem {
  return { aim: { can: facts.can, foreign: facts }, start, refuse };
}

/** A system that a file describes. Its name is the path, by which it is found again. */
async function loadOwnSystem(path: string, binDir: string | undefined): Promise<LoadedSystem> {
  const adapter = await loadAdapter(path);
  if (adapter.processes === undefined)
    throw new StalemateError('usage', `--system ${path}: system.processes is missing`, 'or give --endpoints');
  const { facts, start, refuse } = await loadProcessSystem(completed(adapter), binDir);
  return {
    ...(refuse && { refuse }),
    facts: { ...facts, name: path, tellsLeader: adapter.look !== undefined },
    start: blaming(path, start),
  };
}

/** A cluster that runs already, which is spoken to as that system is. */
async function loadRunning(name: string, endpoints: string, commands: readonly string[]): Promise<LoadedSystem> {
  const adapter = isAdapterPath(name) ? await loadAdapter(name) : PROCESS_SYSTEMS.find((it) => it.name === name);
  if (name === 'raft')
    throw new StalemateError('usage', '--endpoints needs a --system', 'how clients speak to it: etcd, ./my-system.ts');
  if (adapter === undefined) throw unknownSystem(name);
  const system = completed(adapter);
  if (!Object.values(system.ports).includes('clients'))
    throw new StalemateError(
      'usage',
      `--endpoints with --system ${name}: it has no port that is for clients alone`,
      'write ./my-system.ts, whose system.ports has one',
    );
  const places = endpointsOf(endpoints);
  const faultCommands = faultCommandsOf(commands);
  const facts: SystemFacts = {
    name,
    version: 'running already',
    nodes: places.length,
    reads: system.reads,
    workloads: system.workloads,
    can: capabilitiesBy(faultCommands),
    cannot: { ...CANNOT, ...system.cannot, ...NO_COMMAND },
    tellsLeader: adapter.look !== undefined,
    flags: { endpoints, ...(commands.length > 0 && { 'fault-cmd': commands.join('\n') }) },
  };
  const refuse = (plan: Plan): void => {
    if (plan.nodes !== places.length)
      throw new StalemateError('usage', `--nodes ${plan.nodes}: --endpoints names ${places.length}`, 'leave it out');
    refuseUncommanded(plan, faultCommands);
  };
  const start: LoadedSystem['start'] = async (options) => {
    return joinCluster({ ...options, system, endpoints: places, commands: faultCommands, connect: connectRoaming });
  };
  return { facts, refuse, start: blaming(name, start) };
}

const NO_COMMAND: NonNullable<SystemFacts['cannot']> = {
  pause: "--fault-cmd pause='… {node}' heal='… {node}'",
  kill: "--fault-cmd kill='… {node}' heal='… {node}'",
  link: "--fault-cmd cut='… {from} {to}' heal='… {from} {to}'",
  'slow-disk': 'there is no command for it',
  'fsync-error': 'there is no command for it',
  disk: 'only raft lets its disk be disturbed',
};

/** What is thrown while it starts was thrown by the file, unless we say otherwise. */
function blaming(path: string, start: LoadedSystem['start']): LoadedSystem['start'] {
  return async (options) => {
    try {
      return await start(options);
    } catch (error) {
      if (error instanceof StalemateError) throw error;
      throw new StalemateError('failed', `--system ${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

/** Nodes that speak Maelstrom's protocol, each started by that command. */
function loadMaelstrom(name: string, command: string | undefined): LoadedSystem {
  if (command === undefined)
    throw new StalemateError('usage', `--system ${MAELSTROM} needs --system-cmd`, "--system-cmd 'node my-node.js'");
  if (name !== MAELSTROM)
    throw new StalemateError('usage', `--system-cmd with --system ${name}: one of the two`, 'leave --system out');
  const missing = missingFileOf(command);
  if (missing !== null)
    throw new StalemateError('usage', `--system-cmd: there is no file ${missing}`, 'paths count from this folder');
  return maelstromSystem(command);
}

/** Finds its programs. Throws a usage error that names the package where one is missing. */
export async function loadProcessSystem(system: ProcessSystem, binDir: string | undefined): Promise<LoadedSystem> {
  const folder = binDir === undefined ? undefined : resolve(binDir);
  const paths = new Map(system.programs.map((program) => [program.name, findProgram(program, folder)]));
  const missing = system.programs.filter(({ name }) => paths.get(name) === null);
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(' and ');
    const where = binDir === undefined ? 'not on PATH' : `neither in ${binDir} nor on PATH`;
    throw new StalemateError(
      'usage',
      `--system ${system.name}: ${names} ${missing.length === 1 ? 'is' : 'are'} ${where}`,
      `${installCommand(missing)}, or --bin-dir FOLDER`,
    );
  }
  const program = (name: string): string => paths.get(name)!;
  const { name, nodes, reads, workloads, cannot } = system;
  const facts: SystemFacts = {
    name,
    nodes,
    reads,
    workloads,
    cannot: { ...CANNOT, ...cannot },
    version: await system.version(program),
    can: capabilitiesOf(system),
    flags: binDir === undefined ? {} : { 'bin-dir': binDir },
  };
  return {
    facts,
    refuse: (plan, out) => {
      refuseTogether(system, plan);
      system.refuse?.(resolve(out));
    },
    start: (options) => startForeignCluster({ ...options, system, program, connect: connectRoaming }),
  };
}

const startRaft: LoadedSystem['start'] = ({ plan, folder, clusterId, epochNs, onCrash }) => {
  const rules = rulesOf(plan.mutant)!;
  return startProcessCluster({
    folder,
    nodes: plan.nodes,
    clusterId,
    electionTimeoutMs: plan.electionTimeoutMs,
    settings: plan.node ?? {},
    mutant: plan.mutant,
    seed: plan.seed,
    epochNs,
    undoJournals: plan.steps.some(({ kind }) => kind === 'power-loss'),
    connect: (place, options) => connectRaft(place, options, rules),
    onCrash,
  });
};

function unknownSystem(name: string): StalemateError {
  const near = suggest(name, SYSTEM_NAMES);
  const hint = near === null ? `one of ${SYSTEM_NAMES.join(', ')}` : `did you mean ${near}?`;
  return new StalemateError('usage', `--system ${name}: no such system`, hint);
}
