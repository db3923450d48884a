import { meterSchema } from '../../local/meter';
import type { MeterLine } from '../../local/model';
import type { Reporter } from '../../replay/run';
import { DirectDevice } from '../../test/system/direct/device';
import type { StackClient } from '../../test/system/stack';
import { engineUrl, halfMinute } from '../cost/run';
import { Fleet, type FleetOptions } from '../fleet';
import { between, type ValkeyUsage, ValkeyWatch } from '../valkey-usage';

export interface DirectOptions extends FleetOptions {
  /** How long is measured, after a warm-up. */
  seconds: number;
}

/** What was counted while devices wrote so many positions. */
export interface DirectRun extends DirectOptions {
  positions: number;
  lines: MeterLine[];
  valkey: ValkeyUsage;
}

/** Devices that write what a fleet reports, by credentials that each got before. */
class Writers implements Reporter {
  readonly tickMs = 1_000;
  written = 0;

  private constructor(private readonly devices: ReadonlyMap<string, DirectDevice>) {}

  static async begin(client: StackClient, names: readonly string[]): Promise<Writers> {
    const devices = new Map<string, DirectDevice>();
    for (const name of names) devices.set(name, await DirectDevice.begin(client, name, 'shift'));
    return new Writers(devices);
  }

  async report(batches: Parameters<Reporter['report']>[0]): Promise<[]> {
    for (const { deviceId, points } of batches) {
      await this.devices.get(deviceId)?.write(points);
      this.written += points.length;
    }
    return [];
  }

  close(): void {
    for (const device of this.devices.values()) device.close();
  }
}

/** Drives a fleet in steady state: credentials, registrations and cold starts lie in a warm-up that is not counted. */
export async function measureDirect(client: StackClient, options: DirectOptions): Promise<DirectRun> {
  const name = `direct${options.pointsPerRequest}`;
  const fleet = await Fleet.of(options, name);
  const names = Array.from({ length: options.devices }, (_, index) => `${name}-${index}`);
  const writers = await Writers.begin(client, names);
  const watch = new ValkeyWatch(await engineUrl(client, 'valkey'));
  try {
    await fleet.drive((options.intervalMs * options.pointsPerRequest) / 1_000, writers);
    await client.settled();
    await halfMinute();
    await client.control('DELETE', 'meter');
    const before = await watch.look();
    writers.written = 0;
    await fleet.drive(options.seconds, writers);
    await client.settled();
    const lines = meterSchema.parse(await client.control('GET', 'meter'));
    return { ...options, positions: writers.written, lines, valkey: between(before, await watch.look()) };
  } finally {
    watch.close();
    writers.close();
  }
}
