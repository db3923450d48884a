import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileStore } from '../../client/src/file-store';
import type { Point } from '../../client/src/point';
import { iterableSource } from '../../client/src/source';
import { Tracker } from '../../client/src/tracker';

/** Between two points (ms). */
const APART_MS = 20;

/** Points without end, each told apart by its number; a number is printed once its point is acknowledged. */
async function* points(first: number): AsyncGenerator<Point> {
  for (let number = first; ; number++) {
    // Back here the point before is kept.
    if (number > first) writeSync(1, `${number - 1}\n`);
    const time = Date.now();
    yield { time, lat: 41 + (number % 1_000) * 1e-5, lon: -8.6, attributes: { number } };
    // Never ahead of the clock: the process after this one must not come upon its times.
    await sleep(Math.max(Math.random() * 4, time + APART_MS - Date.now()));
  }
}

/** A tracker in a process of its own, to be killed. With `drain` it sends what is left, and ends. */
async function main([api = '', log = '', what = '0']: string[]): Promise<void> {
  const drain = what === 'drain';
  const tracker = new Tracker({
    api,
    token: 'token',
    // Of its own: clocks are known to half a round trip, so that two lives could come upon one millisecond.
    task: `ride-${what}`,
    store: new FileStore(log),
    source: iterableSource(drain ? [] : points(Number(what))),
    sampling: { intervalMs: { still: 0, slow: 0, fast: 0 } },
    batching: { points: 5, ageMs: 30, metres: 1e6, mostPoints: 50 },
    backoff: { firstMs: 5, mostMs: 40 },
  });
  await tracker.start();
  while (drain && (await tracker.flush()) > 0) await sleep(20);
  if (drain) await tracker.stop();
}

void main(process.argv.slice(2));
