import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { allPages } from '../system/history';
import { eventually, StackClient, startedStack } from '../system/stack';
import { Ledger, type Shown } from './ledger';
import { keep, latencyOf, type Row } from './results';
import { Traffic, type TrafficOptions } from './traffic';
import { Viewer } from './viewer';

/** Something that goes wrong and is set right again. */
export interface Fault {
  name: string;
  /** how long it lasts */
  seconds: number;
  begin(rig: Rig): Promise<unknown>;
  end(rig: Rig): Promise<unknown>;
}

export interface RigOptions extends TrafficOptions {
  /** arguments of the local stack */
  args?: string[];
  /** where no figures are kept: a second before and after each fault */
  brief?: boolean;
}

const mappingsSchema = z.object({
  mappings: z.array(z.object({ name: z.string(), records: z.int(), iteratorAgeMs: z.number() })),
});

/** What the viewers watch: Porto, and Austin. */
export const viewports = [
  { west: -8.7, south: 41.1, east: -8.5, north: 41.25 },
  { west: -97.85, south: 30.15, east: -97.6, north: 30.45 },
];

/** Traffic goes on for so long before and after a fault: every function then has come upon what was away. */
const lasting = { undisturbedMs: 4_000, afterMs: 8_000 };
const brief = { undisturbedMs: 1_000, afterMs: 1_000 };
/** Nothing older than this waits when all is caught up. */
const CAUGHT_UP_MS = 3_000;
/** A device is silent for ten seconds before its track is asked as well. */
const LATEST_MS = 20_000;
const PATIENCE_MS = 300_000;

/** A stack of its own under a steady replay, with viewers, and the client's own account of what it was told. */
export class Rig {
  private constructor(
    readonly client: StackClient,
    readonly operator: string,
    readonly traffic: Traffic,
    readonly viewers: readonly Viewer[],
    readonly ledger: Ledger,
    private readonly spans: typeof lasting,
  ) {}

  static async start(name = 'faults', { args, brief: short = false, ...options }: RigOptions = {}): Promise<Rig> {
    const client = new StackClient(await startedStack(name, args));
    const operator = await client.token('faults-operator', 'operator');
    const ledger = new Ledger();
    const traffic = await Traffic.over(client, ledger, options);
    const viewers = viewports.map((viewport) => new Viewer(client.place.ws, operator, viewport));
    return new Rig(client, operator, traffic, viewers, ledger, short ? brief : lasting);
  }

  async stop(): Promise<void> {
    for (const viewer of this.viewers) viewer.close();
    await this.traffic.stop();
  }

  /** Has a fault strike the replay, waits until all has recovered by itself, and keeps how it went. */
  async strike(fault: Fault): Promise<Row> {
    this.traffic.start();
    const started = Date.now();
    await this.viewersSee(started);
    const undisturbed = Date.now();
    await sleep(this.spans.undisturbedMs);
    const began = Date.now();
    await fault.begin(this);
    await sleep(Math.max(0, began + fault.seconds * 1_000 - Date.now()));
    const before = await this.read();
    const ending = Date.now();
    await fault.end(this);
    const ended = Date.now();
    const [catchUp, viewers] = await Promise.all([this.caughtUp(ended, before), this.viewersSee(ended)]);
    await sleep(Math.max(0, ended + this.spans.afterMs - Date.now()));
    await this.traffic.pause();
    const during = this.traffic.between(began, ending);
    const row: Row = {
      fault: fault.name,
      seconds: fault.seconds,
      accepted: this.ledger.count,
      refused: during.filter(({ status }) => status !== 202).length,
      before: latencyOf(this.traffic.between(undisturbed, began)),
      during: latencyOf(during),
      after: latencyOf(this.traffic.between(ended, Date.now())),
      catchUp,
      viewers,
    };
    keep(row);
    return row;
  }

  /**
   * Waits until everything is read, and holds what the API shows against the account: every accepted point once on
   * its track, the latest position of each device the newest accepted, nothing that waits for an operator, and no
   * vehicle that went back in time before a viewer's eyes.
   */
  async afterwards(): Promise<void> {
    await this.traffic.pause();
    await this.client.settled(PATIENCE_MS);
    for (const name of this.ledger.names) {
      const shown = await allPages<Shown>(this.client, `/v1/tracks/${name}?limit=500`, this.operator, 'positions');
      expect(this.ledger.difference(name, shown)).toBeUndefined();
    }
    await this.latestIsNewest();
    expect(await this.client.control('GET', 'failures')).toEqual([]);
    expect(this.viewers.flatMap(({ wentBack }) => wentBack)).toEqual([]);
  }

  /** Where Valkey missed a device's last report, its track is asked as soon as Valkey's word is ten seconds old. */
  private async latestIsNewest(): Promise<void> {
    let behind: object[] = [];
    await eventually(
      async () => {
        behind = await this.behind();
        return behind.length === 0;
      },
      LATEST_MS,
      () => `latest positions are not the newest accepted: ${JSON.stringify(behind)}`,
    );
  }

  /** Devices whose latest position is not the newest accepted. */
  private async behind(): Promise<object[]> {
    const behind: object[] = [];
    for (const [device, newest] of this.ledger.newest()) {
      const { status, body } = await this.client.request(`/v1/devices/${device}/position`, { token: this.operator });
      const { time, lat, lon } = body;
      if (!isDeepStrictEqual({ time, lat, lon }, newest)) behind.push({ device, newest, status, time, lat, lon });
    }
    return behind;
  }

  /** @returns seconds from `since` until each viewer has seen vehicles move */
  private async viewersSee(since: number): Promise<number> {
    const first = (viewer: Viewer) => viewer.seen.find((at) => at > since);
    const seen = await eventually(
      () => {
        const all = this.viewers.flatMap((viewer) => first(viewer) ?? []);
        return all.length === this.viewers.length && all;
      },
      PATIENCE_MS,
      () => 'a viewer sees nothing',
    );
    return (Math.max(...seen) - since) / 1_000;
  }

  /** Records that each consumer has read. */
  private async read(): Promise<Map<string, number>> {
    const { mappings } = await this.status();
    return new Map(mappings.map(({ name, records }) => [name, records]));
  }

  /** @returns seconds from `since` until no consumer and no device has anything left that is older than a moment */
  private async caughtUp(since: number, before: Map<string, number>): Promise<number> {
    let calm = 0;
    await eventually(
      async () => {
        const { mappings } = await this.status();
        const reads = mappings.every(({ name, records }) => records > (before.get(name) ?? 0));
        const young = mappings.every(({ iteratorAgeMs }) => iteratorAgeMs < CAUGHT_UP_MS);
        calm = reads && young && this.traffic.lagMs < CAUGHT_UP_MS ? calm + 1 : 0;
        return calm > 2;
      },
      PATIENCE_MS,
      () => 'it did not catch up',
    );
    return (Date.now() - since) / 1_000;
  }

  private async status() {
    return mappingsSchema.parse(await this.client.control('GET', 'status'));
  }
}
