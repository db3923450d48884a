import { setTimeout as sleep } from 'node:timers/promises';
import { logError } from '../platform/log';
import type { Connections } from '../platform/socket';
import { bounded } from '../platform/streams';
import { ValkeyUnavailable } from '../platform/valkey';
import type { Changes } from './decide';
import { toFrames } from './frames';
import type { Outbox, Told } from './outbox';
import type { Subscriptions } from './store';

/** Posts under way at a time. */
const POSTS = 32;

/** How long a client is left alone after a post that failed (ms). */
const FAILED_REST_MS = 1_000;

/** How often a client's turn is asked for before a snapshot goes out without it, and how far apart (ms). */
const HOLD_ATTEMPTS = 20;
const HOLD_EVERY_MS = 50;

/** A key lives through the last millisecond of its time, and a timer may be early: who asks too soon waits once more. */
const REST_MARGIN_MS = 2;
const REST_ATTEMPTS = 3;

/** No changes of its own: what waits already is looked for. */
const nothingFor = (connections: readonly string[]) =>
  new Map(connections.map((connection): [string, Changes] => [connection, new Map()]));

type Post = Pick<Connections, 'post'>;
/** A flusher looks for resting clients so often, promises for so long to go on, and ends when idle for so long (ms). */
const POLL_MS = 20;
const PROMISE_MS = 1_000;
const IDLE_MS = 10_000;
/** How long it waits before it asks Valkey again (ms). */
const AWAY_MS = 250;

type Result = { waitMs: number } | 'done';

/**
 * Sends clients what waits for them. Nothing that waits is forgotten: whoever puts it there sends it, or waits for the
 * rest between two frames and sends it then, or leaves it to the one who is sending, who looks again when it is done.
 */
export class Delivery {
  /** Clients that this function has begun to serve: those that it does not come to the end of, it serves the next time. */
  private readonly charge = new Set<string>();

  /** @param frameMs the least time between two frames of a client */
  constructor(
    private readonly outbox: Outbox,
    private readonly connections: Post,
    private readonly subscriptions: Pick<Subscriptions, 'forget'>,
    private readonly frameMs: number,
  ) {}

  /**
   * Tells clients at once; those that rest are left to a flusher, or told after their rest where none is at work.
   * What others have left over is sent along.
   */
  async deliver(clients: ReadonlyMap<string, Changes>): Promise<void> {
    const promised = await this.takeOver();
    for (const connection of clients.keys()) this.charge.add(connection);
    const served = [...this.charge];
    const late = await this.round(new Map([...nothingFor(served), ...clients]));
    for (let attempt = 0; !promised && attempt < REST_ATTEMPTS; attempt++) {
      const soon = [...late].filter(([, ms]) => ms <= this.frameMs);
      if (soon.length === 0) break;
      for (const [connection] of soon) late.delete(connection);
      await sleep(Math.max(...soon.map(([, ms]) => ms)) + REST_MARGIN_MS);
      const again = await this.round(nothingFor(soon.map(([connection]) => connection)));
      for (const [connection, ms] of again) late.set(connection, ms);
    }
    await this.handOver(served, late);
  }

  /**
   * Sends to clients once they have rested, so that those who read the stream need not wait for it: until `until`
   * (epoch ms), or until nothing has been left over for a while. With Valkey away it waits for it.
   */
  async flush(until: number): Promise<void> {
    let active = Date.now();
    while (Date.now() < until && Date.now() - active < IDLE_MS) {
      if (await this.flushDue(PROMISE_MS)) active = Date.now();
      await sleep(POLL_MS);
    }
    // Whoever has read the promise just before it runs out still leaves clients over.
    for (const end = Date.now() + 2 * PROMISE_MS; Date.now() < end; await sleep(POLL_MS)) await this.flushDue();
  }

  /** @param promiseMs for how long to promise that clients are looked for; 0 promises nothing */
  private async flushDue(promiseMs = 0): Promise<boolean> {
    try {
      if (promiseMs > 0) await this.outbox.promise(promiseMs);
      await this.takeOver();
      const served = [...this.charge];
      await this.handOver(served, await this.round(nothingFor(served)));
      return served.length > 0;
    } catch (error) {
      if (!(error instanceof ValkeyUnavailable)) throw error;
      await sleep(AWAY_MS);
      return true;
    }
  }

  /** Takes clients over that others have left over. @returns whether a flusher has promised to look for such */
  private async takeOver(): Promise<boolean> {
    const { connections, promised } = await this.outbox.due(Date.now());
    for (const connection of connections) this.charge.add(connection);
    return promised;
  }

  /** Those who rest still are left to whoever comes next. */
  private async handOver(served: readonly string[], late: ReadonlyMap<string, number>): Promise<void> {
    await this.outbox.owe(late, Date.now());
    for (const connection of served) this.charge.delete(connection);
  }

  /**
   * Answers a client ahead of all that is to come: frames wait until `answer` has been given.
   * @param answer posts by itself
   */
  async ahead(connection: string, answer: () => Promise<void>): Promise<void> {
    for (let attempt = 0; (await this.outbox.hold(connection)) > 0 && attempt < HOLD_ATTEMPTS; attempt++) {
      await sleep(HOLD_EVERY_MS);
    }
    let waits = false;
    try {
      await answer();
    } finally {
      waits = await this.outbox.release(connection, this.frameMs, false);
    }
    if (!waits) return;
    await sleep(this.frameMs);
    await this.deliver(nothingFor([connection]));
  }

  /** @returns those that something still waits for, and how long they rest (ms) */
  private async round(clients: ReadonlyMap<string, Changes>): Promise<Map<string, number>> {
    const late = new Map<string, number>();
    if (clients.size === 0) return late;
    const offered = await this.outbox.offer(clients);
    const failed = await bounded([...offered], POSTS, async ([connection, offer]) => {
      if (offer.kind === 'resting') late.set(connection, Math.max(1, offer.ms));
      if (offer.kind !== 'taken') return;
      const result = await this.tell(connection, offer.told);
      if (result !== 'done') late.set(connection, result.waitMs);
    });
    for (const [[connection], error] of failed) logError('could not send to a client', error, { connection });
    return late;
  }

  private async tell(connection: string, told: ReadonlyMap<string, Told>): Promise<Result> {
    const frames = [...told].flatMap(([id, { positions, left }]) => toFrames('positions', id, positions, left));
    try {
      for (const frame of frames) {
        if (!(await this.connections.post(connection, frame))) {
          await this.subscriptions.forget(connection);
          return 'done';
        }
      }
    } catch (error) {
      logError('could not post to a client', error, { connection });
      await this.outbox.release(connection, FAILED_REST_MS, false);
      return { waitMs: FAILED_REST_MS };
    }
    const restMs = this.frameMs * Math.max(1, frames.length);
    return (await this.outbox.release(connection, restMs, true)) ? { waitMs: restMs } : 'done';
  }
}
