/** What `stalemate check` says of a decided history, and while it decides. */
import { explanationLines } from '../../checker/index.ts';
import type { Call, History, Json, Model, Promises, StalenessSummary, Verdict } from '../../checker/index.ts';
import type { Progress } from '../../checker/pool/index.ts';

/** One decided file. */
export interface Checked {
  readonly file: string;
  readonly history: History;
  readonly model: Model<Json, Call, Json>;
  /** How the model was chosen. */
  readonly chosen: string;
  readonly verdict: Verdict;
  /** What a history that is not linearizable still keeps. */
  readonly promises: Promises | undefined;
  readonly staleness: StalenessSummary | undefined;
  readonly seconds: number;
}

const SYMBOLS = { ok: '✓ linearizable', violation: '✕ not linearizable', unknown: '? unknown' } as const;

/** The lines about one file. @param isNamed whether the file is one of several */
export function verdictLines(checked: Checked, isNamed: boolean): readonly string[] {
  const { file, history, model, chosen, verdict, promises, staleness, seconds } = checked;
  const decided = verdict.parts.filter(({ kind }) => kind !== 'unknown').length;
  const keys = `${decided === verdict.keys ? '' : `${decided} of `}${verdict.keys} ${verdict.keys === 1 ? 'key' : 'keys'}`;
  const about = `${verdict.operations} operations on ${keys}${decided === verdict.keys ? '' : ' decided'}, ${model.name} (${chosen}), ${seconds.toFixed(2)} s`;
  return [
    `${SYMBOLS[verdict.kind]}  ${isNamed ? `${file}: ` : ''}${about}`,
    ...history.warnings.map((warning) => `  note: ${warning}`),
    ...verdict.parts.flatMap((part) =>
      part.kind === 'unknown' ? [`  ${part.part === '' ? 'the history' : part.part}: ${part.progress}`] : [],
    ),
    ...indented(explanationLines({ history, model, verdict })),
    ...(promises?.guarantees.some(({ name, verdict: kept }) => name !== 'linearizability' && kept !== 'not-decided') ===
    true
      ? ['', `  ${promises.strongest.sentence}`]
      : []),
    ...(staleness === undefined ? [] : stalenessLines(staleness)),
  ];
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines.map((line) => (line === '' ? '' : `  ${line}`))];
}

function stalenessLines({ reads, stale, leftOut, ofStale }: StalenessSummary): readonly string[] {
  const left = leftOut === 0 ? '' : `; of ${leftOut} more the age is not known`;
  if (stale === 0) return ['', `  None of ${reads} reads was stale${left}.`];
  const { versions, ms } = ofStale;
  if (ms === undefined)
    return [
      '',
      `  ${stale} of ${reads} reads were stale${left}. Of these, half were at least ${versions.p50} versions old, a tenth ${versions.p90}, the worst ${versions.max}.`,
    ];
  return [
    '',
    `  ${stale} of ${reads} reads were stale${left}. Of these, half were at least ${ms.p50.toFixed(1)} ms and ${versions.p50} versions old,`,
    `  a tenth ${ms.p90.toFixed(1)} ms and ${versions.p90}, the worst ${ms.max.toFixed(1)} ms and ${versions.max}.`,
  ];
}

const QUIET_MS = 2_000;
const TERMINAL_EVERY_MS = 200;
const PLAIN_EVERY_MS = 10_000;

/** A line on standard error about a check that takes longer: one that is drawn again on a terminal, else one every ten seconds. */
export function progressLine(): { readonly told: (progress: Progress) => void; readonly end: () => void } {
  const isTerminal = process.stderr.isTTY === true && process.env['CI'] === undefined;
  const beganMs = performance.now();
  let nextMs = beganMs + QUIET_MS;
  let isDrawn = false;
  return {
    told: ({ parts, operations, of }) => {
      const nowMs = performance.now();
      if (nowMs < nextMs) return;
      nextMs = nowMs + (isTerminal ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS);
      const words = `… ${parts} of ${of.parts} keys, ${operations} of ${of.operations} operations, ${((nowMs - beganMs) / 1000).toFixed(0)} s`;
      process.stderr.write(isTerminal ? `\r${words}` : `${words}\n`);
      isDrawn = isTerminal;
    },
    end: () => {
      if (isDrawn) process.stderr.write('\r\x1b[K');
    },
  };
}
