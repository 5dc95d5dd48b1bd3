/**
 * Plays many schedules and prints what they found: `npx tsx test/sim/soak.ts --schedules 2000 --seed x [--mutant M20] [--workload queue]
 * [--snapshots 5] [--members]`. For hand use, longer than a test may be. Exits 1 if the correct node did anything wrong; `--only SEED` plays one and tells all.
 */
import { parseArgs } from 'node:util';
import { keyed } from '../../src/base/random.ts';
import { historyText, judge } from './judge.ts';
import { play, type Played } from './play.ts';
import { drawMembers, drawSchedule, type Schedule } from './schedules.ts';

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '2000' },
    seed: { type: 'string', default: 'soak' },
    mutant: { type: 'string' },
    workload: { type: 'string', default: 'cas-register' },
    reads: { type: 'string' },
    only: { type: 'string' },
    snapshots: { type: 'string' },
    members: { type: 'boolean', default: false },
  },
});

const seeds =
  values.only === undefined
    ? Array.from({ length: Number(values.schedules) }, (_, i) => `${values.seed}-${i}`)
    : [values.only];
const findings = new Map<string, string[]>();
let answered = 0;
let recovered = 0;
let saved = 0;
let installed = 0;
let changes = 0;
let unrest = 0;
let checkMs = 0;
const began = performance.now();
for (const seed of seeds) {
  const schedule = scheduleOf(seed);
  const played = play(schedule);
  if (values.only !== undefined) console.log(JSON.stringify(schedule, null, 2));
  answered += played.lines.filter((line) => line.type === 'ok').length;
  if (played.recovered) recovered++;
  changes += played.changes;
  if (isUnrest(played, schedule)) unrest++;
  for (const probe of played.probes) {
    if (probe.kind !== 'snapshot') continue;
    if (probe.installed) installed++;
    else saved++;
  }
  for (const finding of [...findingsOf(played, schedule), ...judged(played), ...replayed(played, schedule)]) {
    const [name] = finding.split(':');
    const seen = findings.get(name!) ?? [];
    findings.set(name!, [...seen, `${seed}: ${finding}`]);
  }
}
const seconds = (performance.now() - began) / 1000;
console.log(
  `${seeds.length} schedules, ${answered} operations answered ok, ${recovered} recovered, ` +
    `${saved} snapshots saved, ${installed} installed, ${changes} changes of the members, ${unrest} never at rest, ` +
    `${seconds.toFixed(1)} s: ${(seeds.length / seconds).toFixed(0)} schedules/s, ${(answered / seconds).toFixed(0)} operations/s, ` +
    `of it ${(checkMs / 1000).toFixed(1)} s in the checker`,
);
for (const [name, seen] of findings) console.log(`${name}: ${seen.length}\n  ${seen.slice(0, 5).join('\n  ')}`);
process.exitCode = findings.size > 0 && values.mutant === undefined ? 1 : 0;

/**
 * As drawn; with `--snapshots N` one is taken every N entries and segments are small, whatever was drawn, and with `--members` every
 * schedule has changes of the members.
 */
function scheduleOf(seed: string): Schedule {
  const { mutant = null, workload, reads } = values;
  const members = values.members ? { members: drawMembers(keyed(seed, 'members')) } : {};
  const drawn = drawSchedule(seed, { mutant, workload, ...(reads === undefined ? {} : { reads }), ...members });
  if (values.snapshots === undefined) return drawn;
  return { ...drawn, snapshots: { ...drawn.snapshots, everyEntries: Number(values.snapshots) }, segmentBytes: 500 };
}

/**
 * Progress after the heal is promised, with one exception: a node that was removed and does not know it unseats leaders again and again
 * where nobody clings to them (thesis 4.2.3).
 */
function isUnrest({ recovered }: Played, { core, members }: Schedule): boolean {
  return !recovered && members.length > 0 && !core.checkQuorum;
}

function findingsOf(played: Played, schedule: Schedule): string[] {
  const { broken, failures, recovered } = played;
  return [
    ...broken.map((it) => `${it.name}: ${it.message}`),
    ...failures.map(
      (it) => `node failure: ${it.node} ${it.error instanceof Error ? it.error.stack : String(it.error)}`,
    ),
    ...(recovered || isUnrest(played, schedule) ? [] : ['no recovery: not every key was read after the heal']),
  ];
}

function judged({ lines }: Played): string[] {
  const from = performance.now();
  const verdict = judge(lines, values.workload);
  checkMs += performance.now() - from;
  if (verdict.kind === 'unknown') return ['undecided history: the budget ran out'];
  return verdict.anomalies.map((it) => `${it.class}: ${it.sentence}`);
}

/** A finding must come back, byte for byte; else it is the simulator, or the machine, that is wrong. */
function replayed(played: Played, schedule: Schedule): string[] {
  if (findingsOf(played, schedule).length === 0) return [];
  const again = play(schedule);
  const texts = [played, again].map((it) => historyText(it.lines) + JSON.stringify(it.probes));
  if (texts[0] === texts[1]) return [];
  const at = played.probes.findIndex((probe, i) => JSON.stringify(probe) !== JSON.stringify(again.probes[i]));
  return [
    `nondeterminism: probe ${at} was ${JSON.stringify(played.probes[at])}, is ${JSON.stringify(again.probes[at])}`,
  ];
}
