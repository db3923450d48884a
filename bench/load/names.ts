import { setTimeout as sleep } from 'node:timers/promises';
import { environments } from '../../lib/environments';

const { pseudonymMinutes, pseudonymSilenceSeconds } = environments.dev.live;
const PERIOD_MS = pseudonymMinutes * 60_000;
const SILENCE_MS = pseudonymSilenceSeconds * 1_000;

/** After a change of names every device has reported again by then, and is shown again. */
const BACK_MS = SILENCE_MS + 30_000;

/**
 * Viewers' maps are empty for a while when names change. @returns milliseconds to wait for, so that no change is in the
 * way of the `forMs` that follow; the least possible where that is longer than names last
 */
export function untilNamesRest(forMs: number, now: number): number {
  const since = now % PERIOD_MS;
  if (since < BACK_MS) return BACK_MS - since;
  return PERIOD_MS - since - SILENCE_MS >= forMs ? 0 : PERIOD_MS - since + BACK_MS;
}

/** Waits until names rest for so long. */
export async function namesRest(forMs: number): Promise<void> {
  const wait = untilNamesRest(forMs, Date.now());
  if (wait > 0) console.error(`… waiting for ${Math.ceil(wait / 1_000)} s: names change meanwhile`);
  await sleep(wait);
}
