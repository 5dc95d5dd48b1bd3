/** A small plan, told as what happened: who led, who was hit, who asked and who answered, in the order in which it happened. */
import type { FaultLine, HistoryLine, Probe } from '../contract/index.ts';
import type { Played } from './play.ts';

/** One line an event, each with its time. */
export function storyOf({
  history,
  faults,
  probes,
  plan,
}: Pick<Played, 'history' | 'faults' | 'probes' | 'plan'>): readonly string[] {
  const told = [
    ...probes.flatMap((probe) => at(probe.time, tellProbe(probe))),
    ...faults.flatMap((line) => at(line.time, tellFault(line))),
    ...history.flatMap((line) => at(line.time, tellLine(line, plan.clients))),
  ];
  return told
    .toSorted((a, b) => a.time - b.time)
    .map(({ time, words }) => `${(time / 1e9).toFixed(3).padStart(8)} s  ${words}`);
}

function at(time: number, words: string | null): readonly { readonly time: number; readonly words: string }[] {
  return words === null ? [] : [{ time, words }];
}

function tellProbe(probe: Probe): string | null {
  return probe.kind === 'role' && probe.role === 'leader' ? `${probe.node} leads in term ${probe.term}` : null;
}

function tellFault(line: FaultLine): string | null {
  switch (line.event) {
    case 'inject':
      return line.about;
    case 'heal':
      return `(${line.id}) healed: ${line.evidence}`;
    case 'skip':
      return null;
  }
}

function tellLine(line: HistoryLine, clients: number): string | null {
  const who = `client ${line.process % clients}`;
  const what = `${line.f} ${line.key ?? ''}`.trim();
  const value = line.value === null ? '' : ` ${JSON.stringify(line.value)}`;
  switch (line.type) {
    case 'invoke':
      return `${who} asks ${line.node ?? 'somebody'}: ${what}${value}`;
    case 'ok':
      return `${who} is answered${line.node === undefined ? '' : ` by ${line.node}`}: ${what} = ${JSON.stringify(line.value)}`;
    case 'fail':
      return `${who} is told no${line.node === undefined ? '' : ` by ${line.node}`}: ${what}${value} (${line.error ?? ''})`;
    case 'info':
      return `${who} never learns what became of ${what}${value} (${line.error ?? ''})`;
  }
}
