/** What stands right of the lanes, at any instant: from the page's own record of where each node stood (src/report/moments.ts). */
import { commitWords, standing } from '../report/gutter.ts';
import type { Moments, NodeMoments } from '../report/moments.ts';
import { LEFT } from '../report/scale.ts';
import { decodeSteps, type Step } from '../report/steps.ts';
import { all } from './dom.ts';
import type { View } from './view.ts';

export interface Gutter {
  /** @param x where the instant is drawn in true time */
  readonly show: (timeNs: number, x: number) => void;
}

interface Row {
  readonly lines: readonly Element[];
  readonly mark: string;
  readonly commits: readonly Step[];
  readonly values: readonly Step[];
  readonly roles: NodeMoments['role'];
}

/** The bad read's own instant is written as the page had it: it is exact there, elsewhere to a tenth of a px. */
export function gutterOf(view: View): Gutter {
  const texts = all<Element>('.at text, .must .says', view.picture);
  const written = texts.map((text) => text.textContent);
  const moments = JSON.parse(view.root.querySelector<HTMLTemplateElement>('.moments')!.content.textContent) as Moments;
  const key = view.picture.dataset['key'];
  const says = view.picture.querySelector('.must .says');
  const rows = moments.nodes.flatMap((node) => rowOf(view, node) ?? []);
  return {
    show: (timeNs, x) => {
      if (timeNs === view.atNs) {
        texts.forEach((text, nth) => (text.textContent = written[nth]!));
        return;
      }
      const at = (x - LEFT) * 10;
      if (says !== null) says.textContent = wordsAt(moments.must, at) ?? '';
      const commits = rows.map(({ commits: steps }) => lastAt(steps, at)?.value ?? 0);
      const most = Math.max(...commits);
      rows.forEach(({ lines, mark, values, roles }, nth) => {
        const value = moments.values[lastAt(values, at)?.value ?? -1] ?? '';
        const role = wordsAt(roles, at);
        lines[0]!.textContent = role === undefined ? '' : commitWords(commits[nth]!, key, value);
        lines[1]!.textContent = role === undefined ? '' : mark + standing({ behind: most - commits[nth]!, role });
      });
    },
  };
}

function rowOf({ picture }: View, { node, commit, value, role }: NodeMoments): Row | null {
  const at = all<Element>('.at', picture).find((one) => (one as SVGElement).dataset['node'] === node);
  if (at === undefined) return null;
  const lines = all<Element>('text', at);
  const stepsFrom = ([start, steps]: readonly [number, string]): readonly Step[] => [
    { at: 0, value: start },
    ...decodeSteps(start, steps),
  ];
  const mark = lines[1]!.textContent.startsWith('▲') ? '▲ ' : '';
  return { lines, mark, commits: stepsFrom(commit), values: stepsFrom(value), roles: role };
}

function lastAt(steps: readonly Step[], at: number): Step | undefined {
  return steps.findLast((step) => step.at <= at);
}

function wordsAt(changes: NodeMoments['role'], at: number): string | undefined {
  return changes.findLast(([since]) => since <= at)?.[1];
}
