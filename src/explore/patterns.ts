/**
 * Faults that belong together. Drawn one by one, faults rarely meet: most bugs of a consensus protocol take two or three in a row, the
 * next one when the cluster has answered the one before. So some of all schedules draw a pattern of them, bound to events (the way in
 * which test suites of real clusters hunt leaders); how long each lasts and how it is done is left to chance.
 */
import type { Random } from '../base/random.ts';
import type { FaultKind, FaultStep, FaultTarget, MemberChange, ResumeOrder, Trigger } from '../contract/index.ts';

/** A step, but for what is the same in all of them. */
export type PatternStep = Pick<FaultStep, 'kind' | 'target' | 'when' | 'atMs' | 'forMs'> &
  Partial<Pick<FaultStep, 'heal' | 'maxMs' | 'resume' | 'delayMs' | 'change'>>;

/** The faults of one pattern; none where it takes a kind that may not be drawn. */
export function drawPattern(
  draw: Random,
  { kinds, reads }: { readonly kinds: ReadonlySet<FaultKind>; readonly reads: string },
): readonly PatternStep[] {
  const steps = draw.pick(reads === 'lease' ? LEASE_PATTERNS : PATTERNS)(draw);
  return steps.every(({ kind }) => kinds.has(kind)) ? steps : [];
}

type Pattern = (draw: Random) => readonly PatternStep[];

const PATTERNS: readonly Pattern[] = [
  huntLeaders,
  huntLeaders,
  cutOffAndGone,
  cutOffAndGone,
  takeVoter,
  darken,
  slowAndCutOff,
  wakeLate,
  wakeLate,
  changeMembers,
];

/** What a lease rests on is that its leader is not followed by another one too soon. */
const LEASE_PATTERNS: readonly Pattern[] = [huntLeaders, slowAndCutOff, handOver, handOver, wakeLate, wakeLate];

/** A leader is known. */
function leads(term: number): Trigger {
  return { kind: 'leader', term };
}

function done(id: number): Trigger {
  return { kind: 'fault', id, event: 'inject' };
}

function undone(id: number): Trigger {
  return { kind: 'fault', id, event: 'heal' };
}

/** Each leader is hit soon after it was elected. */
function huntLeaders(draw: Random): readonly PatternStep[] {
  return Array.from({ length: draw.between(2, 4) }, (_, nth) => ({
    ...hit(draw, 'leader'),
    when: nth === 0 ? leads(1) : done(nth - 1),
    atMs: nth === 0 ? draw.pick([50, 100, 200]) : draw.pick([0, 0, 60, 200]),
  }));
}

/** A leader is cut off, and its successor is gone when it comes back, or soon after. */
function cutOffAndGone(draw: Random): readonly PatternStep[] {
  const forMs = draw.pick([180, 300, 450]);
  const steps: readonly PatternStep[] = [
    {
      kind: 'partition',
      target: draw.pick<FaultTarget>(['leader', 'leader', 'minority', 'follower']),
      when: leads(1),
      atMs: 100,
      forMs,
    },
    { ...hit(draw, 'leader'), when: draw.chance(0.5) ? done(0) : undone(0), atMs: draw.pick([20, 80, 170, 250]) },
    { ...hit(draw, 'leader'), when: undone(0), atMs: draw.pick([200, 400]) },
  ];
  return steps.slice(0, draw.pick([2, 3]));
}

/** One of those who voted goes down the moment that a leader is elected, and that leader is cut off. */
function takeVoter(draw: Random): readonly PatternStep[] {
  return [
    { ...gone(draw, 'leader'), when: leads(1), atMs: 100, forMs: 150 },
    { kind: 'partition', target: 'leader', when: leads(2), atMs: 0, forMs: 400 },
    { kind: draw.pick(['kill', 'power-loss', 'power-loss']), target: 'follower', when: leads(2), atMs: 0, forMs: 5 },
  ];
}

/** The power of all fails, again and again, at times while some disk or link is slow. */
function darken(draw: Random): readonly PatternStep[] {
  const slow: PatternStep = { ...hurdle(draw), when: leads(1), atMs: 50 };
  const dark = [1, 2, 3].map((term): PatternStep => ({
    kind: 'power-loss',
    target: draw.pick(['all', 'all', 'majority']),
    when: leads(term),
    atMs: draw.pick([50, 150]),
    forMs: 5,
    delayMs: draw.pick([0, 0, 20]),
  }));
  return draw.chance(0.5) ? [slow, ...dark] : dark;
}

