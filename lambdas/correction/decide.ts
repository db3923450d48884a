import type { Position } from '../contract/position';
import { MINUTE_MS } from '../contract/time';
import { markFrozen, markJumps, markLeaps, markStraying } from './flaws';
import { type Observation, type State, smooth } from './kalman';
import { ACCURACY_PER_SIGMA, findNoise, type Noise } from './noise';
import { findRest } from './rest';
import { type Plane, planeAt, type Sample, toSamples, typicalAccuracy } from './samples';

/** Minutes before and after that a minute is judged with. Nothing further away changes it. */
export const CONTEXT_MINUTES = 2;

/** A window of more points (20 a second) is left as it is: that is what bounds time and memory. */
export const MOST_POINTS = 6_000;

/** Rounds of looking for spikes: each finds the noise anew, which the spikes found before it had blown up. */
const ROUNDS = 3;

/** A point without a flaw stays within so many standard deviations of where it was seen. */
const FURTHEST = 4;

/** Power spectral density of the acceleration of a device at rest (m²/s³): receivers wander. */
const RESTING = 1e-5;

/** Below this speed a heading says nothing (m/s). */
const HEADING_FROM = 0.5;

/** @returns what the points of a minute are judged from: from inclusive, to exclusive (epoch ms) */
export const windowOf = (minute: number): { from: number; to: number } => ({
  from: minute - CONTEXT_MINUTES * MINUTE_MS,
  to: minute + (CONTEXT_MINUTES + 1) * MINUTE_MS,
});

function toObservation(sample: Sample, sigma: number, resting: ReadonlySet<Sample>): Observation {
  const { t, x, y, weight, flaw } = sample;
  return {
    t,
    x,
    y,
    variance: flaw === undefined ? (sigma * weight) ** 2 : undefined,
    rests: resting.has(sample),
  };
}

/** Parts at breaks: what lies on either side says nothing about the other. A part begins with a sound sample. */
function toSegments(samples: readonly Sample[]): Sample[][] {
  const segments: Sample[][] = [];
  for (const sample of samples) {
    const last = segments.at(-1);
    if (last === undefined || sample.breaks) segments.push([sample]);
    else last.push(sample);
  }
  return segments;
}

const nobody: ReadonlySet<Sample> = new Set();

const noiseOf = (samples: readonly Sample[], told: number | undefined): Noise =>
  findNoise(
    toSegments(samples).map((segment) => segment.map((sample) => toObservation(sample, 1, nobody))),
    told,
  );

/** Marks all flaws. @returns the noise of what is left */
function judge(samples: readonly Sample[], told: number | undefined): Noise {
  markFrozen(samples);
  markJumps(samples);
  let noise = noiseOf(samples, told);
  for (let round = 1; round < ROUNDS && markStraying(samples, noise.sigma); round += 1) noise = noiseOf(samples, told);
  return markLeaps(samples) ? noiseOf(samples, told) : noise;
}

/** As the device is told to be by its states, but not further from where it was seen than noise explains. */
function settle(sample: Sample, state: State, sigma: number): { x: number; y: number } {
  const [dx, dy] = [state.x - sample.x, state.y - sample.y];
  const furthest = FURTHEST * sigma * sample.weight;
  const off = Math.hypot(dx, dy);
  if (sample.flaw !== undefined || off <= furthest) return state;
  return { x: sample.x + (dx * furthest) / off, y: sample.y + (dy * furthest) / off };
}

const tenths = (figure: number) => Math.round(figure * 10) / 10;

function toPosition(sample: Sample, state: State, sigma: number, plane: Plane): Position {
  const { x, y } = settle(sample, state, sigma);
  const { time, altitude } = sample.point;
  const speed = Math.hypot(state.vx, state.vy);
  const heading = ((Math.atan2(state.vx, state.vy) * 180) / Math.PI + 360) % 360;
  return {
    time,
    ...plane.toSphere(x, y),
    accuracy: tenths(ACCURACY_PER_SIGMA * Math.sqrt(Math.max(0, state.pp))),
    speed: tenths(speed),
    ...(speed >= HEADING_FROM && { heading: tenths(heading) % 360 }),
    ...(altitude !== undefined && { altitude }),
    ...(sample.flaw !== undefined && { attributes: { flaw: sample.flaw } }),
  };
}

/** A lone point says nothing about itself: it is passed on as it is. */
const asSeen = ({ time, lat, lon, accuracy, speed, heading, altitude }: Position): Position => ({
  time,
  lat,
  lon,
  ...(accuracy !== undefined && { accuracy }),
  ...(speed !== undefined && { speed }),
  ...(heading !== undefined && { heading }),
  ...(altitude !== undefined && { altitude }),
});

function correctSegment(segment: readonly Sample[], noise: Noise, plane: Plane): Position[] {
  const sound = segment.filter(({ flaw }) => flaw === undefined);
  if (sound.length < 2) return segment.map(({ point }) => asSeen(point));
  const resting = findRest(sound, noise.sigma);
  const observations = segment.map((sample) => toObservation(sample, noise.sigma, resting));
  const states = smooth(observations, { moving: noise.density, resting: RESTING });
  return segment.flatMap((sample, index) => {
    const state = states[index];
    return state ? [toPosition(sample, state, noise.sigma, plane)] : [];
  });
}

/**
 * Where a device most likely was, at the times that its raw points name: spikes and frozen places replaced, noise
 * smoothed, jitter at rest stilled. A function of the points given and of nothing else.
 * @param points raw ones in any order; of those with one time the first counts
 * @returns a point for each time, in order; of a flawed one the attribute `flaw` says `spike` or `frozen`
 */
export function correct(points: readonly Position[]): Position[] {
  const [origin] = points;
  if (origin === undefined) return [];
  const plane = planeAt(points.reduce((first, point) => (point.time < first.time ? point : first), origin));
  const samples = toSamples(points, plane);
  const typical = typicalAccuracy(points);
  const noise = judge(samples, typical === undefined ? undefined : typical / ACCURACY_PER_SIGMA);
  return toSegments(samples).flatMap((segment) => correctSegment(segment, noise, plane));
}

/**
 * The corrected points of one minute.
 * @param minute its start (epoch ms)
 * @param points raw ones of at least its window; those outside of it change nothing
 */
export function correctMinute(minute: number, points: readonly Position[]): Position[] {
  const { from, to } = windowOf(minute);
  const window = points.filter(({ time }) => time >= from && time < to);
  const corrected = window.length > MOST_POINTS ? window.map(asSeen) : correct(window);
  return corrected.filter(({ time }) => time >= minute && time < minute + MINUTE_MS);
}
