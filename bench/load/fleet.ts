import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { bounded } from '../../lambdas/platform/streams';
import { loopbackAddress } from '../../replay/reporters';
import { Sender } from '../../replay/sender';
import { seeded } from '../random';
import { Latencies } from './latencies';
import type { DeviceLedger, Order, Seen } from './messages';
import { drive, type Vehicle } from './town';

/** How often due reports are looked for (ms). */
const TICK_MS = 4;

const tokenSchema = z.object({ token: z.string() });

/** One device: reports one at a time over a connection of its own, and keeps account of what was accepted. */
interface Device {
  vehicle: Vehicle;
  sender: Sender;
  waits: boolean;
  lastTime: number;
  ledger: DeviceLedger;
}

/** Devices that report in turn, so many reports a second together, whatever the answers take. */
export class Fleet {
  readonly latencies = new Latencies();
  readonly counts = { reports: 0, accepted: 0, refused: 0, retried: 0, behind: 0, unsure: 0 };
  /** A traced point has its time to itself. */
  traceEvery = 0;
  traced: [time: number, answeredAt: number][] = [];
  private readonly random = seeded(3);
  private timer: NodeJS.Timeout | undefined;
  private next = 0;
  private underWay = 0;
  private lastTraced = 0;

  private constructor(
    private readonly devices: readonly Device[],
    private readonly pointsPerReport: number,
  ) {}

  /** Gets a token for each device. @throws what keeps the stack's issuer from answering */
  static async open({ api, vehicles, first, pointsPerReport, sampleEvery }: Order & { do: 'drive' }): Promise<Fleet> {
    const devices: Device[] = [];
    const failed = await bounded([...vehicles.entries()], 16, async ([index, vehicle]) => {
      const sender = new Sender(api, await tokenOf(api, vehicle.id), undefined, addressOf(first + index));
      const points = (first + index) % sampleEvery === 0 ? { points: [] } : {};
      const ledger = { device: vehicle.id, accepted: 0, firstTime: 0, timeSum: 0, unsure: 0, ...points };
      devices[index] = { vehicle, sender, waits: false, lastTime: 0, ledger };
    });
    for (const error of failed.values()) throw error;
    return new Fleet(devices, pointsPerReport);
  }

  /** @param rate reports a second; 0 stops, and returns when every answer has come */
  async setRate(rate: number): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    if (rate === 0) {
      while (this.underWay > 0) await sleep(TICK_MS);
      return;
    }
    const start = performance.now();
    let sent = 0;
    const gapMs = (1_000 * this.devices.length) / rate;
    this.timer = setInterval(() => {
      const due = Math.floor(((performance.now() - start) / 1_000) * rate);
      for (; sent < due; sent++) this.reportNext(gapMs);
    }, TICK_MS);
  }

  ledgers(): DeviceLedger[] {
    return this.devices.map(({ ledger }) => ledger);
  }

  async close(): Promise<void> {
    await this.setRate(0);
    for (const { sender } of this.devices) sender.close();
  }

  private reportNext(gapMs: number): void {
    const device = this.devices[this.next];
    this.next = (this.next + 1) % this.devices.length;
    if (!device) return;
    if (device.waits) {
      this.counts.behind += 1;
      return;
    }
    device.waits = true;
    this.underWay += 1;
    void this.report(device, this.pointsOf(device, gapMs)).finally(() => {
      device.waits = false;
      this.underWay -= 1;
    });
  }

  /** Where the vehicle was since the last report, the newest dated now. */
  private pointsOf(device: Device, gapMs: number) {
    const now = this.timeFor(Math.max(Date.now(), device.lastTime + this.pointsPerReport));
    const step = Math.max(1, Math.floor(Math.min(gapMs, now - device.lastTime) / this.pointsPerReport));
    device.lastTime = now;
    return Array.from({ length: this.pointsPerReport }, (_, index) => {
      device.vehicle = drive(device.vehicle, gapMs / this.pointsPerReport, this.random);
      const { lat, lon, speed, heading } = device.vehicle;
      return { time: now - (this.pointsPerReport - 1 - index) * step, lat, lon, speed, heading };
    });
  }

  /** No two reports have the same time where it is traced. */
  private timeFor(now: number): number {
    if (this.traceEvery === 0 || now % this.traceEvery !== 0) return now;
    if (now === this.lastTraced) return now + 1;
    this.lastTraced = now;
    return now;
  }

  private async report({ sender, ledger }: Device, points: Seen[]): Promise<void> {
    const from = performance.now();
    const retried = sender.counters.retried;
    try {
      const { refused } = await sender.send({ points });
      this.latencies.add(performance.now() - from);
      const wrong = new Set(refused.map(({ pointer }) => Number(pointer.split('/')[2])));
      keepAccount(
        ledger,
        points.filter((_, index) => !wrong.has(index)),
      );
      this.counts.accepted += points.length - wrong.size;
      this.counts.refused += wrong.size;
      this.trace(points);
    } catch {
      ledger.unsure += points.length;
      this.counts.unsure += points.length;
    }
    this.counts.reports += 1;
    this.counts.retried += Math.max(0, sender.counters.retried - retried);
  }

  private trace(points: readonly Seen[]): void {
    if (this.traceEvery === 0) return;
    const newest = points.at(-1);
    if (newest && newest.time % this.traceEvery === 0) this.traced.push([newest.time, Date.now()]);
  }
}

function keepAccount(ledger: DeviceLedger, points: readonly Seen[]): void {
  for (const { time, lat, lon } of points) {
    if (ledger.accepted === 0) ledger.firstTime = time;
    ledger.accepted += 1;
    ledger.timeSum += time - ledger.firstTime;
    if (!ledger.newest || time > ledger.newest.time) ledger.newest = { time, lat, lon };
    ledger.points?.push({ time, lat, lon });
  }
}

const addressOf = (index: number) => (process.platform === 'linux' ? loopbackAddress(index) : undefined);

async function tokenOf(api: string, device: string): Promise<string> {
  const response = await fetch(new URL('/_local/token', api), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sub: device, roles: ['device'], ttlSeconds: 86_400 }),
  });
  return tokenSchema.parse(await response.json()).token;
}
