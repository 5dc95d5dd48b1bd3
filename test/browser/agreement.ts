/** Does a page say what the run's files say? Every number that it draws or writes is looked up in history.jsonl and the nodes' probes. */
import type { Page } from 'playwright-core';
import { LEFT, RIGHT } from '../../src/report/scale.ts';
import { countsIn, type Recorded, recordedIn, stoodAt } from './recorded.ts';

/** What disagrees; empty where all of it holds. */
export async function disagreementsOf(page: Page, run: string): Promise<readonly string[]> {
  return [
    ...(await operationsAgree(page, run)),
    ...(await countsAgree(page, run)),
    ...(await nodesAgree(page, run)),
    ...(await captionAgrees(page, run)),
  ];
}

/** As the page shows it. */
interface Drawn {
  readonly id: number;
  readonly title: string;
  readonly x: number;
  readonly width: number;
  readonly fromNs: number;
  readonly toNs: number;
}

async function drawnOn(page: Page): Promise<readonly Drawn[]> {
  return page.$$eval('svg.picture a.op', (links) =>
    links.map((link) => {
      const { fromNs, toNs } = (link.closest('svg') as SVGSVGElement).dataset;
      const rect = link.querySelector('rect')!;
      const [x, width] = ['x', 'width'].map((name) => Number(rect.getAttribute(name)));
      const id = Number(/op-(\d+)$/.exec(link.id)![1]);
      const title = link.querySelector('title')!.textContent;
      return { id, title, x: x!, width: width!, fromNs: Number(fromNs), toNs: Number(toNs) };
    }),
  );
}

async function operationsAgree(page: Page, run: string): Promise<readonly string[]> {
  const recorded = recordedIn(run);
  const clients = new Set([...recorded.values()].slice(0, 100).map(({ process }) => process)).size;
  const drawn = await drawnOn(page);
  if (drawn.length < 10) return [`only ${drawn.length} operations drawn`];
  return drawn.flatMap((one) => {
    const operation = recorded.get(one.id);
    if (operation === undefined) return [`op ${one.id} is not in the history`];
    const missing = wordsOf(operation, clients).filter((words) => !one.title.includes(words));
    return [
      ...missing.map((words) => `op ${one.id}: "${one.title}" lacks "${words}"`),
      ...(isInPlace(one, operation) ? [] : [`op ${one.id} is drawn at ${one.x}, ${one.width} wide`]),
    ];
  });
}

function wordsOf(operation: Recorded, clients: number): readonly string[] {
  const { id, process, f, key, asked, answer, type, callNs, returnNs, error } = operation;
  const show = (value: unknown): string => JSON.stringify(value);
  const name = `op ${id}: ${f} ${key}`;
  const [from, to] = f === 'cas' ? (asked as readonly unknown[]) : [];
  const call = f === 'write' ? `${name} = ${show(asked)}` : f === 'cas' ? `${name} ${show(from)} → ${show(to)}` : name;
  const end = (returnNs / 1e9).toFixed(3);
  const isNo = error === 'mismatch';
  return [
    type === 'ok' && f === 'read' ? `${call} → ${show(answer)}` : call,
    `client ${process % clients}`,
    `· ${(callNs / 1e9).toFixed(3)}`,
    ...(type === 'ok' || type === 'fail' ? [`– ${end} s`] : ['no answer']),
    ...(isNo ? ['answered no'] : type === 'fail' ? [`refused: ${error}`] : []),
  ];
}

/** To a tenth of a px; a bar may be wider than it lasted, so that it can be pointed at. */
function isInPlace({ x, width, fromNs, toNs }: Drawn, { callNs, returnNs }: Recorded): boolean {
  const place = (timeNs: number): number =>
    LEFT + ((Math.min(toNs, Math.max(fromNs, timeNs)) - fromNs) / (toNs - fromNs)) * (RIGHT - LEFT);
  const ended = Number.isFinite(returnNs) ? returnNs : null;
  const wanted = ended === null ? width : place(ended) - place(callNs);
  return Math.abs(place(callNs) - x) < 0.11 && Math.abs(width - wanted) < (width <= 9 ? 9 : 0.21);
}

async function countsAgree(page: Page, run: string): Promise<readonly string[]> {
  const { total, ok, fail, mismatch, unknown } = countsIn(run);
  const text = await factOf(page, 'Operations');
  const numbers = (text.match(/\d[\d,]*/g) ?? []).map((number) => Number(number.replaceAll(',', '')));
  const wanted = [total, ok, fail, mismatch, unknown];
  return wanted.every((number, nth) => numbers[nth] === number)
    ? []
    : [`facts say ${text}, history ${wanted.join(' ')}`];
}