/** A leader that hands the leadership over hears late, or not at all, that it did. */
function handOver(draw: Random): readonly PatternStep[] {
  const transfer: PatternStep = { kind: 'transfer', target: 'follower', when: leads(1), atMs: 200, forMs: 50 };
  return draw.chance(0.5)
    ? [slowLinks(draw), transfer]
    : [transfer, { ...cutOff(draw), when: leads(1), atMs: 200 + draw.pick([2, 5, 10, 30]) }];
}

/** A leader's links are slow before it is cut off, or when it comes back. */
function slowAndCutOff(draw: Random): readonly PatternStep[] {
  return draw.chance(0.5)
    ? [slowLinks(draw), { ...cutOff(draw), when: done(0), atMs: draw.pick([50, 200]) }]
    : [
        { ...cutOff(draw), when: leads(1), atMs: 100 },
        { ...slowLinks(draw), when: done(0), atMs: draw.pick([100, 200]) },
      ];
}

/**
 * A leader stops, hears nothing of its successor meanwhile, and reads what has come before when it wakes. Who is cut off is not taken for
 * the leader any more, so that the pause would hit its successor: links that take longer than the pause come to the same. Or it is cut off
 * when it wakes.
 */
function wakeLate(draw: Random): readonly PatternStep[] {
  const resume = draw.pick<ResumeOrder>(['input-first', 'input-first', 'timers-first']);
  const pause = { kind: 'pause', target: 'leader', when: leads(1), atMs: 200, resume } as const;
  if (draw.chance(0.3)) {
    return [
      { ...pause, forMs: draw.pick([50, 110, 200]) },
      { ...cutOff(draw), when: undone(0), atMs: 0 },
    ];
  }
  const links = draw.chance(0.5)
    ? { atMs: 50, delayMs: draw.pick([40, 80]) }
    : { atMs: draw.pick([190, 200]), delayMs: 1000 };
  return [
    { ...slowLinks(draw), ...links },
    { ...pause, ...(draw.chance(0.5) ? staleWindow(200) : { forMs: draw.pick([200, 250, 300, 400]) }) },
  ];
}

/** The members change while some of them do not hear each other. */
function changeMembers(draw: Random): readonly PatternStep[] {
  const change = (): PatternStep => ({
    kind: 'membership',
    target: draw.pick(['leader', 'follower']),
    change: draw.pick<MemberChange>(['add', 'remove', 'replace']),
    when: leads(1),
    atMs: draw.pick([50, 100]),
    forMs: draw.pick([50, 400]),
  });
  return [
    change(),
    {
      kind: 'partition',
      target: draw.pick(['leader', 'halves', 'minority']),
      when: leads(1),
      atMs: draw.pick([50, 55, 110]),
      forMs: draw.pick([200, 400]),
    },
    change(),
  ];
}

/** A leader is cut off until it could be seen to be stale, or for a time. */
function cutOff(draw: Random): Omit<PatternStep, 'when' | 'atMs'> {
  return { kind: 'partition', target: 'leader', ...staleWindow(draw.pick([200, 400])) };
}

/** The links of whoever leads first. */
function slowLinks(draw: Random): PatternStep {
  const delayMs = draw.pick([20, 40, 100, 200]);
  return { kind: 'slow-link', target: 'leader', when: leads(1), atMs: 50, forMs: 1100, delayMs };
}

function staleWindow(forMs: number): Pick<FaultStep, 'forMs' | 'heal' | 'maxMs'> {
  return { forMs, heal: 'stale-window', maxMs: 900 };
}

/** Cut off, or gone. */
function hit(draw: Random, target: FaultTarget): Omit<PatternStep, 'when' | 'atMs'> {
  return draw.chance(0.4)
    ? { kind: 'partition', target, forMs: draw.pick([50, 300, 500]) }
    : { ...gone(draw, target), forMs: draw.pick([1, 50, 300, 400]) };
}

function gone(draw: Random, target: FaultTarget): Omit<PatternStep, 'when' | 'atMs'> {
  const kind = draw.pick<FaultKind>(['kill', 'kill', 'power-loss', 'pause']);
  return { kind, target, forMs: 300, ...(kind === 'power-loss' && { delayMs: draw.pick([0, 10, 30]) }) };
}

/** Some node lags, or its disk does. */
function hurdle(draw: Random): Omit<PatternStep, 'when' | 'atMs'> {
  return draw.pick<Omit<PatternStep, 'when' | 'atMs'>>([
    { kind: 'slow-disk', target: 'leader', delayMs: 100, forMs: 1000 },
    { kind: 'slow-link', target: 'follower', delayMs: 50, forMs: 1000 },
    { kind: 'partition', target: 'follower', forMs: 90 },
  ]);
}
