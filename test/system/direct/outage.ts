import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Position } from '../../../lambdas/contract/position';
import { Ledger, type Shown } from '../../faults/ledger';
import { allPages } from '../history';
import { eventually, type StackClient } from '../stack';
import { DirectDevice } from './device';

/** How long the API is away, and who writes meanwhile. */
export interface Outage {
  devices: number;
  seconds: number;
  /** a point each so often, and a write each so often (ms) */
  pointMs: number;
  writeMs: number;
}

/** Where the devices are: a place in Porto where no other test is. */
const ORIGIN = { lat: 41.17, lon: -8.69 };
const VIEWPORT = { west: -8.7, south: 41.16, east: -8.68, north: 41.18 };

/** Latest positions and live are right again so soon after the API is back. */
const SOON_MS = 20_000;

interface Rider {
  direct: DirectDevice;
  unwritten: Position[];
}

/** Shuts the API, has devices write meanwhile, opens it again, and holds what it shows against what they wrote. */
export class DirectOutage {
  private readonly ledger = new Ledger();
  private readonly riders: Rider[] = [];

  constructor(
    private readonly client: StackClient,
    private readonly outage: Outage,
  ) {}

  /** Gets every device its credentials while the API is there. @param name begins the devices' ids */
  async prepare(name: string): Promise<void> {
    for (let index = 0; index < this.outage.devices; index++) {
      this.riders.push({ direct: await DirectDevice.begin(this.client, `${name}-${index}`), unwritten: [] });
    }
  }

  close(): void {
    for (const { direct } of this.riders) direct.close();
  }

  /** The outage itself. @throws Error where the API answered, or where a device could not write */
  async strike(): Promise<void> {
    await this.client.control('POST', 'api', { open: false });
    try {
      await this.ride();
      const answered = await fetch(new URL('/v1/health', this.client.place.api)).then(
        () => true,
        () => false,
      );
      if (answered) throw new Error('the API was not down');
    } finally {
      await this.client.control('POST', 'api', { open: true });
    }
  }

  /** Newest positions and the map, as soon as the API is back. */
  async soonRight(operator: string): Promise<void> {
    const socket = await this.client.socket(operator);
    const newest = this.ledger.newest();
    const wrong = async () => [...(await this.latestWrong(newest, operator)), ...(await this.mapWrong(newest, socket))];
    let left: string[] = [];
    await eventually(
      async () => {
        left = await wrong();
        return left.length === 0;
      },
      SOON_MS,
      () => left.slice(0, 5).join('; '),
    );
    socket.close();
  }

  /** Every point that was written stands on its track once, and nothing else does. */
  async nothingLost(operator: string): Promise<number> {
    await this.client.settled();
    for (const name of this.ledger.names) {
      const shown = await allPages<Shown>(this.client, `/v1/tracks/${name}?limit=500`, operator, 'positions');
      const difference = this.ledger.difference(name, shown);
      if (difference) throw new Error(JSON.stringify(difference).slice(0, 1_000));
    }
    return this.ledger.count;
  }

  private async ride(): Promise<void> {
    const { seconds, pointMs, writeMs } = this.outage;
    const until = Date.now() + seconds * 1_000;
    let written = Date.now();
    while (Date.now() < until) {
      for (const [index, rider] of this.riders.entries()) rider.unwritten.push(pointOf(index, Date.now()));
      if (Date.now() - written >= writeMs) {
        written = Date.now();
        await this.flush();
      }
      await sleep(pointMs);
    }
    await this.flush();
  }

  private async flush(): Promise<void> {
    await Promise.all(
      this.riders.map(async ({ direct, unwritten }) => {
        const points = unwritten.splice(0);
        this.ledger.sent(direct.device, direct.task, points);
        await direct.write(points);
        this.ledger.accepted(direct.device, direct.task, points);
      }),
    );
  }

  private async latestWrong(newest: Map<string, Shown>, token: string): Promise<string[]> {
    const wrong: string[] = [];
    for (const [device, point] of newest) {
      const { status, body } = await this.client.request(`/v1/devices/${device}/position`, { token });
      const { time, lat, lon } = body;
      if (!isDeepStrictEqual({ time, lat, lon }, point)) wrong.push(`latest of ${device}: ${status} ${time}`);
    }
    return wrong;
  }

  private async mapWrong(
    newest: Map<string, Shown>,
    socket: Awaited<ReturnType<StackClient['socket']>>,
  ): Promise<string[]> {
    const snapshot = await socket.ask(
      { type: 'subscribe', id: 'map', viewport: VIEWPORT },
      (frame) => frame.type === 'snapshot' || frame.type === 'error',
    );
    const shown = new Map<string, number>(
      (snapshot.positions ?? []).map(({ vehicle, time }: { vehicle: string; time: number }) => [vehicle, time]),
    );
    return [...newest]
      .filter(([device, { time }]) => shown.get(device) !== time)
      .map(([device]) => `map: ${device} at ${shown.get(device)}`);
  }
}

/** A device's place moves a little with time, so that each point is known again. */
function pointOf(index: number, time: number): Position {
  const lat = ORIGIN.lat + index * 0.0001 + (time % 10_000) * 1e-7;
  return { time, lat: Number(lat.toFixed(7)), lon: ORIGIN.lon, speed: 5.5 };
}
