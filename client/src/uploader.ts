import { asAsked, type BackoffSettings, fullJitter } from './backoff';
import { type Batching, dueAt } from './batching';
import type { Buffer, Waiting } from './buffer';
import type { Environment } from './environment';
import type { Point } from './point';
import { corrected, inOrder, type ServerClock } from './server-clock';
import type { Outcome, RefusedPoint, Transport } from './transport';

/** What a tracker tells as it goes. */
export type TrackerEvent =
  /** The server has these; none of them will be lost. */
  | { type: 'sent'; points: number }
  /** The server will never take this one: it is dropped. */
  | { type: 'refused'; point: Point; code: string; detail: string }
  /** Too many waited: so many of the oldest were dropped, every other one. */
  | { type: 'thinned'; points: number }
  /** Sending failed; it is tried again in `retryInMs`. */
  | { type: 'waiting'; code: string; detail: string; retryInMs: number }
  /** A source or a store has failed. */
  | { type: 'error'; error: Error };

export interface UploaderParts {
  buffer: Buffer;
  transport: Transport;
  serverClock: ServerClock;
  /** Asks for the server's time. */
  learnTime(signal: AbortSignal): Promise<void>;
  environment: Environment;
  batching: Batching;
  backoff: BackoffSettings;
  tell(event: TrackerEvent): void;
}

/**
 * A point's time is final before it is sent first: so a repeat is a repeat, also by a later process.
 * @param before the point before the first of these
 */
function withTimes(entries: readonly Waiting[], before: Waiting | undefined, offset: number): Waiting[] {
  let last = before;
  return entries.map((entry) => {
    const { point, toldAt } = entry;
    const time = entry.time ?? inOrder(last, point.time, corrected(point.time, toldAt, offset));
    last = { ...entry, time };
    return last;
  });
}

type Later = Extract<Outcome, { is: 'later' }>;

const toSend = ({ point, time }: Waiting): Point => ({ ...point, time: time ?? point.time });

/** Sends what waits in the buffer: in order, one request at a time, again and again until it is taken. */
export class Uploader {
  private readonly ends = new AbortController();
  private lastSent: Waiting | undefined;
  private failures = 0;
  /** By the monotonic clock: when the next attempt may be; and when at the earliest, because the server says so. */
  private retryAt = 0;
  private notBefore = 0;
  private most: number;
  private stretch = 1;
  private running: Promise<void> | undefined;
  private cancel: () => void = () => undefined;

  constructor(private readonly parts: UploaderParts) {
    this.most = parts.batching.mostPoints;
  }

  /** Something has changed: sends now if it is time, else then. */
  poke(): void {
    this.cancel();
    const wait = this.nextAt() - this.parts.environment.clock.monotonic();
    if (this.running || this.ends.signal.aborted || wait === Number.POSITIVE_INFINITY) return;
    if (wait <= 0) this.run(false);
    else this.cancel = this.parts.environment.clock.after(wait, () => this.poke());
  }

  /** Sends everything now, unless the server has asked to wait. Ends when all is sent, or with the first failure. */
  async flush(): Promise<void> {
    while (this.running) await this.running;
    if (this.ends.signal.aborted || this.notBefore > this.parts.environment.clock.monotonic()) return;
    this.cancel();
    this.run(true);
    await this.running;
  }

  /** Gives up what is on its way; it stays in the buffer. */
  async stop(): Promise<void> {
    this.ends.abort();
    this.cancel();
    await this.running;
  }

  private nextAt(): number {
    const { oldest, newest, size } = this.parts.buffer;
    if (!oldest || !newest) return Number.POSITIVE_INFINITY;
    const backlog = { count: size, since: oldest.since, newest: newest.point };
    const due = dueAt(backlog, this.lastSent?.point, this.parts.batching, this.stretch);
    return Math.max(due, this.retryAt, this.notBefore);
  }

  private run(all: boolean): void {
    this.running ??= this.drain(all)
      .catch((error: unknown) => void this.failed(error))
      .finally(() => {
        this.running = undefined;
        this.poke();
      });
  }

  private async drain(all: boolean): Promise<void> {
    const { environment } = this.parts;
    do {
      if (!(await this.sendOne())) return;
    } while (!this.ends.signal.aborted && (all || this.nextAt() <= environment.clock.monotonic()));
  }

  /** @returns whether to go on */
  private async sendOne(): Promise<boolean> {
    const { buffer, transport } = this.parts;
    const taken = await this.timed(buffer.take(this.most));
    if (!taken) return this.later({ is: 'later', code: 'no_answer', detail: 'The server’s time is not known yet.' });
    const [first] = taken;
    if (!first) return false;
    const outcome = await transport.send({ task: first.task, points: taken.map(toSend) }, this.ends.signal);
    if (outcome.is === 'later') return this.later(outcome);
    this.failures = 0;
    this.retryAt = 0;
    if (outcome.is === 'split' && taken.length > 1) return this.smaller(taken.length >> 1);
    await this.taken(taken, outcome.is === 'taken' ? outcome.refused : [{ ...outcome, index: 0 }]);
    return true;
  }

  /** Gives times to what has none. @returns undefined where the server's time can't be learned and is needed */
  private async timed(taken: Waiting[]): Promise<Waiting[] | undefined> {
    const { buffer, transport, serverClock, learnTime } = this.parts;
    if (taken.every(({ time }) => time !== undefined)) return taken;
    if (serverClock.offset === undefined) await learnTime(this.ends.signal);
    const { offset } = serverClock;
    if (offset === undefined && !transport.worksWithoutApi) return undefined;
    const timed = withTimes(taken, this.lastSent, offset ?? 0);
    await buffer.change(timed);
    return timed;
  }

  private async smaller(most: number): Promise<boolean> {
    this.most = most;
    await this.parts.buffer.settle([]);
    return true;
  }

  private async taken(taken: readonly Waiting[], refused: readonly RefusedPoint[]): Promise<void> {
    const { buffer, batching, environment, tell } = this.parts;
    this.most = Math.min(batching.mostPoints, this.most * 2);
    this.stretch = 0.75 + environment.random() / 2;
    await buffer.settle(taken);
    this.lastSent = taken.at(-1) ?? this.lastSent;
    const points = taken.length - refused.length;
    if (points > 0) tell({ type: 'sent', points });
    for (const { index, code, detail } of refused) {
      const entry = taken[index];
      if (entry) tell({ type: 'refused', point: toSend(entry), code, detail });
    }
  }

  private async later({ code, detail, waitMs }: Later): Promise<boolean> {
    const { buffer, backoff, environment, tell } = this.parts;
    await buffer.settle([]);
    if (this.ends.signal.aborted) return false;
    const now = environment.clock.monotonic();
    this.failures += 1;
    this.retryAt = now + fullJitter(this.failures, environment.random(), backoff);
    if (waitMs !== undefined) this.notBefore = now + asAsked(waitMs, environment.random());
    tell({ type: 'waiting', code, detail, retryInMs: Math.max(this.retryAt, this.notBefore) - now });
    return false;
  }

  private failed(error: unknown): Promise<boolean> {
    const { tell } = this.parts;
    tell({ type: 'error', error: error instanceof Error ? error : new Error(String(error)) });
    return this.later({ is: 'later', code: 'store_failed', detail: 'What waits could not be read or kept.' });
  }
}
