import { setImmediate as turn } from 'node:timers/promises';
import { type Point, placeAt } from '../../client/src/point';
import { MemoryStore } from '../../client/src/store';
import { Tracker, type TrackerOptions } from '../../client/src/tracker';
import { distance } from '../../lambdas/geo/distance';
import { FakeClock } from '../../test/client/fake-clock';
import { HandSource } from '../../test/client/harness';
import { seeded } from '../random';

/** A point as the server has it, and since when. */
interface Arrived {
  at: number;
  point: Point;
}

/** What a ride sets of the client. */
export type Settings = Partial<Pick<TrackerOptions, 'sampling' | 'batching' | 'battery'>>;

/** What a way of reporting took, and what the server knew. */
export interface Report {
  requests: number;
  /** Bytes of the requests' bodies. */
  bytes: number;
  arrived: Arrived[];
}

const SECOND = 1_000;

/** One post each so many seconds, with the newest position: what apps do that have no client. */
export function plainly(fixes: readonly Point[], everySeconds: number): Report {
  const sent = fixes.filter((_, index) => index % everySeconds === 0);
  const bytes = sent.reduce((sum, point) => sum + Buffer.byteLength(JSON.stringify({ points: [point] })), 0);
  return { requests: sent.length, bytes, arrived: sent.map((point) => ({ at: point.time, point })) };
}

/** The client on a ride, with a fix each second and a server that answers at once. */
export async function byClient(fixes: readonly Point[], seed: number, settings: Settings): Promise<Report> {
  const clock = new FakeClock(fixes[0]?.time);
  const report: Report = { requests: 0, bytes: 0, arrived: [] };
  const source = new HandSource();
  const fetch = async (url: string, { body }: RequestInit): Promise<Response> => {
    if (!url.endsWith('/v1/positions')) return Response.json({ serverTime: clock.truth });
    const { points } = JSON.parse(String(body));
    report.requests += 1;
    report.bytes += Buffer.byteLength(String(body));
    for (const point of points) report.arrived.push({ at: clock.truth, point });
    return Response.json({ accepted: points.length, refused: [], serverTime: clock.truth }, { status: 202 });
  };
  const environment = { clock, random: seeded(seed), fetch };
  const store = new MemoryStore();
  const tracker = new Tracker({ api: 'http://server', token: 't', source, store, environment, ...settings });
  await tracker.start();
  for (const fix of fixes) {
    clock.advance(fix.time - clock.now());
    await source.tell(fix);
    await turn();
  }
  await tracker.flush();
  await tracker.stop();
  return report;
}

/** Metres between where the device was and where its track says, each second. */
export function trackErrors(fixes: readonly Point[], { arrived }: Report): number[] {
  const track = arrived.map(({ point }) => point).sort((a, b) => a.time - b.time);
  let next = 0;
  return fixes.flatMap((fix) => {
    while (next < track.length - 1 && (track[next]?.time ?? 0) < fix.time) next += 1;
    const [to, from] = [track[next], track[Math.max(0, next - 1)]];
    return to && from ? [distance(fix, fix.time >= to.time ? to : placeAt(from, to, fix.time))] : [];
  });
}

/** Metres between where the device is and where it was last heard of, each second. */
export function liveErrors(fixes: readonly Point[], { arrived }: Report): number[] {
  const heard = [...arrived].sort((a, b) => a.at - b.at || a.point.time - b.point.time);
  let next = 0;
  return fixes.flatMap((fix) => {
    while (next < heard.length && (heard[next]?.at ?? 0) <= fix.time + SECOND / 2) next += 1;
    const last = heard[next - 1];
    return last ? [distance(fix, last.point)] : [];
  });
}
