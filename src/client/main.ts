/**
 * The browser's part of a run's page: the explorer, which is opened by its button, by dragging the overview's frame, or by a link
 * to an operation that no picture above has. Nothing depends on it: without scripts the page still tells what went wrong.
 */
import { sayEvents } from '../report/format.ts';
import { control } from './explorer/controls.ts';
import { Explorer } from './explorer/explorer.ts';
import { loadRun } from './explorer/load.ts';
import { overviewFrame, storyFrame } from './explorer/overview-frame.ts';

document.documentElement.classList.add('scripted');
if (document.querySelector('[data-events]') !== null) sayEvents();
const root = document.getElementById('explorer');
if (root !== null) offer(root);

function offer(place: HTMLElement): void {
  const button = place.querySelector<HTMLButtonElement>('[data-open]')!;
  const overview = document.querySelector<SVGSVGElement>('.whole svg[data-end-ns]')!;
  let opening: Promise<Explorer> | null = null;
  const frame = overviewFrame(overview, (fromNs, toNs) => use((explorer) => explorer.showTimes(fromNs, toNs)));
  function use(act: (explorer: Explorer) => void): void {
    opening ??= open(place, button, (times) => frame.follow(times));
    opening.then(act, (error: unknown) => {
      button.insertAdjacentText('afterend', ` This browser cannot show them: ${String(error)}.`);
    });
  }
  button.addEventListener('click', () => use(() => place.querySelector<HTMLElement>('.exview')!.focus()));
  const arrive = (): void => {
    const untold = untoldOperation();
    if (untold !== null) return show(untold);
    const id = /^#op-(\d+)$/.exec(location.hash)?.[1];
    if (id === undefined) {
      if (opening !== null && location.hash !== '') use(showStory);
    } else if (document.getElementById(`op-${id}`) === null) use((explorer) => goTo(place, explorer, Number(id)));
  };
  const show = (id: string): void => {
    if (document.getElementById(`op-${id}`) === null) use((explorer) => goTo(place, explorer, Number(id)));
    else location.hash = `#op-${id}`;
  };
  addEventListener('hashchange', arrive);
  arrive();
}

/** Of `#a17`, an anomaly that has a row in the list and no story of its own: its operation. */
function untoldOperation(): string | null {
  if (!/^#a\d+$/.test(location.hash)) return null;
  return document.getElementById(location.hash.slice(1))?.dataset['op'] ?? null;
}

async function open(
  place: HTMLElement,
  button: HTMLButtonElement,
  moved: (times: readonly [number, number]) => void,
): Promise<Explorer> {
  performance.mark('explorer-asked');
  const run = await loadRun(document.querySelector<HTMLTemplateElement>('#operations')!);
  button.hidden = true;
  button.setAttribute('aria-expanded', 'true');
  place.closest('section')?.classList.add('exploring');
  place.querySelector<HTMLElement>('.ex')!.hidden = false;
  const explorer: Explorer = new Explorer(place, run, () => moved(explorer.times));
  control(place, explorer);
  showStory(explorer);
  performance.measure('explorer-open', 'explorer-asked');
  return explorer;
}

/** What the picture above shows. */
function showStory(explorer: Explorer): void {
  const shown = storyFrame();
  if (shown !== null) explorer.showTimes(shown.fromNs, shown.toNs);
}

function goTo(place: HTMLElement, explorer: Explorer, id: number): void {
  if (!explorer.find(id))
    place.querySelector('.ex-said')!.textContent = `Operation ${id} is not on this page; history.jsonl has every one.`;
  place.scrollIntoView({ block: 'center' });
}
