import { readDataset } from '../../replay/datasets';
import { loopbackAddress } from '../../replay/reporters';
import { groupBy } from '../system/history';
import type { StackClient } from '../system/stack';
import { type Fleet, type Outcome, Reporter } from './device';
import type { Ledger } from './ledger';

export interface TrafficOptions {
  /** recorded drives that are passed over: another rig on the same stack has them */
  skip?: number;
  /** vehicles that feeders report for, in requests of eight */
  fed?: number;
  /** vehicles that report for themselves */
  alone?: number;
  /** ms between two points of a vehicle */
  everyMs?: number;
}

const FED_TOGETHER = 8;
/** Points of a path at least: a vehicle that stands tells little. */
const PATH_POINTS = 40;

/** Recorded drives of Porto taxis and Austin buses in turn, one a vehicle. */
async function drives(skip: number, count: number): Promise<Fleet['vehicles'][number][]> {
  const [porto, austin] = [await readDataset('porto'), (await readDataset('austin-2015')).slice(0, 40_000)];
  const paths = [porto, austin].map((set) =>
    [...groupBy(set, ({ device }) => device)].filter(([, points]) => points.length >= PATH_POINTS),
  );
  return Array.from({ length: count }, (_, offset) => {
    const index = skip + offset;
    const [device, recorded] = paths[index % 2]?.[index >> 1] ?? ['', []];
    const path = recorded.map(({ point: { lat, lon } }) => ({ lat, lon })).filter(({ lat, lon }) => lat || lon);
    return { device, task: recorded[0]?.task ?? '', path };
  });
}

/** A steady replay: each vehicle's recorded path, a point a second, dated now. */
export class Traffic {
  private constructor(private readonly reporters: readonly Reporter[]) {}

  static async over(client: StackClient, ledger: Ledger, options: TrafficOptions = {}): Promise<Traffic> {
    const { skip = 0, fed = 16, alone = 8, everyMs = 1_000 } = options;
    const vehicles = await drives(skip, fed + alone);
    const fleets: Fleet[] = [];
    const token = await client.token('faults-feeder', 'feeder');
    for (let first = 0; first < fed; first += FED_TOGETHER) {
      fleets.push({ token, role: 'feeder', vehicles: vehicles.slice(first, Math.min(first + FED_TOGETHER, fed)) });
    }
    for (const [index, vehicle] of vehicles.slice(fed).entries()) {
      const spread = process.platform === 'linux' && { localAddress: loopbackAddress(index) };
      const own = await client.token(vehicle.device, 'device');
      fleets.push({ token: own, role: 'device', vehicles: [vehicle], ...spread });
    }
    return new Traffic(fleets.map((fleet) => new Reporter(client.place.api, fleet, ledger, everyMs)));
  }

  start(): void {
    for (const reporter of this.reporters) reporter.start();
  }

  async pause(): Promise<void> {
    await Promise.all(this.reporters.map((reporter) => reporter.pause()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.reporters.map((reporter) => reporter.stop()));
  }

  moveTo(api: string): void {
    for (const reporter of this.reporters) reporter.moveTo(api);
  }

  /** Age of the oldest point that no device has got acknowledged (ms). */
  get lagMs(): number {
    return Math.max(...this.reporters.map(({ lagMs }) => lagMs));
  }

  /** Requests sent from `from` until `to` (epoch ms). */
  between(from: number, to: number): Outcome[] {
    return this.reporters.flatMap(({ outcomes }) => outcomes.filter(({ at }) => at >= from && at < to));
  }
}
