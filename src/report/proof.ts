/** The shortest history that still fails, in words: the proof that a reader can follow without trusting the tool. */
import type { Anomaly, History } from '../../checker/index.ts';
import { html, type Markup } from './escape.ts';
import { clientOf, count, describeOperation, interval, plural, showValue } from './format.ts';

export interface ProofInput {
  readonly anomaly: Anomaly;
  readonly history: History;
  readonly anchor: (id: number) => string;
  /** Operations of the picture above: those that are not in it are anchored here. */
  readonly drawn: ReadonlySet<number>;
}

export function proof(input: ProofInput): Markup {
  const { anomaly, history } = input;
  const key = anomaly.minimal[0]?.operation.input.key;
  const ofKey = history.operations.filter((operation) => operation.input.key === key).length;
  const on = key === undefined ? '' : ` on ${key}`;
  return html`<h2>The shortest history that still fails</h2>
    <p class="lede">
      ${count(anomaly.minimal.length)} of the ${plural(ofKey, 'operation')}${on}. No order of them respects real time
      and the answers that were given.
    </p>
    <ol class="proof">
      ${anomaly.minimal.map((_, at) => step(input, at))}
    </ol>
    <p class="concl">${conclusion(anomaly)}</p>`;
}

function step({ anomaly, history, anchor, drawn }: ProofInput, at: number): Markup {
  const { operation, as, why, pinned, optional, untried } = anomaly.minimal[at]!;
  const bad = operation.id === anomaly.operation;
  const { entryNode, node } = operation;
  const where = entryNode === undefined ? '' : ` → ${entryNode}`;
  const answered = node === undefined || node === entryNode ? '' : `, answered by ${node}`;
  // With these operations alone the newer value is the only one left.
  const must = bad && anomaly.newer !== undefined ? `must return ${showValue(anomaly.newer.value)}` : '';
  return html`<li
    class="step${bad ? ' bad' : ''}"
    ${drawn.has(operation.id) ? null : html` id="${anchor(operation.id)}"`}
  >
    <span class="n" aria-hidden="true">${bad ? '✕' : at + 1}</span
    ><span class="o"
      ><a class="mono" href="#${anchor(operation.id)}">${describeOperation(operation, as)}</a>
      <span class="who">client ${clientOf(operation.process, history.clients)}${where}${answered}</span></span
    ><span class="s">${must}</span
    ><span class="why"
      ><span class="num">${interval(operation)}.</span>
      ${why}${pinned && optional !== true && untried !== true ? html` <span class="mut">Kept because the others need it.</span>` : null}${as === undefined ? null : html` <span class="mut">Recorded as ${describeOperation(operation)}; only its effect is needed.</span>`}</span
    >
  </li> `;
}

function conclusion({ minimal }: Anomaly): string {
  const numbers = minimal.flatMap(({ pinned }, at) => (pinned ? [] : [String(at + 1)]));
  const untried = minimal.filter((member) => member.untried === true).length;
  if (untried > 0)
    return `The effort for shrinking it was spent: nobody tried to leave out ${untried} of these operations.`;
  if (numbers.length === 0) return 'Every operation here is needed by another one.';
  if (numbers.length === 1) return `Take away operation ${numbers[0]}, and what remains is linearizable.`;
  return `Take away operation ${numbers.slice(0, -1).join(', ')} or ${numbers.at(-1)}, and what remains is linearizable.`;
}
