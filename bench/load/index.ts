import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { Latencies } from './latencies';
import {
  type DeviceLedger,
  deviceLedgerSchema,
  type Order,
  type ProcessSample,
  replySchema,
  sampleSchema,
  tracedSchema,
  type View,
  viewSchema,
} from './messages';
import { type Viewport, vehiclesOf, viewportsOf } from './town';

export { Latencies } from './latencies';
export type { DeviceLedger, View } from './messages';

export interface LoadOptions {
  /** base URL of the HTTP API, and the WebSocket's: as the local stack's ready file has them */
  api: string;
  ws: string;
  devices: number;
  viewers: number;
  /** @default 1 */
  pointsPerReport?: number;
  /** kilometres; @default a phone's map, 2 × 3 */
  viewport?: { widthKm: number; heightKm: number };
  /** every viewer looks at this instead of at a place of its own */
  sharedViewport?: Viewport;
  /** processes that the devices are spread over, and the viewers; @default 1 each */
  deviceProcesses?: number;
  viewerProcesses?: number;
  /** ledgers of one device in so many have all its points; @default 50 */
  sampleEvery?: number;
}

/** What happened since the last sample, of all processes together. */
export interface Sample extends Omit<ProcessSample, 'ingest' | 'push'> {
  ingest: Latencies;
  push: Latencies;
  /** CPU of the load generator, in cores: 0.5 is half of one */
  cores: number;
}

/**
 * Devices that report and viewers that watch, in processes of their own, against a running stack:
 *
 *     const load = await Load.open({ api, ws, devices: 1_000, viewers: 200 }); // tokens, sockets, snapshots
 *     await load.setRate(500);              // positions a second of all devices together, evenly spread in time
 *     const { push, ingest, cores } = await load.sample(); // since the last one: push.percentile(0.99) in ms
 *     await load.setRate(0);                // returns when every request is answered
 *     const ledgers = await load.ledgers(); // what was accepted, by device
 *     const views = await load.views();     // what each viewer's map shows (compare with `newestLost`, views.ts)
 *     await load.close();
 *
 * Devices start where Porto's taxis are and drive about; each posts one report at a time from a loopback address and
 * with a token of its own, its newest point dated at the moment of sending, so that a frame's age is the time from
 * request to screen. Rates hold whatever the answers take: a device that still waits is skipped and counted `behind`.
 */
export class Load {
  private constructor(
    private readonly fleets: Process[],
    private readonly audiences: Process[],
    private readonly pointsPerReport: number,
  ) {}

  /** @throws Error where a device gets no token, or a viewer no snapshot */
  static async open(options: LoadOptions): Promise<Load> {
    const { api, ws, devices, viewers, pointsPerReport = 1, sampleEvery = 50 } = options;
    const vehicles = await vehiclesOf(devices);
    const size = options.viewport ?? { widthKm: 2, heightKm: 3 };
    const viewports = options.sharedViewport
      ? Array<Viewport>(viewers).fill(options.sharedViewport)
      : await viewportsOf(viewers, size);
    const token = viewers > 0 ? await viewerToken(api) : '';
    const fleets = shares(vehicles, options.deviceProcesses ?? 1).map(({ first, items }) => {
      return {
        process: new Process(),
        order: { do: 'drive', api, vehicles: items, first, pointsPerReport, sampleEvery } as const,
      };
    });
    const audiences = shares(viewports, options.viewerProcesses ?? 1).map(({ items }) => {
      return { process: new Process(), order: { do: 'watch', ws, token, viewports: items } as const };
    });
    const load = new Load(
      fleets.map(({ process }) => process),
      audiences.map(({ process }) => process),
      pointsPerReport,
    );
    try {
      await Promise.all([...fleets, ...audiences].map(({ process, order }) => process.ask(order)));
    } catch (error) {
      await load.close();
      throw error;
    }
    return load;
  }

  /** @param positions a second of all devices; 0 stops, and returns when every request is answered */
  async setRate(positions: number): Promise<void> {
    const rate = positions / this.pointsPerReport / this.fleets.length;
    await Promise.all(this.fleets.map((fleet) => fleet.ask({ do: 'rate', rate })));
  }

  async sample(): Promise<Sample> {
    const samples = await Promise.all(
      this.all.map(async (each) => sampleSchema.parse(await each.ask({ do: 'sample' }))),
    );
    return summed(samples);
  }

