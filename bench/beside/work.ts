import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Recorded } from '../../replay/datasets';
import { type Anchor, toBatches } from '../../replay/schedule';
import { Sender } from '../../replay/sender';
import type { Side } from './sides';

/** Milliseconds that half, and all but a hundredth, of the requests took. */
export interface Times {
  p50: number;
  p99: number;
}

export interface Load {
  /** positions accepted a second */
  rate: number;
  /** of a report */
  times: Times;
  /** seconds from the last answer until everything could be read */
  settledAfter: number;
}

export function timesOf(milliseconds: readonly number[]): Times {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Splits a set so that each device's points stay in order and with one sender. */
function shares(set: readonly Recorded[], senders: number): Recorded[][] {
  const parts = Array.from({ length: senders }, (): Recorded[] => []);
  for (const each of set) parts[createHash('sha1').update(each.device).digest().readUInt32BE(0) % senders]?.push(each);
  return parts;
}

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

/**
 * Reports a set as fast as the answers come.
 * @param senders that report at the same time, each its own devices and one request after the other
 * @param points of a report
 * @throws Error where a point is refused: both sides must take the same
 */
export async function load(
  side: Side,
  set: readonly Recorded[],
  anchor: Anchor,
  senders: number,
  points: number,
): Promise<Load> {
  const took: number[] = [];
  const counters = { requests: 0, accepted: 0, refused: 0, retried: 0 };
  const from = performance.now();
  const worker = async (part: Recorded[]): Promise<void> => {
    const sender = new Sender(side.api, side.token, counters);
    for (const chunk of chunks(part, points)) {
      const sent = performance.now();
      await sender.send({ devices: toBatches(chunk, anchor) });
      took.push(performance.now() - sent);
    }
    sender.close();
  };
  await Promise.all(shares(set, senders).map(worker));
  const accepted = performance.now();
  if (counters.accepted !== set.length) throw new Error(`${side.name} accepted ${counters.accepted} of ${set.length}`);
  await side.settled();
  const rate = set.length / ((accepted - from) / 1_000);
  return { rate, times: timesOf(took), settledAfter: (performance.now() - accepted) / 1_000 };
}

const trackSchema = z.object({ positions: z.array(z.unknown()) });

/** A question that both sides answer: its path, made for the n-th time. */
export type Question = (n: number) => string;

/** The four questions, about devices and places of the set itself. */
export function questions(set: readonly Recorded[], anchor: Anchor): Record<string, Question> {
  const pick = (n: number): Recorded => set[(n * 7_919) % set.length] ?? set[0] ?? raise();
  const dated = (time: number): number => Math.round(anchor.now + time - anchor.recorded);
  return {
    latest: (n) => `/v1/devices/${pick(n).device}/position`,
    'nearby, 20 within 1 km': (n) =>
      `/v1/nearby?lat=${pick(n).point.lat}&lon=${pick(n).point.lon}&radius=1000&limit=20`,
    track: (n) => `/v1/tracks/${pick(n).device}/${pick(n).task}`,
    'box of 1 km × an hour': (n) => {
      const { lat, lon, time } = pick(n).point;
      const box = [lon - 0.006, lat - 0.0045, lon + 0.006, lat + 0.0045].map((each) => each.toFixed(5)).join();
      return `/v1/search?box=${box}&from=${dated(time) - 1_800_000}&to=${dated(time) + 1_800_000}&limit=1000`;
    },
  };
}

function raise(): never {
  throw new Error('The set is empty.');
}

/** Asks a question so many times, one after the other. @throws Error where one is not answered with 200 */
export async function ask(side: Side, question: Question, times: number): Promise<Times> {
  const took: number[] = [];
  for (let n = 0; n < times; n++) {
    const from = performance.now();
    await get(side, question(n));
    took.push(performance.now() - from);
  }
  return timesOf(took);
}

/** How many points of a task a side has. */
export async function countOf(side: Side, device: string, task: string): Promise<number> {
  return trackSchema.parse(await get(side, `/v1/tracks/${device}/${task}?limit=10000`)).positions.length;
}

async function get(side: Side, path: string): Promise<unknown> {
  const answer = await fetch(new URL(path, side.api), { headers: { authorization: `Bearer ${side.token}` } });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${side.name} answered ${answer.status} to ${path}: ${text.slice(0, 300)}`);
  return JSON.parse(text);
}
