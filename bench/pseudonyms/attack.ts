import { assign } from './assignment';
import { chance, type Report, type Trace } from './traces';

/** A way to change names. */
export interface Scheme {
  label: string;
  /** All vehicles at one moment, or each at a moment of its own. */
  together: boolean;
  /** The longest silence (ms); each side of a change takes between a sixth and a half of it, as in `quietOf`. */
  silenceMs: number;
}

/** What the attacker believes of driving. */
export interface Model {
  /** How much of its speed a vehicle keeps, 0–1. */
  keeps: number;
  /** How fast the error of a guess grows (m/s). */
  driftMps: number;
  /** Reports come on a strict clock, and their phase is known as well as frames tell it. */
  knowsPhase: boolean;
}

/** Where a name ends or begins: its report, and the speed it had (m/s). */
interface End {
  vehicle: string;
  report: Report;
  vx: number;
  vy: number;
}

export interface Tally {
  right: number;
  seenTwice: number;
  /** Names that ended, summed over the changes looked at, and those changes. */
  ended: number;
  changes: number;
}

const FASTEST_MPS = 35;
const ERROR_METRES = 15;
/** A client gets four frames a second. */
const PHASE_MS = 250;

const endOf = (vehicle: string, at: Report, other: Report | undefined): End => {
  const seconds = other ? (at.time - other.time) / 1_000 : 1;
  return {
    vehicle,
    report: at,
    vx: other ? (at.x - other.x) / seconds : 0,
    vy: other ? (at.y - other.y) / seconds : 0,
  };
};

/** What a viewer sees of a change of names at `moment`: names that end before it, and names that begin after it. */
function around(trace: Trace, moment: number, scheme: Scheme, reach: number) {
  const side = (which: string) => (scheme.silenceMs * (1 + 2 * chance(which, trace.id, moment))) / 6;
  const [from, to] = [moment - side('before'), moment + side('after')];
  const earlier = trace.reports.filter(({ time }) => time < from && time >= from - 2 * reach);
  const later = trace.reports.filter(({ time }) => time >= to && time < to + 2 * reach);
  const [last, first] = [earlier.at(-1), later[0]];
  return {
    ends: last && endOf(trace.id, last, earlier.at(-2)),
    begins: first && endOf(trace.id, first, later[1]),
  };
}

/**
 * How unlikely it is that two ends are of one vehicle: both are carried on to the middle of the silence, with what is
 * left of their speeds, and the distance there is held against the error of such a guess.
 */
function cost(old: End, fresh: End, { keeps, driftMps, knowsPhase }: Model, intervalMs: number): number {
  const ms = fresh.report.time - old.report.time;
  const seconds = ms / 1_000;
  if (ms <= 0) return Number.POSITIVE_INFINITY;
  if (knowsPhase && Math.abs(ms - Math.round(ms / intervalMs) * intervalMs) > PHASE_MS) return Number.POSITIVE_INFINITY;
  const apart = Math.hypot(fresh.report.x - old.report.x, fresh.report.y - old.report.y);
  if (apart > FASTEST_MPS * seconds + ERROR_METRES) return Number.POSITIVE_INFINITY;
  const half = (keeps * seconds) / 2;
  const dx = fresh.report.x - fresh.vx * half - (old.report.x + old.vx * half);
  const dy = fresh.report.y - fresh.vy * half - (old.report.y + old.vy * half);
  const sigma = ERROR_METRES + driftMps * seconds;
  return (dx * dx + dy * dy) / (sigma * sigma) + 4 * Math.log(sigma);
}

/** Links old names to new ones in the likeliest way, as many as can be. @returns the new one of each old one, or -1 */
function link(ends: readonly End[], begins: readonly End[], model: Model, intervalMs: number): Int32Array {
  const costs = ends.map((old) => Float64Array.from(begins, (fresh) => cost(old, fresh, model, intervalMs)));
  return assign(costs, begins.length, 10_000);
}

/** The moments at which a vehicle changes its name, between `from` and `to`. */
function momentsOf(trace: Trace, { together }: Scheme, at: readonly number[], periodMs: number): number[] {
  return together ? [...at] : at.map((moment) => moment + (chance('offset', trace.id) - 0.5) * periodMs);
}

/**
 * Attacks each of the changes alone, and counts: of the vehicles seen before and after, how many were linked right.
 * @param at moments, a period or more apart; with moments of their own, vehicles change within half a period of them
 */
export function attack(
  traces: readonly Trace[],
  scheme: Scheme,
  model: Model,
  at: readonly number[],
  periodMs: number,
  intervalMs: number,
): Tally {
  const tally: Tally = { right: 0, seenTwice: 0, ended: 0, changes: at.length };
  for (const [index] of at.entries()) {
    const seen = traces.map((trace) => {
      const moment = momentsOf(trace, scheme, at, periodMs)[index] ?? 0;
      return around(trace, moment, scheme, intervalMs);
    });
    const ends = seen.flatMap(({ ends: end }) => end ?? []);
    const begins = seen.flatMap(({ begins: begin }) => begin ?? []);
    const linked = link(ends, begins, model, intervalMs);
    const places = new Map(begins.map(({ vehicle }, place) => [vehicle, place]));
    tally.ended += ends.length;
    for (const [row, { vehicle }] of ends.entries()) {
      const truth = places.get(vehicle);
      if (truth === undefined) continue;
      tally.seenTwice += 1;
      if (linked[row] === truth) tally.right += 1;
    }
  }
  return tally;
}
