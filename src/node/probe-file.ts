/**
 * Where a node writes what it believes: nodes/<n>/probes.jsonl, one probe a line. The lines of one turn leave in one write,
 * without any buffer of ours, before anything else of that turn can be seen outside: a probe survives SIGKILL.
 */
import { fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { Nanos } from '../base/time.ts';
import type { Probe, ProbeBody } from '../contract/probe.ts';
import { stamped } from '../replica/stamped.ts';
import type { Observer } from '../replica/ports.ts';

export interface ProbeFileOptions {
  readonly path: string;
  readonly node: string;
  readonly nowNs: () => Nanos;
  readonly atTurnEnd: (work: () => void) => void;
  /** Hears every probe at once. */
  readonly onProbe: (probe: Probe) => void;
}

const BLOCK_BYTES = 65_536;

export class ProbeFile implements Observer {
  readonly #options: ProbeFileOptions;
  readonly #fd: number;
  #lines = '';

  constructor(options: ProbeFileOptions) {
    this.#options = options;
    this.#fd = openSync(options.path, 'a+');
    dropTornLine(this.#fd);
  }

  probe(body: ProbeBody): void {
    if (body.kind === 'match' || body.kind === 'answer') return;
    const { node, nowNs, atTurnEnd, onProbe } = this.#options;
    const probe = stamped(body, nowNs(), node);
    if (this.#lines === '') atTurnEnd(() => this.flush());
    this.#lines += `${JSON.stringify(probe)}\n`;
    onProbe(probe);
  }

  /** Writes what was gathered; also called when the process ends by itself. */
  flush(): void {
    let bytes: Uint8Array = Buffer.from(this.#lines);
    this.#lines = '';
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(this.#fd, bytes));
  }
}

/**
 * A kill in the middle of a write leaves half a line; nobody could read what the next life writes behind it. Looked for
 * from the end: a long life leaves gigabytes, and no restart may wait for them.
 */
function dropTornLine(fd: number): void {
  const { size } = fstatSync(fd);
  const whole = endOfLines(fd, size);
  if (whole < size) ftruncateSync(fd, whole);
}

/** Behind the last line feed before `end`. */
function endOfLines(fd: number, end: number): number {
  const from = Math.max(0, end - BLOCK_BYTES);
  const block = Buffer.alloc(end - from);
  readSync(fd, block, 0, block.length, from);
  const at = block.lastIndexOf('\n');
  if (at >= 0) return from + at + 1;
  return from === 0 ? 0 : endOfLines(fd, from);
}
