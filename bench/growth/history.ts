import { Client } from '@opensearch-project/opensearch';
import { z } from 'zod';
import { meterSchema } from '../../local/meter';
import type { StackClient } from '../../test/system/stack';
import { total } from '../cost/hops';
import { engineUrl } from '../cost/run';
import { type Series, toSeries } from './fit';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Points of a device and day: a row each. */
const POINTS_PER_DAY = 96;
const POINTS_PER_REQUEST = 960;

const shardsSchema = z.object({
  _all: z.object({ total: z.object({ search: z.object({ query_total: z.number() }) }) }),
});

/** A device's history of so many days up to yesterday, a point each quarter of an hour. */
async function remember(client: StackClient, deviceId: string, days: number, end: number): Promise<void> {
  const step = DAY_MS / POINTS_PER_DAY;
  const count = days * POINTS_PER_DAY;
  const points = Array.from({ length: count }, (_, index) => ({
    time: end - (count - index) * step,
    lat: 41.15 + (index % 100) / 10_000,
    lon: -8.61,
  }));
  for (let from = 0; from < count; from += POINTS_PER_REQUEST) {
    await client.report([{ deviceId, points: points.slice(from, from + POINTS_PER_REQUEST) }], 'historian');
  }
}

/** What one read asks of the table and of the index. */
async function costOf(client: StackClient, index: Client, path: string): Promise<Record<string, number>> {
  const token = await client.token('operator', 'operator');
  const searched = async (): Promise<number> => {
    const { body } = await index.indices.stats({ index: 'positions-*', metric: 'search' });
    return shardsSchema.parse(body)._all.total.search.query_total;
  };
  const before = await searched();
  await client.control('DELETE', 'meter');
  const { status, body } = await client.request(path, { token });
  if (status !== 200) throw new Error(`${path} answered ${status}`);
  const lines = meterSchema.parse(await client.control('GET', 'meter'));
  const table = (unit: string): number => total(lines, unit, ({ service }) => service === 'dynamodb');
  const cpuMs = total(lines, 'cpuMs', ({ service }) => service === 'lambda');
  const positions = z.array(z.unknown()).parse(body.positions ?? body.points).length;
  return {
    positions,
    items: table('items'),
    readUnits: table('readUnits'),
    shards: (await searched()) - before,
    cpuMs,
  };
}

/** Reads of an hour and of a day of a device that has one, ten, a hundred days of history. */
export async function growByHistory(client: StackClient): Promise<Series[]> {
  const index = new Client({ node: await engineUrl(client, 'search') });
  // Whole UTC days, so that each read lies in the same hours.
  const end = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const counted = [];
  for (const size of [1, 10, 100]) {
    console.error(`… ${size} days of history`);
    const device = `historic-${size}`;
    await remember(client, device, size, end);
    await client.settled(400_000);
    await index.indices.refresh({ index: 'positions-*' });
    const counts: Record<string, number> = {};
    for (const [name, ms] of [
      ['an hour', HOUR_MS],
      ['a day', DAY_MS],
    ] as const) {
      const range = `from=${end - ms}&to=${end}`;
      // Once unmeasured: a cold start's CPU is no matter of history.
      await costOf(client, index, `/v1/devices/${device}/tracks?${range}&limit=1000`);
      const track = await costOf(client, index, `/v1/devices/${device}/tracks?${range}&limit=1000`);
      await costOf(client, index, `/v1/search?${range}&devices=${device}&limit=1000`);
      const search = await costOf(client, index, `/v1/search?${range}&devices=${device}&limit=1000`);
      counts[`track of ${name}: positions`] = track.positions ?? 0;
      counts[`track of ${name}: items read`] = track.items ?? 0;
      counts[`track of ${name}: read units`] = track.readUnits ?? 0;
      counts[`track of ${name}: CPU (ms)`] = track.cpuMs ?? 0;
      counts[`search of ${name}: positions`] = search.positions ?? 0;
      counts[`search of ${name}: read units of the catalogue`] = search.readUnits ?? 0;
      counts[`search of ${name}: shards searched`] = search.shards ?? 0;
      counts[`search of ${name}: CPU (ms)`] = search.cpuMs ?? 0;
    }
    counted.push({ size, counts });
  }
  await index.close();
  return toSeries(counted);
}
