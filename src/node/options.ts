/** The command line of a node, read and checked. Only the controller and people who know what they do write it. */
import { parseArgs } from 'node:util';
import { StalemateError } from '../base/errors.ts';
import { DEFAULT_CLOCK_DRIFT } from '../base/time.ts';
import { parseAddress } from '../sockets/frame-socket.ts';

export interface NodeOptions {
  readonly id: string;
  readonly clusterId: string;
  /** host:port of this node. */
  readonly address: string;
  /** host:port by node, this one included; nobody for a node that joins a cluster. */
  readonly members: Readonly<Record<string, string>>;
  readonly dataFolder: string;
  /** Where to keep an undo journal, or null for none. */
  readonly undoFolder: string | null;
  readonly probesPath: string;
  /** process.hrtime of the moment when the run began. */
  readonly epochNs: bigint;
  readonly electionTimeoutMs: readonly [min: number, max: number];
  readonly heartbeatMs: number;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  readonly maxEntriesPerMessage: number;
  /** Messages with entries that may be under way to one follower. */
  readonly maxInFlight: number;
  /** How far two clocks of the cluster may go apart, as a share; leases are shorter by it. */
  readonly clockDrift: number;
  /** Whether an empty data folder may become a new node. */
  readonly init: boolean;
  readonly mutant: string | null;
  readonly seed: string;
  /** A snapshot after so many entries, and as many kept in memory; null for the replica's own policy. */
  readonly snapshotEntries: number | null;
  /** A hash of the state is told of after so many entries; null for never. */
  readonly hashEntries: number | null;
  /** The link filter in force from the first moment on. */
  readonly cutOut: readonly string[];
  readonly cutIn: readonly string[];
}

const text = { type: 'string' } as const;
const off = { type: 'boolean', default: false } as const;
const MAX_ENTRIES_PER_MESSAGE = 1024;
const MAX_IN_FLIGHT = 2;

/** Throws a usage error that names the flag. */
export function readOptions(args: readonly string[]): NodeOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      id: text,
      'cluster-id': text,
      members: text,
      address: text,
      join: off,
      data: text,
      undo: text,
      probes: text,
      epoch: text,
      'election-ms': text,
      'heartbeat-ms': text,
      'no-pre-vote': off,
      'no-check-quorum': off,
      'max-entries': text,
      'max-in-flight': text,
      'clock-drift': text,
      init: off,
      mutant: text,
      seed: text,
      'snapshot-entries': text,
      'hash-entries': text,
      'cut-out': text,
      'cut-in': text,
    },
  });
  const need = (flag: Exclude<keyof typeof values, 'init' | 'join' | 'no-pre-vote' | 'no-check-quorum'>): string => {
    const value = values[flag];
    if (value === undefined || value === '') throw new StalemateError('usage', `--${flag} is missing`);
    return value;
  };
  const id = need('id');
  const members = values.join ? {} : readMembers(need('members'));
  if (!values.join && !Object.hasOwn(members, id)) {
    throw new StalemateError('usage', `--id ${id}: not among --members`);
  }
  const address = values.join ? need('address') : members[id]!;
  parseAddress(address);
  return {
    id,
    clusterId: need('cluster-id'),
    address,
    members,
    dataFolder: need('data'),
    undoFolder: values.undo ?? null,
    probesPath: need('probes'),
    epochNs: BigInt(matching('epoch', need('epoch'), /^\d+$/)[0]!),
    electionTimeoutMs: readRange(need('election-ms')),
    heartbeatMs: Number(matching('heartbeat-ms', need('heartbeat-ms'), /^[1-9]\d*$/)[0]),
    preVote: !values['no-pre-vote'],
    checkQuorum: !values['no-check-quorum'],
    maxEntriesPerMessage: countOrNull('max-entries', values['max-entries']) ?? MAX_ENTRIES_PER_MESSAGE,
    maxInFlight: countOrNull('max-in-flight', values['max-in-flight']) ?? MAX_IN_FLIGHT,
    clockDrift:
      values['clock-drift'] === undefined
        ? DEFAULT_CLOCK_DRIFT
        : Number(matching('clock-drift', values['clock-drift'], /^0(\.\d{1,6})?$/)[0]),
    init: values.init,
    mutant: values.mutant ?? null,
    seed: need('seed'),
    snapshotEntries: countOrNull('snapshot-entries', values['snapshot-entries']),
    hashEntries: countOrNull('hash-entries', values['hash-entries']),
    cutOut: names(values['cut-out']),
    cutIn: names(values['cut-in']),
  };
}

function readMembers(value: string): Record<string, string> {
  return Object.fromEntries(
    value.split(',').map((member) => {
      const [, id, address] = matching('members', member, /^([^=]+)=(.+)$/);
      parseAddress(address!);
      return [id!, address!];
    }),
  );
}

function countOrNull(flag: string, value: string | undefined): number | null {
  return value === undefined ? null : Number(matching(flag, value, /^[1-9]\d{0,8}$/)[0]);
}

function readRange(value: string): readonly [number, number] {
  const [, min, max] = matching('election-ms', value, /^([1-9]\d*)-([1-9]\d*)$/);
  if (Number(min) > Number(max)) throw new StalemateError('usage', `--election-ms ${value}: from large to small`);
  return [Number(min), Number(max)];
}

function matching(flag: string, value: string, form: RegExp): RegExpExecArray {
  const match = form.exec(value);
  if (match === null) throw new StalemateError('usage', `--${flag} ${value}: not understood`);
  return match;
}

function names(list: string | undefined): readonly string[] {
  return list === undefined || list === '' ? [] : list.split(',');
}
