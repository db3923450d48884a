import type { Position } from '../contract/position';
import { distance, type LatLon } from '../geo/distance';

/**
 * What statistics see of a point. Whole numbers throughout: their sums are the same in whatever order they are added,
 * so statistics that were kept step by step equal those computed afresh, to the last digit.
 */
export interface Sample {
  /** Epoch ms. */
  time: number;
  /** 1e-7 degrees, as positions are kept. */
  lat: number;
  lon: number;
}

const SECOND_MS = 1_000;

/** Of the points of a second the first counts: between closer ones a receiver's noise is faster than its movement. */
export function toSamples(points: readonly Position[]): Sample[] {
  const bySecond = new Map<number, Sample>();
  for (const { time, lat, lon } of points) {
    const second = Math.floor(time / SECOND_MS);
    const known = bySecond.get(second);
    if (known && known.time <= time) continue;
    bySecond.set(second, { time, lat: Math.round(lat * 1e7), lon: Math.round(lon * 1e7) });
  }
  return [...bySecond.values()].sort((a, b) => a.time - b.time);
}

const degrees = ({ lat, lon }: Sample): LatLon => ({ lat: lat / 1e7, lon: lon / 1e7 });

/** From one sample to the next. */
export interface Step {
  /** Millimetres. */
  length: number;
  /** ms; of different seconds, so never 0. */
  duration: number;
  /** mm/s. */
  speed: number;
}

export function stepBetween(a: Sample, b: Sample): Step {
  const length = Math.round(distance(degrees(a), degrees(b)) * 1_000);
  const duration = b.time - a.time;
  return { length, duration, speed: Math.round((length * 1_000) / duration) };
}

/** Away and back faster than this (mm/s), and so far (mm), is no movement: trains come close to neither by turning. */
const SPIKE_SPEED = 40_000;
const SPIKE_LENGTH = 50_000;
/** How much longer the ways there and back are than the direct one, at the least. */
const SPIKE_DETOUR = 3;

/** Samples that stray together at most, and so how many neighbours on either side judge a sample. */
export const REACH = 4;

const strays = ({ speed, length }: Step): boolean => speed >= SPIKE_SPEED && length >= SPIKE_LENGTH;

/** @returns whether samples `from` to `to` jump away from those before and after them, which lie close together */
function isExcursion(list: readonly Sample[], from: number, to: number): boolean {
  const [before, first, last, after] = [list[from - 1], list[from], list[to], list[to + 1]];
  if (!before || !first || !last || !after) return false;
  const away = stepBetween(before, first);
  if (!strays(away)) return false;
  const back = stepBetween(last, after);
  if (!strays(back)) return false;
  return away.length + back.length > SPIKE_DETOUR * stepBetween(before, after).length;
}

/**
 * @returns whether a sample strays, alone or with neighbours. Taxis of Porto have some fifty jumps to kilometres away and
 * back among 46,000 samples (`data/porto`), most of them of two samples and none of more than four.
 */
export function isSpike(list: readonly Sample[], index: number): boolean {
  for (let from = index - REACH + 1; from <= index; from += 1) {
    for (let to = index; to < from + REACH; to += 1) if (isExcursion(list, from, to)) return true;
  }
  return false;
}
