import type { Environment } from '../../client/src/environment';
import type { Point } from '../../client/src/point';
import type { Source } from '../../client/src/source';
import { MemoryStore } from '../../client/src/store';
import { Tracker, type TrackerOptions } from '../../client/src/tracker';
import type { TrackerEvent } from '../../client/src/uploader';
import { FakeClock } from './fake-clock';
import { MemoryServer } from './server';

/** Positions that a test tells. */
export class HandSource implements Source {
  private listener: ((point: Point) => Promise<void>) | undefined;
  readonly paces: number[] = [];
  ended = 0;

  start(tell: (point: Point) => Promise<void>): () => void {
    this.listener = tell;
    return () => {
      this.listener = undefined;
      this.ended += 1;
    };
  }

  pace(intervalMs: number): void {
    this.paces.push(intervalMs);
  }

  async tell(point: Point): Promise<void> {
    await this.listener?.(point);
  }
}

/** A tracker, the server that it reports to, and the clock that both go by. */
export interface Scene {
  clock: FakeClock;
  server: MemoryServer;
  source: HandSource;
  store: MemoryStore;
  events: TrackerEvent[];
  /** A tracker on the same store: one at a time. */
  tracker(options?: Partial<TrackerOptions>): Tracker;
  /** Tells the place so many degrees further on, now. */
  drive(northDegrees: number): Promise<void>;
  close(): Promise<void>;
}

/** Every fix is kept, so that tests can count. */
const keepAll = { intervalMs: { still: 0, slow: 0, fast: 0 } };

export async function openScene(random: () => number = () => 0.5): Promise<Scene> {
  const clock = new FakeClock();
  const server = await MemoryServer.open(() => clock.truth);
  const [source, store, events] = [new HandSource(), new MemoryStore(), [] as TrackerEvent[]];
  const environment: Partial<Environment> = { clock, random };
  const trackers: Tracker[] = [];
  return {
    clock,
    server,
    source,
    store,
    events,
    tracker(options = {}) {
      const made = new Tracker({
        api: server.url,
        token: 'token',
        source,
        store,
        sampling: keepAll,
        onEvent: (event) => events.push(event),
        environment,
        ...options,
      });
      trackers.push(made);
      return made;
    },
    drive: (northDegrees) => source.tell({ time: clock.now(), lat: 41 + northDegrees, lon: -8 }),
    async close() {
      await Promise.all(trackers.map((each) => each.stop()));
      await server.close();
    },
  };
}