  async ledgers(): Promise<DeviceLedger[]> {
    const all = await Promise.all(this.fleets.map((fleet) => fleet.ask({ do: 'ledger' })));
    return all.flatMap((each) => z.array(deviceLedgerSchema).parse(each));
  }

  async views(): Promise<View[]> {
    const all = await Promise.all(this.audiences.map((audience) => audience.ask({ do: 'views' })));
    return all.flatMap((each) => z.array(viewSchema).parse(each));
  }

  /** From now on keeps when traced points were answered and received. @param every points whose time (ms) is a multiple */
  async trace(every: number): Promise<void> {
    await Promise.all(this.all.map((each) => each.ask({ do: 'trace', every })));
  }

  /** @returns `[time of the point, epoch ms]`, and forgets them */
  async traced(): Promise<{ answered: [number, number][]; received: [number, number][] }> {
    const of = async (processes: Process[]) =>
      (await Promise.all(processes.map((each) => each.ask({ do: 'traced' })))).flatMap((each) =>
        tracedSchema.parse(each),
      );
    return { answered: await of(this.fleets), received: await of(this.audiences) };
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((each) => each.close()));
  }

  private get all(): Process[] {
    return [...this.fleets, ...this.audiences];
  }
}

type OrderWithoutId = Order extends infer O ? (O extends Order ? Omit<O, 'id'> : never) : never;

/** A process of the load, and the questions that it has not answered yet. */
class Process {
  private readonly child: ChildProcess;
  private readonly asked = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  private ids = 0;

  constructor() {
    this.child = fork(join(__dirname, 'process.ts'), { execArgv: ['--import', 'tsx'] });
    this.child.on('message', (message) => {
      const { id, error, value } = replySchema.parse(message);
      const asked = this.asked.get(id);
      this.asked.delete(id);
      if (error === undefined) asked?.resolve(value);
      else asked?.reject(new Error(error));
    });
    this.child.on('exit', () => {
      for (const { reject } of this.asked.values()) reject(new Error('a process of the load generator has ended'));
      this.asked.clear();
    });
  }

  ask(order: OrderWithoutId): Promise<unknown> {
    const id = ++this.ids;
    return new Promise((resolve, reject) => {
      if (!this.child.connected) return reject(new Error('a process of the load generator has ended'));
      this.asked.set(id, { resolve, reject });
      this.child.send({ ...order, id });
    });
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null) return;
    await this.ask({ do: 'close' }).catch(() => undefined);
    this.child.kill();
  }
}

/** Cuts a list into so many parts of about the same size; none is empty. */
function shares<T>(items: readonly T[], count: number): { first: number; items: T[] }[] {
  const size = Math.ceil(items.length / count);
  const parts = Array.from({ length: count }, (_, index) => ({
    first: index * size,
    items: items.slice(index * size, (index + 1) * size),
  }));
  return parts.filter((part) => part.items.length > 0);
}

function summed(samples: readonly ProcessSample[]): Sample {
  const sum = (of: (sample: ProcessSample) => number) => samples.reduce((total, each) => total + of(each), 0);
  const merged = (of: (sample: ProcessSample) => [number, number][]) => {
    const all = new Latencies();
    for (const each of samples) all.merge(Latencies.of(of(each)));
    return all;
  };
  return {
    elapsedMs: Math.max(...samples.map(({ elapsedMs }) => elapsedMs)),
    cpuMs: sum(({ cpuMs }) => cpuMs),
    rssBytes: sum(({ rssBytes }) => rssBytes),
    reports: sum(({ reports }) => reports),
    accepted: sum(({ accepted }) => accepted),
    refused: sum(({ refused }) => refused),
    retried: sum(({ retried }) => retried),
    behind: sum(({ behind }) => behind),
    unsure: sum(({ unsure }) => unsure),
    frames: sum(({ frames }) => frames),
    frameBytes: sum(({ frameBytes }) => frameBytes),
    resubscribed: sum(({ resubscribed }) => resubscribed),
    ingest: merged(({ ingest }) => ingest),
    push: merged(({ push }) => push),
    cores: samples.reduce((total, { cpuMs, elapsedMs }) => total + cpuMs / elapsedMs, 0),
  };
}

async function viewerToken(api: string): Promise<string> {
  const response = await fetch(new URL('/_local/token', api), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sub: 'load-viewer', roles: ['viewer'], ttlSeconds: 86_400 }),
  });
  return z.object({ token: z.string() }).parse(await response.json()).token;
}
