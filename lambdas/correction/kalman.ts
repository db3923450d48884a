/**
 * A constant-velocity Kalman filter with a Rauch–Tung–Striebel smoother, in closed form. East and north are
 * independent and seen equally well, so that both share one 2 × 2 covariance.
 *
 * Sources: continuous white noise acceleration, Bar-Shalom, Li and Kirubarajan, "Estimation with Applications to
 * Tracking and Navigation" (2001), 6.2.2; the smoother, Rauch, Tung and Striebel, "Maximum likelihood estimates of
 * linear dynamic systems", AIAA Journal 3 (1965).
 */

/** What is known of a device at one moment. */
export interface Observation {
  /** Seconds. */
  t: number;
  x: number;
  y: number;
  /** Variance of `x` and of `y` each (m²); undefined where nothing was seen. */
  variance: number | undefined;
  /** The device rests from the observation before until this one. */
  rests: boolean;
}

/** Place (m), velocity (m/s), and the covariance of the two: `[[pp, pv], [pv, vv]]`, of east and of north each. */
export interface State {
  x: number;
  y: number;
  vx: number;
  vy: number;
  pp: number;
  pv: number;
  vv: number;
}

/** Power spectral densities of the acceleration (m²/s³): of a device under way, and of one at rest. */
export interface Motion {
  moving: number;
  resting: number;
}

interface Filtered {
  t: number;
  /** Before and after the observation was seen. */
  predicted: State;
  updated: State;
}

/** What the filter did not expect: squared distance over its variance, and that variance (m²). */
export interface Surprise {
  squared: number;
  variance: number;
}

/** A velocity is anything at first, but finite: (300 m/s)². */
const ANY_VELOCITY = 9e4;
/** Of a device at rest (m/s)². */
const REST_VELOCITY = 1e-4;

function predict(state: State, dt: number, density: number): State {
  const { x, y, vx, vy, pp, pv, vv } = state;
  return {
    x: x + vx * dt,
    y: y + vy * dt,
    vx,
    vy,
    pp: pp + 2 * pv * dt + vv * dt ** 2 + (density * dt ** 3) / 3,
    pv: pv + vv * dt + (density * dt ** 2) / 2,
    vv: vv + density * dt,
  };
}

function seePlace(state: State, x: number, y: number, variance: number): State {
  const total = state.pp + variance;
  const [gain, velocityGain] = [state.pp / total, state.pv / total];
  const [dx, dy] = [x - state.x, y - state.y];
  return {
    x: state.x + gain * dx,
    y: state.y + gain * dy,
    vx: state.vx + velocityGain * dx,
    vy: state.vy + velocityGain * dy,
    pp: (state.pp * variance) / total,
    pv: (state.pv * variance) / total,
    vv: state.vv - velocityGain * state.pv,
  };
}

function seeRest(state: State): State {
  const total = state.vv + REST_VELOCITY;
  const [gain, placeGain] = [state.vv / total, state.pv / total];
  return {
    x: state.x - placeGain * state.vx,
    y: state.y - placeGain * state.vy,
    vx: state.vx * (1 - gain),
    vy: state.vy * (1 - gain),
    pp: state.pp - placeGain * state.pv,
    pv: (state.pv * REST_VELOCITY) / total,
    vv: (state.vv * REST_VELOCITY) / total,
  };
}

function update(state: State, { x, y, variance, rests }: Observation): State {
  const seen = variance === undefined ? state : seePlace(state, x, y, variance);
  return rests ? seeRest(seen) : seen;
}

/** What is known from the first observation alone. */
const begin = ({ x, y, variance = 0 }: Observation): State => ({
  x,
  y,
  vx: 0,
  vy: 0,
  pp: variance,
  pv: 0,
  vv: ANY_VELOCITY,
});

/** Runs forward in time. @param onSurprise told of each place seen but the first @returns a step for each observation */
function filter(
  observations: readonly Observation[],
  motion: Motion,
  onSurprise?: (surprise: Surprise) => void,
): Filtered[] {
  const steps: Filtered[] = [];
  let last: Filtered | undefined;
  for (const seen of observations) {
    if (last === undefined) {
      const updated = begin(seen);
      last = { t: seen.t, predicted: updated, updated };
    } else {
      const predicted = predict(last.updated, seen.t - last.t, seen.rests ? motion.resting : motion.moving);
      if (seen.variance !== undefined && onSurprise) {
        const variance = predicted.pp + seen.variance;
        onSurprise({ squared: ((seen.x - predicted.x) ** 2 + (seen.y - predicted.y) ** 2) / variance, variance });
      }
      last = { t: seen.t, predicted, updated: update(predicted, seen) };
    }
    steps.push(last);
  }
  return steps;
}

/** What is known of a moment once the one after it is known: `next` smoothed, `predicted` as the filter foresaw it. */
function smoothStep(state: State, dt: number, predicted: State, next: State): State {
  const determinant = predicted.pp * predicted.vv - predicted.pv ** 2;
  if (!(determinant > 0)) return state;
  // The gain is P Fᵀ (P⁻)⁻¹.
  const [a, b] = [state.pp + state.pv * dt, state.pv];
  const [c, d] = [state.pv + state.vv * dt, state.vv];
  const gpp = (a * predicted.vv - b * predicted.pv) / determinant;
  const gpv = (b * predicted.pp - a * predicted.pv) / determinant;
  const gvp = (c * predicted.vv - d * predicted.pv) / determinant;
  const gvv = (d * predicted.pp - c * predicted.pv) / determinant;
  const [dx, dy, dvx, dvy] = [
    next.x - predicted.x,
    next.y - predicted.y,
    next.vx - predicted.vx,
    next.vy - predicted.vy,
  ];
  const [epp, epv, evv] = [next.pp - predicted.pp, next.pv - predicted.pv, next.vv - predicted.vv];
  return {
    x: state.x + gpp * dx + gpv * dvx,
    y: state.y + gpp * dy + gpv * dvy,
    vx: state.vx + gvp * dx + gvv * dvx,
    vy: state.vy + gvp * dy + gvv * dvy,
    pp: state.pp + gpp * gpp * epp + 2 * gpp * gpv * epv + gpv * gpv * evv,
    pv: state.pv + gpp * gvp * epp + (gpp * gvv + gpv * gvp) * epv + gpv * gvv * evv,
    vv: state.vv + gvp * gvp * epp + 2 * gvp * gvv * epv + gvv * gvv * evv,
  };
}

/**
 * The most likely states of a device, given all its observations.
 * @param observations in order of time; the first one has a variance
 * @returns a state for each observation
 */
export function smooth(observations: readonly Observation[], motion: Motion): State[] {
  const states: State[] = [];
  let after: { step: Filtered; state: State } | undefined;
  for (const step of filter(observations, motion).toReversed()) {
    const state: State = after
      ? smoothStep(step.updated, after.step.t - step.t, after.step.predicted, after.state)
      : step.updated;
    states.push(state);
    after = { step, state };
  }
  return states.reverse();
}

/** What the filter did not expect of the observations, the first two of which say nothing: they give the velocity. */
export function surprises(observations: readonly Observation[], motion: Motion): Surprise[] {
  const all: Surprise[] = [];
  filter(observations, motion, (surprise) => all.push(surprise));
  return all.slice(1);
}
