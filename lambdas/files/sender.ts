import { setTimeout as sleep } from 'node:timers/promises';
import { encodeBatch } from '../contract/batch';
import type { Position } from '../contract/position';
import { StreamUnavailable, type StreamWriter } from '../platform/stream-writer';

/** Points of one record: a device's other reports have as many at the most. */
const POINTS_AT_ONCE = 500;
/**
 * Bytes a second of one import: a shard takes 1 MB a second from everybody, and reports of now go before rides of then.
 * Source: Kinesis Data Streams developer guide, "Quotas and limits".
 */
const BYTES_PER_SECOND = 200_000;
/** How long is waited for a stream that takes nothing, at the most (ms). */
const LONGEST_PAUSE_MS = 15_000;

interface Means {
  device: string;
  /** The ride's task, by its place in the file. */
  tasks: readonly string[];
  stream: Pick<StreamWriter, 'put'>;
  /** When the function has to end (epoch ms). */
  deadline: number;
  now?: () => number;
  wait?: (ms: number) => Promise<unknown>;
}

/** Sends an import's points the way of any other: into the stream of positions, a steady trickle. */
export class Sender {
  private ride = 0;
  private points: Position[] = [];
  private ready: { task: string; points: Position[] }[] = [];

  constructor(private readonly means: Means) {}

  add(ride: number, position: Position): void {
    if (ride !== this.ride || this.points.length >= POINTS_AT_ONCE) this.close();
    this.ride = ride;
    this.points.push(position);
  }

  /** Sends what is gathered in whole records. @throws StreamUnavailable */
  async flush(): Promise<void> {
    for (const batch of this.ready.splice(0)) await this.send(batch);
  }

  /** Sends the rest too. @throws StreamUnavailable */
  async end(): Promise<void> {
    this.close();
    await this.flush();
  }

  private close(): void {
    const task = this.means.tasks[this.ride];
    if (this.points.length === 0 || task === undefined) return;
    this.ready.push({ task, points: this.points.sort((a, b) => a.time - b.time) });
    this.points = [];
  }

  private async send({ task, points }: { task: string; points: Position[] }): Promise<void> {
    const { device, stream, deadline, now = Date.now, wait = sleep } = this.means;
    const data = encodeBatch({ device, task, at: now(), points });
    for (let pause = 500; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        await stream.put([{ partitionKey: device, data }]);
        break;
      } catch (error) {
        if (!(error instanceof StreamUnavailable) || now() + pause > deadline) throw error;
        await wait(pause);
      }
    }
    await wait((data.length / BYTES_PER_SECOND) * 1_000);
  }
}
