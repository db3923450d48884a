import WebSocket from 'ws';
import { z } from 'zod';
import type { vehiclePositionSchema } from '../../lambdas/contract/position';
import { Latencies } from './latencies';
import type { Seen, View } from './messages';
import type { Viewport } from './town';

/** What the page of a map does so that it knows that it is still heard. */
const PING_MS = 10_000;
const RETRY_MS = 500;
const OPENING_MS = 30_000;
const SUBSCRIPTION = 'map';

/** Frames as far as they are looked at; positions are not parsed one by one: there are tens of thousands a second. */
const frameSchema = z.object({
  /** the gateway's own errors have none */
  type: z.string().default('error'),
  code: z.string().optional(),
  positions: z.array(z.custom<z.infer<typeof vehiclePositionSchema>>((value) => typeof value === 'object')).default([]),
  left: z.array(z.string()).default([]),
  names: z.object({ until: z.number(), everyMs: z.number() }).optional(),
});

/** One viewer's map: what it shows follows from the frames in their order. */
class Viewer {
  private readonly shown = new Map<string, Seen>();
  private names: z.infer<typeof frameSchema>['names'];
  private socket: WebSocket | undefined;
  private pings: NodeJS.Timeout | undefined;
  private closed = false;
  /** called at the first snapshot */
  private subscribed: (() => void) | undefined;

  constructor(
    private readonly audience: Audience,
    private readonly viewport: Viewport,
  ) {}

  /** Resolves when the map is there. */
  async open(): Promise<void> {
    const ready = new Promise<void>((resolve, reject) => {
      this.subscribed = resolve;
      setTimeout(() => reject(new Error(`no snapshot within ${OPENING_MS / 1_000} s`)), OPENING_MS).unref();
    });
    this.connect();
    await ready;
  }

  view(): View {
    this.expire(Date.now());
    return { viewport: this.viewport, shown: [...this.shown.values()] };
  }

  close(): void {
    this.closed = true;
    clearInterval(this.pings);
    this.socket?.terminate();
  }

  private connect(): void {
    const { ws, token } = this.audience;
    const socket = new WebSocket(ws, ['waystream', `bearer.${token}`]);
    this.socket = socket;
    socket.on('open', () => {
      this.subscribe();
      clearInterval(this.pings);
      this.pings = setInterval(() => socket.readyState === WebSocket.OPEN && socket.send('{"type":"ping"}'), PING_MS);
    });
    socket.on('message', (data) => this.take(String(data)));
    // What went wrong is followed by `close`.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.closed) return;
      this.audience.counts.resubscribed += 1;
      setTimeout(() => this.closed || this.connect(), RETRY_MS);
    });
  }

  private subscribe(): void {
    this.socket?.send(JSON.stringify({ type: 'subscribe', id: SUBSCRIPTION, viewport: this.viewport }));
  }

  /** Forgets vehicles whose pseudonyms are over: no frame says that they left. */
  private expire(now: number): void {
    if (!this.names || now < this.names.until) return;
    const { until, everyMs } = this.names;
    const over = until + Math.floor((now - until) / everyMs) * everyMs;
    for (const [vehicle, { time }] of this.shown) if (time < over) this.shown.delete(vehicle);
  }

  private take(text: string): void {
    const now = Date.now();
    const { type, code, positions, left, names } = frameSchema.parse(JSON.parse(text));
    if (type === 'error') {
      this.audience.counts.resubscribed += 1;
      setTimeout(() => this.closed || this.subscribe(), code === 'subscriptions_lost' ? 0 : RETRY_MS);
    }
    if (type !== 'snapshot' && type !== 'positions') return;
    this.audience.count(text.length, type === 'positions' ? positions : [], now);
    if (type === 'snapshot') {
      this.shown.clear();
      this.names = names;
    }
    for (const vehicle of left) this.shown.delete(vehicle);
    for (const { vehicle, time, lat, lon } of positions) this.shown.set(vehicle, { time, lat, lon });
    this.subscribed?.();
  }
}

/** Viewers, each with a map of its own; they ping and subscribe again as the console does. */
export class Audience {
  readonly latencies = new Latencies();
  readonly counts = { frames: 0, frameBytes: 0, resubscribed: 0 };
  traceEvery = 0;
  traced: [time: number, receivedAt: number][] = [];
  private viewers: Viewer[] = [];

  constructor(
    readonly ws: string,
    readonly token: string,
  ) {}

  /** Opens one after the other, a few at a time, as a handshake takes a function of its own. */
  async open(viewports: readonly Viewport[]): Promise<void> {
    this.viewers = viewports.map((viewport) => new Viewer(this, viewport));
    const queue = this.viewers.values();
    const some = async () => {
      for (const viewer of queue) await viewer.open();
    };
    await Promise.all(Array.from({ length: 4 }, some));
  }

  count(bytes: number, positions: readonly { time: number }[], now: number): void {
    this.counts.frames += 1;
    this.counts.frameBytes += bytes;
    for (const { time } of positions) {
      this.latencies.add(now - time);
      if (this.traceEvery > 0 && time % this.traceEvery === 0) this.traced.push([time, now]);
    }
  }

  views(): View[] {
    return this.viewers.map((viewer) => viewer.view());
  }

  close(): void {
    for (const viewer of this.viewers) viewer.close();
  }
}
