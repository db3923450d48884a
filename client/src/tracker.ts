import { ApiTransport, type CoordinateSystem } from './api-transport';
import { type BackoffSettings, defaultBackoff } from './backoff';
import { type Batching, defaultBatching } from './batching';
import { Buffer } from './buffer';
import { type Environment, systemEnvironment } from './environment';
import { compact, type Point } from './point';
import { Api } from './request';
import { defaultSampling, Sampler, type Sampling } from './sampler';
import { corrected, inOrder, ServerClock } from './server-clock';
import type { Source } from './source';
import type { Entry, Store } from './store';
import { type TokenSource, Tokens } from './token';
import type { Transport } from './transport';
import { type TrackerEvent, Uploader } from './uploader';

export interface TrackerOptions {
  /** The API's address. */
  api: string;
  /** A device's token, or what gets one. */
  token: TokenSource;
  source: Source;
  /** Where positions wait: `IndexedDbStore`, `FileStore` of `@waystream/client/node`, or your own. */
  store: Store;
  /** What the positions belong to; without it, the local day. */
  task?: string;
  /** Datum of what the source tells. */
  coordinateSystem?: CoordinateSystem;
  /** Writes past the API, straight into the table, where the deployment allows it. Needs a task. */
  direct?: DirectOption;
  /** Charge from 0 to 1; undefined where it is not known, or the device is being charged. */
  battery?(): number | undefined;
  sampling?: Partial<Sampling>;
  batching?: Partial<Batching>;
  backoff?: Partial<BackoffSettings>;
  /** Points that may wait; 20,000 where nothing is said. Beyond it the oldest are thinned. */
  bufferLimit?: number;
  onEvent?(event: TrackerEvent): void;
  environment?: Partial<Environment>;
}

/** Makes the transport that tries the direct way first; `directWrites()` is one. */
export type DirectOption = (api: Api, clock: ServerClock, fallback: Transport, environment: Environment) => Transport;

/** Counts since the tracker was made. */
export interface TrackerStats {
  /** Fixes that the source told. */
  told: number;
  /** Of those, kept to be sent. */
  kept: number;
  sent: number;
  /** Refused by the server for good. */
  refused: number;
  /** Dropped because too many waited. */
  thinned: number;
  /** Waiting now. */
  waiting: number;
}

/** A fix, and when it was told by the device's clock. */
type Told = Point & { toldAt: number };

const BUFFER_LIMIT = 20_000;

/**
 * Takes positions from a source, keeps those that a track needs, durably, and sends them until the server has them.
 * @example
 * const tracker = new Tracker({ api, token, source: geolocationSource(), store: new IndexedDbStore() });
 * await tracker.start();
 */
export class Tracker {
  private readonly environment: Environment;
  private readonly serverClock: ServerClock;
  private readonly sampler: Sampler<Told>;
  private readonly counts = { told: 0, kept: 0, sent: 0, refused: 0, thinned: 0 };
  private running: { buffer: Buffer; uploader: Uploader; end: () => void } | undefined;
  private starting: Promise<void> | undefined;

  constructor(private readonly options: TrackerOptions) {
    this.environment = { ...systemEnvironment(), ...options.environment };
    this.serverClock = new ServerClock(this.environment.clock);
    this.sampler = new Sampler({ ...defaultSampling, ...options.sampling });
  }

  /**
   * Opens the store, sends what an earlier process left there, and begins to track.
   * @throws what the store throws where it can't be opened
   */
  start(): Promise<void> {
    this.starting ??= this.open().catch((error: unknown) => {
      this.starting = undefined;
      throw error;
    });
    return this.starting;
  }

  /** Ends tracking. What has not been sent stays in the store for the next start; `flush` before it to send it. */
  async stop(): Promise<void> {
    await this.starting?.catch(() => undefined);
    const { running } = this;
    if (!running) return;
    running.end();
    await this.keepRest();
    this.running = undefined;
    this.starting = undefined;
    await running.uploader.stop();
    await running.buffer.close();
  }

  /**
   * Keeps the newest fix and sends all that waits, at once unless the server has asked to wait.
   * @returns how many still wait: 0 where all went well
   */
  async flush(): Promise<number> {
    await this.keepRest();
    await this.running?.uploader.flush();
    return this.running?.buffer.size ?? 0;
  }

  get stats(): TrackerStats {
    return { ...this.counts, waiting: this.running?.buffer.size ?? 0 };
  }

  private async open(): Promise<void> {
    const { store, source, bufferLimit = BUFFER_LIMIT } = this.options;
    const buffer = await Buffer.open(store, bufferLimit, (points) => this.tell({ type: 'thinned', points }));
    const uploader = this.uploaderOf(buffer);
    this.running = { buffer, uploader, end: () => undefined };
    uploader.poke();
    this.running.end = source.start(
      (point) => this.take(point),
      (error) => this.tell({ type: 'error', error }),
    );
  }

  private uploaderOf(buffer: Buffer): Uploader {
    const { options, environment, serverClock } = this;
    const api = new Api(options.api, new Tokens(options.token, environment.clock), environment);
    const byApi = new ApiTransport(api, serverClock, options.coordinateSystem);
    // Rows are WGS 84.
    const direct = (options.coordinateSystem ?? 'wgs84') === 'wgs84' ? options.direct : undefined;
    return new Uploader({
      buffer,
      transport: direct?.(api, serverClock, byApi, environment) ?? byApi,
      serverClock,
      learnTime: (signal) => byApi.learnTime(signal),
      environment,
      batching: { ...defaultBatching, ...options.batching },
      backoff: { ...defaultBackoff, ...options.backoff },
      tell: (event) => this.tell(event),
    });
  }

  private async take(fix: Point): Promise<void> {
    if (!this.running) return;
    this.counts.told += 1;
    const { motion } = this.sampler;
    const battery = this.options.battery?.();
    const told = { ...fix, toldAt: this.environment.clock.now() };
    const points = this.sampler.take(told, this.environment.random(), battery);
    if (this.sampler.motion !== motion) this.options.source.pace?.(this.sampler.wish(battery));
    await this.keep(points);
  }

  private keepRest(): Promise<void> {
    return this.keep(this.sampler.rest());
  }

  private async keep(points: readonly Told[]): Promise<void> {
    const { running, environment } = this;
    if (!running) return;
    try {
      const { buffer } = running;
      const since = environment.clock.monotonic();
      await Promise.all(points.map((point) => buffer.add(this.entryOf(point, buffer.last), since)));
      this.counts.kept += points.length;
    } catch (error) {
      this.tell({ type: 'error', error: error instanceof Error ? error : new Error(String(error)) });
    }
    running.uploader.poke();
  }

  /** Its time stays open while that of the point before it is: both get theirs before they are sent, in order. */
  private entryOf({ toldAt, ...fix }: Told, before: Entry | undefined): Omit<Entry, 'seq'> {
    const { task } = this.options;
    const { offset } = this.serverClock;
    const point = compact(fix);
    const entry = { point, toldAt, ...(task !== undefined && { task }) };
    if (offset === undefined || (before && before.time === undefined)) return entry;
    return { ...entry, time: inOrder(before, point.time, corrected(point.time, toldAt, offset)) };
  }

  private tell(event: TrackerEvent): void {
    if (event.type === 'sent') this.counts.sent += event.points;
    if (event.type === 'refused') this.counts.refused += 1;
    if (event.type === 'thinned') this.counts.thinned += event.points;
    this.options.onEvent?.(event);
  }
}