/** The text beside a fact's name. */
export async function factOf(page: Page, name: string): Promise<string> {
  return page.locator(`.facts dt:text-is("${name}") + dd`).innerText();
}

/** The table, the gutter and the lanes, at the time line. */
async function nodesAgree(page: Page, run: string): Promise<readonly string[]> {
  const views = await page.$$eval('.view', (all) =>
    all.map((view) => {
      const picture = view.querySelector<SVGSVGElement>('svg.picture')!;
      const gutter = [...picture.querySelectorAll<SVGElement>('.at')].map((at) => ({
        node: at.dataset['node']!,
        term: Number(at.dataset['term']),
        commit: Number(at.dataset['commit']),
        words: at.textContent,
      }));
      return { atNs: Number(picture.dataset['atNs']), gutter };
    }),
  );
  const tables = await page.$$eval('table.nodes', (all) =>
    all.map((table) =>
      [...table.querySelectorAll<HTMLTableRowElement>('tbody tr')].map((row) =>
        [...row.cells].map((cell) => cell.textContent.trim()),
      ),
    ),
  );
  if (tables.length !== views.length) return [`${tables.length} tables of nodes for ${views.length} pictures`];
  return views.flatMap(({ atNs, gutter }, nth) => {
    const stood = stoodAt(run, atNs);
    if (gutter.length !== stood.size) return [`${gutter.length} of ${stood.size} nodes in the gutter`];
    return gutter.flatMap(({ node, term, commit, words }, at) => {
      const own = stood.get(node)!;
      const [name, role, rowTerm, rowCommit, rowEnd, , rowHeard] = tables[nth]![at]!;
      const end = rowEnd!.replaceAll(',', '').replace(/\s+/g, ' ');
      const said = [name, Number(rowTerm), Number(rowCommit!.replaceAll(',', '')), end, term, commit];
      const wanted = [node, own.term, own.commit, own.end, own.term, own.commit];
      const silentMs = Number(/^(\d+(?:\.\d+)?) ms$/.exec(rowHeard ?? '')?.[1] ?? Number.NaN);
      const told = own.heardNs === -Infinity || role!.startsWith('leader') || role === 'not running';
      return [
        ...(told || silentMs <= (atNs - own.heardNs) / 1e6 + 1 ? [] : [`${node} at ${atNs}: heard ${rowHeard}`]),
        ...(role!.startsWith('leader') && rowHeard !== 'itself' ? [`${node} leads, and heard ${rowHeard}`] : []),
        ...(said.join() === wanted.join() ? [] : [`${node} at ${atNs}: said ${said.join()}, was ${wanted.join()}`]),
        ...(role!.startsWith(own.role) || role === 'not running' ? [] : [`${node} is no ${role}, but ${own.role}`]),
        ...(words.includes(`commit ${own.commit}`) ? [] : [`${node}: gutter says ${words}`]),
      ];
    });
  });
}

/** `88 of 916 operations in this window`: what is drawn and what there is. */
async function captionAgrees(page: Page, run: string): Promise<readonly string[]> {
  const recorded = [...recordedIn(run).values()];
  const views = await page.$$eval('.view', (all) =>
    all.map((view) => {
      const { fromNs, toNs, key } = view.querySelector<SVGSVGElement>('svg.picture')!.dataset;
      const own = view.querySelectorAll('svg.picture a.op').length;
      const others = view.querySelectorAll('svg.picture .others a.op').length;
      const caption = view.querySelector('.tlhead p')!.textContent.replace(/\s+/g, ' ');
      return { fromNs: Number(fromNs), toNs: Number(toNs), key, drawn: own - others, others, caption };
    }),
  );
  return views.flatMap(({ fromNs, toNs, key, drawn, others, caption }) => {
    const there = recorded.filter(
      ({ callNs, returnNs, type }) => callNs <= toNs && (returnNs >= fromNs || type === 'info' || type === 'open'),
    );
    // Of one without an answer nobody knows here until when its client waited.
    const own = there.filter((it) => it.key === key);
    const sure = own.filter(({ returnNs, callNs }) => Number.isFinite(returnNs) || callNs >= fromNs);
    const numbers = (caption.match(/\d[\d,]*/g) ?? []).map((number) => Number(number.replaceAll(',', '')));
    const total = caption.includes(`${drawn.toLocaleString('en')} of `) ? numbers[1]! : numbers[0]!;
    return [
      ...(numbers[0] === drawn ? [] : [`${drawn} are drawn, "${caption}"`]),
      ...(total >= sure.length && total <= own.length
        ? []
        : [`${sure.length} to ${own.length} are there, "${caption}"`]),
      ...(others === 0 || caption.includes(`${others}`) ? [] : [`${others} of other keys are drawn, "${caption}"`]),
    ];
  });
}
