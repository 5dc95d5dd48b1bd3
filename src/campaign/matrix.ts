/** From a campaign's file to its cells and its runs. Equal files give equal runs, in the same order. */
import { StalemateError } from '../base/errors.ts';
import type { Cell, Expectation } from '../contract/index.ts';
import type { CampaignDocument } from './document.ts';

/** A run that is to be made: the flags of `run`, or of `sim`. */
export interface PlannedRun {
  readonly id: string;
  readonly cell: Cell;
  readonly flags: Readonly<Record<string, string>>;
}

/** What a system's read mode claims, as far as a campaign must know it. Of the bundled system where none is named. */
export type IsLinearizable = (reads: string, system?: string) => boolean;

/** Whether a system has that read mode. */
export type HasReads = (system: string, reads: string) => boolean;

/** Systems first, then read modes, then faults. Where systems differ in their read modes, each is asked for those that it has. */
export function cellsOf(
  document: CampaignDocument,
  isLinearizable: IsLinearizable,
  hasReads: HasReads = () => true,
): readonly Cell[] {
  return document.systems.flatMap((system) =>
    readsFor(system, document, hasReads).flatMap((reads) =>
      document.faults.map((faults) => ({
        id: [system, reads, faults].map(slug).join('-'),
        system,
        reads,
        faults,
        expectation: expectationOf({ system, reads, faults }, document, isLinearizable),
      })),
    ),
  );
}

/** All of them where no system has one of them: then it is a mistake, and to be told. */
function readsFor(system: string, { systems, reads }: CampaignDocument, hasReads: HasReads): readonly string[] {
  return reads.filter((mode) => hasReads(baseOf(system), mode) || !systems.some((it) => hasReads(baseOf(it), mode)));
}

/** Where nothing is declared: what promises linearizability must never break it; a broken node may. */
function expectationOf(
  cell: Pick<Cell, 'system' | 'reads' | 'faults'>,
  document: CampaignDocument,
  isLinearizable: IsLinearizable,
): Expectation {
  const declared = document.expect.findLast(
    ({ systems, reads, faults }) =>
      (systems?.includes(cell.system) ?? true) &&
      (reads?.includes(cell.reads) ?? true) &&
      (faults?.includes(cell.faults) ?? true),
  );
  if (declared !== undefined) return declared.expect;
  return isLinearizable(cell.reads, baseOf(cell.system)) && mutantOf(cell.system) === null ? 'never' : 'may';
}

/** Every cell with every seed. The nth run has the same seed in all cells, so that they can be compared. */
export function runsOf(document: CampaignDocument, cells: readonly Cell[]): readonly PlannedRun[] {
  const width = String(document.seeds).length;
  return cells.flatMap((cell) =>
    Array.from({ length: document.seeds }, (_, i) => {
      const nth = String(i + 1).padStart(width, '0');
      const mutant = mutantOf(cell.system);
      return {
        id: `${cell.id}-${nth}`,
        cell,
        flags: {
          ...document.flags,
          system: baseOf(cell.system),
          ...(mutant !== null && { mutant }),
          reads: cell.reads,
          faults: cell.faults,
          seed: `${document.seed}-${nth}`,
        },
      };
    }),
  );
}

/** `raft`, of `raft M30`. */
function baseOf(system: string): string {
  return system.split(' ')[0]!;
}

/** `raft M30`. */
function mutantOf(system: string): string | null {
  return system.split(' ')[1] ?? null;
}

/** A part of a matrix. */
export interface Shard {
  readonly nth: number;
  readonly of: number;
}

/** `1/3`. */
export function parseShard(word: string): Shard {
  const [, nth, of] = /^(\d{1,4})\/(\d{1,4})$/.exec(word) ?? [];
  if (nth !== undefined && of !== undefined && Number(nth) >= 1 && Number(nth) <= Number(of))
    return { nth: Number(nth), of: Number(of) };
  throw new StalemateError('usage', `--shard ${word}: not a part of the whole`, 'as 1/3, 2/3, 3/3');
}

/** Every `of`th run: so each part has some of every cell. */
export function shardOf(runs: readonly PlannedRun[], { nth, of }: Shard): readonly PlannedRun[] {
  return runs.filter((_, at) => at % of === nth - 1);
}

/** What every file system and shell takes as it is. */
function slug(word: string): string {
  return word.replaceAll(',', '+').replace(/[^\w.+-]/g, '_');
}
