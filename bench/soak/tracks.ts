import { bounded } from '../../lambdas/platform/streams';
import { allPages } from '../../test/system/history';
import type { StackClient } from '../../test/system/stack';
import type { DeviceLedger } from '../load';

/** Devices' tracks, held against what was accepted of them. */
export interface TracksCheck {
  devices: number;
  accepted: number;
  read: number;
  /** devices whose track has another number of points, or other times, than were accepted */
  wrong: string[];
  /** devices whose every point was compared, and points compared */
  sampled: number;
  sampledPoints: number;
}

interface Point {
  time: number;
  lat: number;
  lon: number;
}

const READS = 8;
const keyOf = ({ time, lat, lon }: Point) => `${time} ${lat} ${lon}`;

/** Reads every device's track by the API, a few at a time. */
export async function checkTracks(
  client: StackClient,
  ledgers: readonly DeviceLedger[],
  from: number,
): Promise<TracksCheck> {
  const result: TracksCheck = { devices: 0, accepted: 0, read: 0, wrong: [], sampled: 0, sampledPoints: 0 };
  const token = await client.token('olga', 'operator');
  const failed = await bounded(ledgers, READS, async (ledger) => {
    const path = `/v1/devices/${ledger.device}/tracks?from=${from}&to=${Date.now() + 60_000}&limit=10000`;
    const points: Point[] = await allPages(client, path, token, 'positions');
    result.devices += 1;
    result.accepted += ledger.accepted;
    result.read += points.length;
    if (ledger.points) {
      result.sampled += 1;
      result.sampledPoints += ledger.points.length;
    }
    if (!fits(ledger, points)) result.wrong.push(ledger.device);
  });
  for (const error of failed.values()) throw error;
  return result;
}

/** Where nobody answered some reports, more may have been taken than is known, never less. */
function fits({ accepted, unsure, firstTime, timeSum, points }: DeviceLedger, read: readonly Point[]): boolean {
  const keys = new Set(read.map(keyOf));
  if (keys.size !== read.length || points?.some((point) => !keys.has(keyOf(point)))) return false;
  if (unsure > 0) return read.length >= accepted && read.length <= accepted + unsure;
  return read.length === accepted && read.reduce((sum, { time }) => sum + time - firstTime, 0) === timeSum;
}
