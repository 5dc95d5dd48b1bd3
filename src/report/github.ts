/** What GitHub's runners show: a summary in Markdown, and annotations. Both say what result.json says, escaped for where they stand. */
import { byWeight, isSurprise, isUnknown } from '../campaign/index.ts';
import type { CampaignResult, CampaignRun, Cell, CellResult, RunResult } from '../contract/index.ts';
import { headlineOf } from './campaign-words.ts';
import { escape, printable } from './escape.ts';
import { count, plural } from './format.ts';
import { runHeadline } from './terminal.ts';

/** GitHub takes a megabyte a step; a summary that long is read by nobody. */
const SUMMARY_BYTES = 200_000;
const ANNOTATIONS_MOST = 10;
const RUNS_TOLD = 3;

/** Markdown: the headline, the first surprises with their shortest history, the matrix. At most 200 KB: what is cut off is said. */
export function stepSummary(result: CampaignResult): string {
  const { headline, aside, symbol } = headlineOf(result);
  const parts = [
    `## ${symbol} ${text(headline)}`,
    text(aside),
    ...surprisesOf(result).slice(0, RUNS_TOLD).map(runWords),
    matrix(result),
    `${count(result.runs.length)} runs · ${count(result.runs.reduce((sum, run) => sum + run.operations, 0))} operations · seed \`${code(result.seed)}\``,
  ];
  return clipped(parts.join('\n\n'));
}

/** The same of a single run: its verdict, the sentence and the shortest history, how to run it again. */
export function runSummary(result: RunResult, run: CampaignRun): string {
  const { seed, ops, command } = result;
  const story = run.sentence === null ? `\`${code(command)}\`` : runWords(run);
  const counts = `${plural(ops.total, 'operation')} · ${result.reads} reads · seed \`${code(seed)}\``;
  return clipped([`## ${text(runHeadline(result))}`, story, counts].join('\n\n'));
}

/** Workflow commands, the most surprising first; at most ten, the last of which counts the rest. */
export function annotations(result: CampaignResult): readonly string[] {
  const told = [
    ...surprisesOf(result).map((run) =>
      annotation(
        'error',
        `Not linearizable: ${cellName(result, run.cell)}`,
        `${run.sentence ?? ''} Again: ${run.command}`,
      ),
    ),
    ...result.cells
      .filter(({ state, violations }) => state === 'unexpected' && violations === 0)
      .map((cell) =>
        annotation(
          'error',
          `Nothing found: ${nameOf(cell)}`,
          `no violation in ${plural(cell.runs, 'run')}, although one must appear`,
        ),
      ),
    ...result.runs
      .filter(isUnknown)
      .map((run) =>
        annotation('warning', `Unknown: ${cellName(result, run.cell)}`, `${run.reason ?? ''} Not counted as passed.`),
      ),
  ];
  if (told.length <= ANNOTATIONS_MOST) return told;
  const kept = told.slice(0, ANNOTATIONS_MOST - 1);
  return [...kept, annotation('notice', 'More', `${told.length - kept.length} more: see the report`)];
}

function surprisesOf({ runs, cells }: CampaignResult): readonly CampaignRun[] {
  return runs
    .filter((run) =>
      isSurprise(
        run,
        cells.find(({ id }) => id === run.cell)!,
      ),
    )
    .toSorted(byWeight);
}

function runWords(run: CampaignRun): string {
  return [
    `> ${text(run.sentence ?? '')}`,
    '',
    '```',
    ...run.minimal.map(code),
    '```',
    '',
    `\`${code(run.command)}\``,
  ].join('\n');
}

function matrix({ cells }: CampaignResult): string {
  const faults = [...new Set(cells.map((cell) => cell.faults))];
  const rows = [...new Set(cells.map(({ system, reads }) => `${system} · ${reads}`))];
  const head = ['', ...faults.map(text)];
  const lines = rows.map((row) => [
    text(row),
    ...faults.map((fault) => {
      const cell = cells.find((it) => `${it.system} · ${it.reads}` === row && it.faults === fault);
      return cell === undefined ? '' : cellWords(cell);
    }),
  ]);
  return [head, head.map(() => '---'), ...lines].map((cellsOfRow) => `| ${cellsOfRow.join(' | ')} |`).join('\n');
}

function cellWords({ state, violations, runs, unknown }: CellResult): string {
  switch (state) {
    case 'ok':
      return `✓ 0 of ${runs}`;
    case 'expected':
      return `✕ ${violations} of ${runs}, declared`;
    case 'unexpected':
      return violations > 0 ? `**✕ ${violations} of ${runs}, not declared**` : `**✓ 0 of ${runs}, one must appear**`;
    case 'unknown':
      return `? ${unknown} of ${runs}`;
  }
}

function cellName({ cells }: CampaignResult, id: string): string {
  return nameOf(cells.find((cell) => cell.id === id)!);
}

function nameOf({ system, reads, faults }: Cell): string {
  return `${system} ${reads} × ${faults}`;
}

/** Property values escape two characters more than messages do. */
function annotation(kind: 'error' | 'warning' | 'notice', title: string, message: string): string {
  return `::${kind} title=${data(title).replaceAll(':', '%3A').replaceAll(',', '%2C')}::${data(message)}`;
}

function data(words: string): string {
  return words.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Values come from a system under test: none of them is Markdown or HTML. */
function text(words: string): string {
  return escape(words)
    .replace(/[\\`*_{}[\]()+!|~-]/g, String.raw`\$&`)
    .replaceAll('\n', ' ');
}

/** Inside backticks nothing can be escaped. */
function code(words: string): string {
  return printable(words).replaceAll('`', 'ˋ').replaceAll('\n', ' ');
}

function clipped(words: string): string {
  if (Buffer.byteLength(words) <= SUMMARY_BYTES) return words;
  const cut = new TextDecoder().decode(Buffer.from(words).subarray(0, SUMMARY_BYTES - 100)).replace(/\uFFFD*$/, '');
  return `${cut}\n\n(cut off: the rest is in the report)`;
}
