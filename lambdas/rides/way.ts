import { mergeOutlines, type Outline, outlineOf } from './outline';
import { type Sample, type Step, stepBetween } from './sample';

/** Slower than this (mm/s) is standing. */
const STANDING = 500;

/** So far (mm) is a way also where it took so long that it looks like standing: a gap, say. */
const DISPLACED = 50_000;

/** So long without a sample (ms) is a gap. */
const GAP_MS = 180_000;

/** A full turn in 1e-7 degrees. */
export const TURN = 3_600_000_000;

/**
 * The figures of samples that are no spikes, one after the other. Ways are put together in the order of time, however
 * they were split: a monoid, of which no way at all (undefined) is the neutral element.
 */
export interface Way {
  /** The first two samples and the last two, or the only one. What a neighbour adds depends on no others. */
  first: Sample[];
  last: Sample[];
  /** Millimetres; and those of them at more than a standstill. */
  distance: number;
  moved: number;
  /** ms at more than a standstill. */
  moving: number;
  /** The greatest speed that two steps in a row reached (mm/s): one bad sample alone makes none. */
  fastest: number;
  gaps: number;
  gapMs: number;
  /** 1e-7 degrees. Longitudes go on beyond ±180° from the first sample's, so that a way over the antimeridian is one. */
  box: { west: number; south: number; east: number; north: number; lastLon: number };
  outline: Outline;
}

export function wayOf(sample: Sample): Way {
  const { lat, lon } = sample;
  return {
    ...{ first: [sample], last: [sample], distance: 0, moved: 0, moving: 0, fastest: 0, gaps: 0, gapMs: 0 },
    box: { west: lon, south: lat, east: lon, north: lat, lastLon: lon },
    outline: outlineOf(sample),
  };
}

/** The short way round from one longitude to another, 1e-7 degrees. */
function turn(from: number, to: number): number {
  const difference = (to - from) % TURN;
  if (difference > TURN / 2) return difference - TURN;
  return difference < -TURN / 2 ? difference + TURN : difference;
}

function mergeBoxes(a: Way, b: Way, from: Sample, to: Sample): Way['box'] {
  const shift = a.box.lastLon + turn(from.lon, to.lon) - to.lon;
  return {
    west: Math.min(a.box.west, b.box.west + shift),
    south: Math.min(a.box.south, b.box.south),
    east: Math.max(a.box.east, b.box.east + shift),
    north: Math.max(a.box.north, b.box.north),
    lastLon: b.box.lastLon + shift,
  };
}

/** The speed of two steps in a row: the lesser one's. */
function sustained(step: Step, before: Sample | undefined, here: Sample): number {
  if (before === undefined) return 0;
  const other = before.time < here.time ? stepBetween(before, here) : stepBetween(here, before);
  return Math.min(step.speed, other.speed);
}

/** @returns the way over `a` and then `b` */
export function mergeWays(a: Way | undefined, b: Way | undefined): Way | undefined {
  const [from, to] = [a?.last.at(-1), b?.first[0]];
  if (a === undefined || from === undefined) return b;
  if (b === undefined || to === undefined) return a;
  const step = stepBetween(from, to);
  const moves = step.speed >= STANDING;
  const gap = step.duration > GAP_MS;
  return {
    first: [...a.first, ...b.first].slice(0, 2),
    last: [...a.last, ...b.last].slice(-2),
    distance: a.distance + b.distance + (moves || step.length >= DISPLACED ? step.length : 0),
    moved: a.moved + b.moved + (moves ? step.length : 0),
    moving: a.moving + b.moving + (moves ? step.duration : 0),
    fastest: Math.max(a.fastest, b.fastest, sustained(step, a.last.at(-2), from), sustained(step, b.first[1], to)),
    gaps: a.gaps + b.gaps + (gap ? 1 : 0),
    gapMs: a.gapMs + b.gapMs + (gap ? step.duration : 0),
    box: mergeBoxes(a, b, from, to),
    outline: mergeOutlines(a.outline, b.outline),
  };
}
