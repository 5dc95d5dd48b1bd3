/** What an operation is called on its bar, and everything that is known of it when it is pointed at. */
import type { Json } from '../../checker/index.ts';
import { describeCall, describeOperation, interval, milliseconds, shortValue, stretch } from './format.ts';
import type { Bar } from './scene.ts';

/** Beside or in its bar: `write 5`, `read 4`, `cas 4→5 no`. */
export function barLabel({ kind, input, operation }: Bar): string {
  const show = (value: Json): string => shortValue(value, 8);
  if (kind === 'refused') return 'refused';
  const answer = operation?.outcome.kind === 'ok' ? operation.outcome.output : undefined;
  if (answer !== undefined && (kind === 'read' || input.f === 'dequeue')) {
    return `${input.f} ${answer === null && input.f === 'dequeue' ? 'empty' : show(answer)}`;
  }
  const asked = describeCall(input.key === undefined ? input : { f: input.f, value: input.value }, show).replace(
    ' = ',
    ' ',
  );
  return kind === 'unknown' ? `${asked} ?` : kind === 'mismatch' ? `${asked} no` : asked.replace(' → ', '→');
}

/** Everything that is known of an operation, in words. */
export function barTitle(bar: Bar, isBad: boolean): string {
  const { operation, input, client, entryNode, note, fromNs, toNs } = bar;
  const where = entryNode === undefined ? '' : ` → ${entryNode}`;
  if (operation === null) {
    return `op ${bar.id}: ${describeCall(input)} · client ${client}${where} · ${stretch(fromNs, toNs)} · refused: ${note}`;
  }
  const { outcome, node, callNs } = operation;
  const took = outcome.kind === 'ok' ? ` (${milliseconds(outcome.returnNs - callNs)})` : `: ${note}`;
  const answered = node === undefined || node === entryNode ? '' : ` · answered by ${node}`;
  const wrong = isBad ? ' · fits in no order' : '';
  return `op ${bar.id}: ${describeOperation(operation)} · client ${client}${where} · ${interval(operation)}${took}${answered}${wrong}`;
}
