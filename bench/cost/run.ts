import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { meterSchema } from '../../local/meter';
import type { MeterLine } from '../../local/model';
import { asDevices } from '../../replay/reporters';
import type { SocketClient, StackClient } from '../../test/system/stack';
import { Fleet, type FleetOptions } from '../fleet';
import { between, type ValkeyUsage, ValkeyWatch } from '../valkey-usage';

export interface RunOptions extends FleetOptions {
  /** How long is measured, after a warm-up. */
  seconds: number;
  /** Clients that look at some 2 km × 2 km each, where vehicles are. */
  viewers: number;
}

/** What was counted while so many positions were accepted. */
export interface Run extends RunOptions {
  positions: number;
  lines: MeterLine[];
  valkey: ValkeyUsage;
}

const WARM_UP_SECONDS = 15;

const enginesSchema = z.array(z.object({ name: z.string(), url: z.string() }));

/** The address of one of the stack's engines. */
export async function engineUrl(client: StackClient, wanted: string): Promise<string> {
  const { engines } = await client.control('GET', 'status');
  const found = enginesSchema.parse(engines).find(({ name }) => name === wanted);
  if (!found) throw new Error(`The stack runs without ${wanted}`);
  return found.url;
}

/** Waits for the middle of a minute: then whole minutes have as many writes that cross into another row as any do. */
export const halfMinute = (): Promise<void> => sleep((90_000 - (Date.now() % 60_000)) % 60_000);

async function watching(client: StackClient, fleet: Fleet, count: number): Promise<SocketClient[]> {
  const token = await client.token('viewer', 'viewer');
  const sockets: SocketClient[] = [];
  for (const { lat, lon } of fleet.places(count)) {
    const socket = await client.socket(token);
    const viewport = { west: lon - 0.012, south: lat - 0.009, east: lon + 0.012, north: lat + 0.009 };
    await socket.ask({ type: 'subscribe', id: 'map', viewport }, ({ type }) => type === 'snapshot');
    sockets.push(socket);
  }
  return sockets;
}

/**
 * Drives a fleet in steady state: what happens once (sessions, registrations, cold starts) lies in a warm-up that is
 * not counted. Everything accepted has been through every consumer when it returns.
 * @param fleet what the devices' names begin with
 */
export async function measure(client: StackClient, options: RunOptions, fleet = 'cost'): Promise<Run> {
  const watch = new ValkeyWatch(await engineUrl(client, 'valkey'));
  try {
    return await measured(client, options, watch, fleet);
  } finally {
    watch.close();
  }
}

async function measured(client: StackClient, options: RunOptions, watch: ValkeyWatch, name: string): Promise<Run> {
  const counters = { requests: 0, accepted: 0, refused: 0, retried: 0 };
  const reporter = asDevices(client.place.api, (device) => client.token(device, 'device'), counters);
  const fleet = await Fleet.of(options, `${name}${options.pointsPerRequest}v${options.viewers}`);
  await fleet.drive(Math.max(WARM_UP_SECONDS, (options.intervalMs * options.pointsPerRequest) / 1_000), reporter);
  await client.settled();
  await client.control('DELETE', 'meter');
  const before = await watch.look();
  counters.accepted = 0;
  const sockets = await watching(client, fleet, options.viewers);
  await halfMinute();
  await fleet.drive(options.seconds, reporter);
  await client.settled();
  for (const socket of sockets) socket.close();
  await client.settled();
  const valkey = between(before, await watch.look());
  const lines = meterSchema.parse(await client.control('GET', 'meter'));
  reporter.close();
  return { ...options, positions: counters.accepted, lines, valkey };
}
