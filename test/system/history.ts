import type { TrackedPosition } from '../../lambdas/contract/position';
import type { Receipt } from '../../lambdas/contract/reports';
import { type DatasetName, type Recorded, readDataset } from '../../replay/datasets';
import { asFeeder } from '../../replay/reporters';
import { replay } from '../../replay/run';
import type { DeviceBatch } from '../../replay/schedule';
import type { StackClient } from './stack';

/** A point that the API refused, with what it said. */
export interface RefusedPoint {
  position: TrackedPosition;
  code: string;
}

/** What was sent and what became of it, as the API's answers tell. */
export interface Sent {
  accepted: TrackedPosition[];
  refused: RefusedPoint[];
}

/** Keeps every `nth` device of a set, with all that it reported. */
export function everyDevice(nth: number): (set: Recorded[]) => Recorded[] {
  return (set) => {
    const devices = [...new Set(set.map(({ device }) => device))];
    const chosen = new Set(devices.filter((_, index) => index % nth === 0));
    return set.filter(({ device }) => chosen.has(device));
  };
}

/**
 * Sends of a recorded set what `choose` leaves of it through the API as a feeder would, its last point dated now, and
 * keeps account of each point.
 */
export async function sendDataset(
  client: StackClient,
  name: DatasetName,
  choose: (set: Recorded[]) => Recorded[],
): Promise<Sent> {
  const set = choose(await readDataset(name));
  const sent: Sent = { accepted: [], refused: [] };
  const counters = { requests: 0, accepted: 0, refused: 0, retried: 0 };
  const feeder = asFeeder(client.place.api, await client.token('feeder-1', 'feeder'), counters);
  const report = async (batches: DeviceBatch[], signal: AbortSignal) => {
    const [receipt] = await feeder.report(batches, signal);
    if (receipt) keepAccount(sent, batches, receipt);
    return receipt ? [receipt] : [];
  };
  await replay({
    ...{ set, name, speed: 1, intervals: 'keep', flatOut: true, signal: new AbortController().signal },
    reporter: { ...feeder, report },
    onProgress: () => undefined,
  });
  feeder.close();
  return sent;
}

function keepAccount(sent: Sent, batches: DeviceBatch[], receipt: Receipt): void {
  const codes = new Map(
    receipt.refused.map(({ pointer, code }) => {
      const [, , device, , point] = pointer.split('/');
      return [`${device}/${point}`, code];
    }),
  );
  batches.forEach(({ deviceId, taskId, points }, device) => {
    points.forEach((point, index) => {
      const position = { device: deviceId, task: taskId, ...point };
      const code = codes.get(`${device}/${index}`);
      if (code === undefined) sent.accepted.push(position);
      else sent.refused.push({ position, code });
    });
  });
}

/** Groups by a key, in order of appearance. */
export function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

export const byTime = (a: TrackedPosition, b: TrackedPosition): number =>
  a.time - b.time ||
  (a.device < b.device ? -1 : a.device > b.device ? 1 : a.task < b.task ? -1 : a.task > b.task ? 1 : 0);

/** Follows `next` to the end of a list. */
export async function allPages<T>(client: StackClient, path: string, token: string, list: string): Promise<T[]> {
  const items: T[] = [];
  let cursor = '';
  for (let page = 0; page < 2_000; page++) {
    const { status, body, text } = await client.request(`${path}${cursor && `&cursor=${cursor}`}`, { token });
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    items.push(...body[list]);
    if (body.next === undefined) return items;
    cursor = body.next;
  }
  throw new Error(`${path} never ends`);
}
