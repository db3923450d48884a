import { setTimeout as sleep } from 'node:timers/promises';
import { meterSchema } from '../../local/meter';
import type { SocketClient, StackClient } from '../../test/system/stack';
import { total } from '../cost/hops';
import { engineUrl } from '../cost/run';
import { between, ValkeyWatch } from '../valkey-usage';
import { type Series, toSeries } from './fit';

/** One vehicle in one cell, a report each second: its news reach each viewer in a frame of their own. */
const REPORTS = 10;
const EVERY_MS = 1_000;
const viewport = { west: -8.615, south: 41.148, east: -8.605, north: 41.152 };
const AT_ONCE = 16;

/** Viewers of the cell, some at a time, so that handshakes stay below the stage's throttle. */
async function open(client: StackClient, count: number): Promise<SocketClient[]> {
  const token = await client.token('viewer', 'viewer');
  const sockets: SocketClient[] = [];
  const one = async (): Promise<void> => {
    const socket = await client.socket(token);
    await socket.ask({ type: 'subscribe', id: 'cell', viewport }, ({ type }) => type === 'snapshot');
    sockets.push(socket);
  };
  for (let done = 0; done < count; done += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - done) }, one));
  }
  return sockets;
}

const framesOf = (sockets: readonly SocketClient[]): number =>
  sockets.reduce((sum, { frames }) => sum + frames.filter(({ type }) => type === 'positions').length, 0);

async function drive(client: StackClient, deviceId: string): Promise<void> {
  for (let step = 0; step < REPORTS; step++) {
    const point = { time: Date.now(), lat: 41.15 + step * 1e-5, lon: -8.61 };
    await client.report([{ deviceId, points: [point] }], 'feeder-1');
    await sleep(EVERY_MS);
  }
}

/** Frames, commands and CPU of a position while more and more watch the cell that it is in. */
export async function growByViewers(client: StackClient, sizes: readonly number[]): Promise<Series[]> {
  const watch = new ValkeyWatch(await engineUrl(client, 'valkey'));
  const counted = [];
  for (const size of sizes) {
    console.error(`… ${size} viewers of one cell`);
    await drive(client, `hot-${size}`);
    const sockets = await open(client, size);
    await client.settled();
    await client.control('DELETE', 'meter');
    const [before, shown] = [await watch.look(), framesOf(sockets)];
    await drive(client, `hot-${size}`);
    await client.settled();
    const { commands } = between(before, await watch.look());
    const lines = meterSchema.parse(await client.control('GET', 'meter'));
    const cpuMs = total(lines, 'cpuMs', (line) => line.service === 'lambda' && line.function.startsWith('LiveOn'));
    const counts = {
      'frames received, a position': (framesOf(sockets) - shown) / REPORTS,
      'WebSocket messages billed, a position':
        total(lines, 'messages', ({ service }) => service === 'apigateway') / REPORTS,
      'Valkey commands, a position': commands / REPORTS,
      'CPU of live’s functions, a position (ms)': cpuMs / REPORTS,
      'CPU of live’s functions, a frame (ms)': cpuMs / Math.max(1, framesOf(sockets) - shown),
    };
    counted.push({ size, counts });
    for (const socket of sockets) socket.close();
    await client.settled();
  }
  watch.close();
  return toSeries(counted);
}
