/** `--endpoints` and `--fault-cmd`: where a cluster is that runs already, and by which commands it is hurt. */
import { StalemateError } from '../base/errors.ts';
import { PLACEHOLDERS, placeholdersIn, type CommandedKind, type FaultCommand } from '../cluster/fault-commands.ts';
import type { Endpoint } from '../contract/index.ts';

const KINDS = Object.keys(PLACEHOLDERS) as readonly CommandedKind[];
const EXAMPLE = "--fault-cmd pause='docker pause {node}' heal='docker unpause {node}'";

/** `host:port,…`: the first is n1. Throws a usage error. */
export function endpointsOf(text: string): readonly Endpoint[] {
  const endpoints = text.split(',').map((word) => {
    const [, host, port] = /^(\[[0-9a-fA-F:]+\]|[\w.-]+):(\d{1,5})$/.exec(word.trim()) ?? [];
    if (host !== undefined && Number(port) >= 1 && Number(port) <= 65_535) return { host, port: Number(port) };
    throw new StalemateError('usage', `--endpoints ${word}: no host:port`, '--endpoints 10.0.0.1:2379,10.0.0.2:2379');
  });
  const names = endpoints.map(({ host, port }) => `${host}:${port}`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return endpoints;
  throw new StalemateError('usage', `--endpoints: ${twice} stands twice`, 'one for each node');
}

/** `pause=…` with `heal=…` behind it, and so on. Throws a usage error. */
export function faultCommandsOf(words: readonly string[]): readonly FaultCommand[] {
  const parts = words.map(partOf);
  const commands: FaultCommand[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    const { name, command: harm } = parts[at]!;
    const cure = parts[at + 1];
    const kind = KINDS.find((it) => it === name);
    if (kind === undefined) throw refusal(`${name}=: no such fault`, `one of ${KINDS.join(', ')}, and heal behind it`);
    if (cure?.name !== 'heal') throw refusal(`${name}= has no heal= behind it`, EXAMPLE);
    if (commands.some((it) => it.kind === kind)) throw refusal(`${name}= stands twice`, 'one for each kind');
    for (const command of [harm, cure.command]) requireKnown(kind, command);
    commands.push({ kind, harm, heal: cure.command });
  }
  return commands;
}

function partOf(word: string): { readonly name: string; readonly command: string } {
  const [, name, command] = /^(\w+)=([\s\S]*\S[\s\S]*)$/.exec(word) ?? [];
  if (name === undefined || command === undefined) throw refusal(`${word}: no name=command`, EXAMPLE);
  return { name, command };
}

/** A command that names nobody would hurt the same one each time, or everybody. */
function requireKnown(kind: CommandedKind, command: string): void {
  const known = PLACEHOLDERS[kind];
  const found = placeholdersIn(command);
  const odd = found.find((name) => !known.includes(name));
  if (odd !== undefined) throw refusal(`${kind}= has no {${odd}}`, known.map((name) => `{${name}}`).join(', '));
  if (found.length === 0)
    throw refusal(`${kind}: "${command}" names nobody`, known.map((name) => `{${name}}`).join(', '));
}

function refusal(what: string, hint: string): StalemateError {
  return new StalemateError('usage', `--fault-cmd ${what}`, hint);
}
