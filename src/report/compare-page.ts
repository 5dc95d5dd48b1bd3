/** Two runs side by side: what was asked of each, and what came of it; rows in which they differ are marked. */
import type { RunFile, RunResult } from '../contract/index.ts';
import { html, type Markup } from './escape.ts';
import { count, milliseconds } from './format.ts';
import { VERDICTS } from './hero.ts';
import { shell } from './shell.ts';
import { listStyle } from './style.ts';

/** A finished run. */
export interface ComparedRun {
  readonly name: string;
  readonly run: RunFile;
  readonly result: RunResult;
}

type Line = readonly [name: string, of: (run: ComparedRun) => string];

const ASKED: readonly Line[] = [
  ['System', ({ run }) => `${run.system.name} ${run.system.version}`],
  ['Nodes', ({ run }) => String(run.plan.nodes)],
  ['Workload', ({ run }) => run.plan.workload],
  ['Reads', ({ run }) => run.plan.reads],
  ['Promise', ({ result }) => result.promise],
  ['Faults', ({ run }) => run.plan.requested.map(({ kind, target }) => `${kind}:${target}`).join(', ') || 'none'],
  ['Clients', ({ run }) => String(run.plan.clients)],
  ['Keys', ({ run }) => String(run.plan.keys)],
  ['Time', ({ run }) => `${run.plan.timeMs / 1000} s`],
  ['Seed', ({ run }) => run.plan.seed],
  ['Mutant', ({ run }) => run.plan.mutant ?? 'none'],
  ['Machine', ({ run }) => `Node ${run.machine.node}, ${run.machine.platform}, ${run.machine.cpus} cores`],
];

const FOUND: readonly Line[] = [
  ['Verdict', ({ result }) => `${VERDICTS[result.verdict].symbol} ${VERDICTS[result.verdict].words}`],
  ['Reason', ({ result }) => result.reason ?? '–'],
  ['First sentence', ({ result }) => result.anomalies[0]?.sentence ?? '–'],
  ['Anomalies', ({ result }) => count(result.anomalyCount)],
  ['Invariants broken', ({ result }) => result.invariants.map(({ name }) => name).join(', ') || 'none'],
  ['Stale reads', ({ result }) => count(result.staleness.reads)],
  ['Staleness, median and worst', ({ result }) => stalenessWords(result)],
  ['Operations', ({ result }) => count(result.ops.total)],
  ['ok', ({ result }) => count(result.ops.ok)],
  ['refused', ({ result }) => count(result.ops.fail)],
  ['unknown', ({ result }) => count(result.ops.unknown)],
  ['ok during faults', ({ result }) => count(result.ops.okDuringFaults)],
  ['ok a second', ({ result }) => ((result.ops.ok / result.durationNs) * 1e9).toFixed(0)],
  ['Faults effective', ({ result }) => faultsWords(result)],
  ['Leader changes', ({ result }) => count(result.leaderChanges)],
  ['Checked in', ({ result }) => `${result.check.seconds.toFixed(2)} s`],
];

/** @param runs the two */
export function comparePage(
  [left, right]: readonly [ComparedRun, ComparedRun],
  { version, about }: { readonly version: string; readonly about: string },
): string {
  const table = (title: string, lines: readonly Line[]): Markup =>
    html`<section class="panel sec">
      <h2>${title}</h2>
      <div class="wide">
        <table class="compare num">
          <thead>
            <tr>
              <th scope="col"><span class="skip">What</span></th>
              ${[left, right].map(
                ({ name }) => html`<th scope="col"><a href="/results/${name}/report.html">${name}</a></th>`,
              )}
            </tr>
          </thead>
          <tbody>
            ${lines.map((line) => row(line, left, right))}
          </tbody>
        </table>
      </div>
    </section>`;
  return shell({
    title: `${left.name} and ${right.name}`,
    style: listStyle(),
    name: 'Two runs',
    about,
    version,
    main: html`<p class="lede"><a href="/">All runs</a>. What differs is marked.</p>
      ${table('What came of it', FOUND)}${table('What was asked', ASKED)}`,
  });
}

function row([name, of]: Line, left: ComparedRun, right: ComparedRun): Markup {
  const [a, b] = [of(left), of(right)];
  const cells = html`<th scope="row">${name}${a === b ? null : html` <span class="sm">differs</span>`}</th>
    <td>${a}</td>
    <td>${b}</td>`;
  return a === b
    ? html`<tr>
        ${cells}
      </tr>`
    : html`<tr class="differs">
        ${cells}
      </tr>`;
}

function stalenessWords({ staleness }: RunResult): string {
  if (staleness.reads === 0) return '–';
  return [staleness.p50Ms, staleness.maxMs].map((ms) => milliseconds(ms * 1e6)).join(', ');
}

function faultsWords({ faults }: RunResult): string {
  return faults.map(({ kind, effective, total }) => `${kind} ${effective}/${total}`).join(', ') || '–';
}
