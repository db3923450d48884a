import { setTimeout as sleep } from 'node:timers/promises';
import type { StackClient } from '../../test/system/stack';
import type { Load } from '../load';
import { look, worstLag } from './watch';

const STEP_S = 30;
const SETTLE_S = 10;
/** What was too much is worked off within so long. */
const SETTLED_MS = 15 * 60_000;

/** Records wait for no longer than this where a rate can be held (ms). */
const LAG_MS = 3_000;
/** Share of reports that may come late, as their device still waits. */
const BEHIND = 0.005;

/** Rates that a laptop may hold: positions a second, each about a quarter above the last. */
const rates = [8, 10, 12, 16, 20, 25, 32, 40, 50, 63, 80, 100, 125, 160, 200, 250, 320, 400, 500, 630, 800, 1_000];

/** @returns whether the stack keeps up with a rate: hardly a report waits, and no stream falls behind */
async function holds(rate: number, client: StackClient, load: Load): Promise<boolean> {
  await load.setRate(rate);
  await sleep(SETTLE_S * 1_000);
  await look(client, load);
  const lags: number[] = [];
  let [accepted, behind] = [0, 0];
  for (let second = 0; second < STEP_S; second += 5) {
    await sleep(5_000);
    const moment = await look(client, load);
    lags.push(worstLag(moment));
    accepted += moment.rate * 5;
    behind += moment.behind;
  }
  const late = Math.max(...lags.slice(-3)) > LAG_MS;
  const steady = !late && behind <= BEHIND * rate * STEP_S && accepted >= 0.98 * rate * STEP_S;
  const figures = `${(accepted / STEP_S).toFixed(0)} accepted a second, ${behind} behind, lag ${(Math.max(...lags.slice(-3)) / 1_000).toFixed(1)} s`;
  console.error(`… ${rate} positions a second: ${figures}: ${steady ? 'steady' : 'too much'}`);
  return steady;
}

/**
 * The highest of the rates that the stack keeps up with, found by halving; between two, what is left over is worked off.
 * @throws Error where it keeps up with none
 */
export async function highestSteadyRate(client: StackClient, load: Load): Promise<number> {
  let [low, high] = [-1, rates.length];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const steady = await holds(rates[middle] ?? 0, client, load);
    await load.setRate(0);
    await client.settled(SETTLED_MS);
    if (steady) low = middle;
    else high = middle;
  }
  const found = rates[low];
  if (found === undefined) throw new Error(`The stack keeps up with less than ${rates[0]} positions a second.`);
  return found;
}
