/**
 * JUnit's XML, as CI servers read it: a testcase a run; what was not declared is a failure, what is not known an error. A cell in which a
 * violation must appear has a testcase of its own, since none of its runs alone can fail it.
 */
import type { CampaignResult, CampaignRun, Cell, CellResult } from '../contract/index.ts';
import { isSurprise, isUnknown, isViolation } from '../campaign/index.ts';
import { plural } from './format.ts';
import { html, type Markup } from './escape.ts';

/** A testcase, counted as what it is. */
interface Case {
  readonly kind: 'passed' | 'failed' | 'error';
  readonly seconds: number;
  readonly xml: Markup;
}

/** The whole file. */
export function junit(result: CampaignResult): string {
  const suites = [...new Set(result.cells.map(suiteOf))].map((name) => {
    const cells = result.cells.filter((cell) => suiteOf(cell) === name);
    return { name, cases: cells.flatMap((cell) => casesOf(cell, result)) };
  });
  const all = suites.flatMap(({ cases }) => cases);
  const body = suites.map(
    ({ name, cases }) => html`<testsuite name="${name}" ${counts(cases)}>${cases.map(({ xml }) => xml)}</testsuite>`,
  );
  const root = html`<testsuites name="stalemate ${result.campaign}" ${counts(all)}>${body}</testsuites>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.text}\n`;
}

function suiteOf({ system, reads }: Cell): string {
  return `${system} · ${reads}`;
}

function counts(cases: readonly Case[]): Markup {
  const of = (kind: Case['kind']): number => cases.filter((it) => it.kind === kind).length;
  const seconds = cases.reduce((sum, it) => sum + it.seconds, 0);
  return html`tests="${cases.length}" failures="${of('failed')}" errors="${of('error')}" skipped="0"
  time="${seconds.toFixed(3)}"`;
}

function casesOf(cell: CellResult, { runs, shard }: CampaignResult): readonly Case[] {
  const its = runs.filter((run) => run.cell === cell.id).map((run) => caseOf(run, cell));
  return cell.expectation === 'must' && shard === null ? [...its, mustCase(cell)] : its;
}

function caseOf(run: CampaignRun, cell: Cell): Case {
  const [kind, inner] = bodyOf(run, cell);
  const properties = Object.entries({
    verdict: run.verdict,
    expected: cell.expectation,
    command: run.command,
    ...(run.report !== null && { report: run.report }),
  }).map(([name, value]) => html`<property name="${name}" value="${value}" />`);
  const xml = html`<testcase
    classname="stalemate.${cell.system.replaceAll(' ', '.')}.${cell.reads}"
    name="${cell.faults} · seed ${run.seed}"
    time="${run.seconds.toFixed(3)}"
    ><properties>${properties}</properties>${inner}</testcase
  >`;
  return { kind, seconds: run.seconds, xml };
}

function bodyOf(run: CampaignRun, cell: Cell): readonly [Case['kind'], Markup | null] {
  const sentence = run.sentence ?? 'not linearizable';
  const story = run.minimal.join('\n');
  if (isSurprise(run, cell))
    return ['failed', html`<failure type="${run.class ?? 'violation'}" message="${sentence}">${story}</failure>`];
  if (isUnknown(run)) return ['error', html`<error type="unknown" message="${run.reason ?? 'no reason'}" />`];
  return ['passed', isViolation(run) ? html`<system-out>violation as declared: ${sentence}</system-out>` : null];
}

function mustCase(cell: CellResult): Case {
  const [kind, inner] = mustBody(cell);
  const xml = html`<testcase
    classname="stalemate.${cell.system.replaceAll(' ', '.')}.${cell.reads}"
    name="${cell.faults} · a violation must appear"
    time="0"
    >${inner}</testcase
  >`;
  return { kind, seconds: 0, xml };
}

function mustBody({ violations, state, runs }: CellResult): readonly [Case['kind'], Markup | null] {
  if (violations > 0) return ['passed', null];
  const message = `no violation in ${plural(runs, 'run')}, although one must appear`;
  if (state === 'unknown') return ['error', html`<error type="unknown" message="${message}" />`];
  return ['failed', html`<failure type="nothing-found" message="${message}" />`];
}
