/** Puts a probe in its place and time. */
import type { Nanos } from '../base/time.ts';
import type { Probe, ProbeBody } from '../contract/probe.ts';

/** The probe, with the fields in the order in which they stand in files. Those that are many are written out, which is several times as quick as a copy. */
export function stamped(body: ProbeBody, time: Nanos, node: string): Probe {
  switch (body.kind) {
    case 'append':
      return { time, node, kind: 'append', index: body.index, entryTerm: body.entryTerm, chain: body.chain };
    case 'commit':
      return { time, node, kind: 'commit', index: body.index, term: body.term };
    case 'apply':
      return { time, node, kind: 'apply', index: body.index, key: body.key, value: body.value };
    case 'answer':
      return { time, node, kind: 'answer', index: body.index, entryTerm: body.entryTerm };
    case 'match': {
      const { kind, term, follower, matchIndex, nextIndex } = body;
      return { time, node, kind, term, follower, matchIndex, nextIndex };
    }
    case 'configuration':
    case 'heard':
    case 'invariant':
    case 'role':
    case 'snapshot':
    case 'start':
    case 'state':
    case 'vote':
      return { time, node, ...body };
  }
}
