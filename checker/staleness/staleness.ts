/**
 * How old each read was. R(v) is the earliest return among v's write, if it was answered, and all answered observers of v: by
 * then v was in effect. For the initial value it is before everything. A value v′ is *newer* for a read of v if v′'s write was
 * invoked after R(v), and R(v′) is before the read's invocation. The read is as many versions behind as there are such v′
 * (a lower bound: writes that overlap are not counted), and as many nanoseconds as lie between the earliest R(v′) and its
 * invocation. A value with several possible writers says nothing about its age: reads of it are left out and counted, and it
 * is newer for none. In a linearizable history no read is stale.
 */
import type { Call, History, Json, Nanos } from '../history/operation.ts';
import { tableOf, type Table } from '../history/table.ts';
import { READ } from '../linear/register-part.ts';
import { NEVER } from '../linear/columns.ts';
import type { Model } from '../model/model.ts';
import { ageColumns, agesOf, NO_AGE, type Age } from './ages.ts';
import { registersOf, type NamedRegister } from './registers.ts';

export { agesOf, type Age };

/** The age of one answered read. */
export interface ReadStaleness {
  /** Id of the read. */
  readonly operation: number;
  /** 0 for a read that was up to date. */
  readonly versions: number;
  readonly gapNs: Nanos;
}

/** The ages of the reads of one part, in order of invocation. */
export interface PartStaleness {
  readonly part: string;
  readonly reads: readonly ReadStaleness[];
  /** Reads of values with several possible writers, whose age is not known. */
  readonly leftOut: number;
}

/**
 * The age of every answered read. Nothing for parts that are not registers.
 * @throws ModelError for an operation that is not the model's
 */
export function staleness<S>(history: History, model: Model<S, Call, Json>): readonly PartStaleness[] {
  const table = tableOf(history);
  return (registersOf(table, model) ?? []).flatMap((register) => {
    const ages = readAges(table, register);
    if (ages === undefined) return [];
    const { rows, versions, gapsNs, leftOut } = ages;
    const reads = Array.from(rows, (row, i) => ({
      operation: table.id[row]!,
      versions: versions[i]!,
      gapNs: gapsNs[i]!,
    }));
    return [{ part: register.name, reads, leftOut }];
  });
}

/** The reads of a register whose age is known, in order of invocation. */
export interface ReadAges {
  readonly rows: Int32Array;
  readonly versions: Int32Array;
  readonly gapsNs: Float64Array;
  /** How many other reads were answered. */
  readonly leftOut: number;
}

/** The ages of a register's reads as columns; undefined for a part that is none. */
export function readAges(table: Table, { rows, part }: NamedRegister): ReadAges | undefined {
  if (part === undefined) return undefined;
  const { versions, newerShown } = ageColumns(part);
  const { callNs, returnNs } = table;
  const found = {
    rows: new Int32Array(part.count),
    versions: new Int32Array(part.count),
    gapsNs: new Float64Array(part.count),
  };
  let reads = 0;
  let leftOut = 0;
  for (let i = 0; i < part.count; i++) {
    if (part.kind[i] !== READ || part.ret[i] === NEVER) continue;
    if (versions[i] === NO_AGE) {
      leftOut++;
      continue;
    }
    const row = rows[i]!;
    found.rows[reads] = row;
    found.versions[reads] = versions[i]!;
    if (versions[i]! > 0) found.gapsNs[reads] = callNs[row]! - returnNs[rows[newerShown[i]!]!]!;
    reads++;
  }
  return {
    rows: found.rows.subarray(0, reads),
    versions: found.versions.subarray(0, reads),
    gapsNs: found.gapsNs.subarray(0, reads),
    leftOut,
  };
}
