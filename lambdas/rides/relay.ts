import { setTimeout as sleep } from 'node:timers/promises';
import { encodeBatch, type PositionBatch } from '../contract/batch';
import { utcDay } from '../contract/time';
import { logError } from '../platform/log';
import { putMetrics } from '../platform/metrics';
import type { Objects } from '../platform/objects';
import { isOutage } from '../platform/outage';
import { StreamUnavailable, type StreamWriter } from '../platform/stream-writer';
import { bounded, type Change, type Read } from '../platform/streams';
import { check, cleaned, type Mend, type Verdict } from './check';
import type { Mender } from './relay-store';

/** Rows under way at a time. */
const WIDTH = 8;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** Points of one record at most: what ingest takes in one request. */
const POINTS_PER_RECORD = 1_000;

export interface Means {
  retentionDays: number;
  mender: Pick<Mender, 'mend' | 'count'>;
  /** Where what can't stay is set aside. */
  aside: Pick<Objects, 'put'>;
  positions: Pick<StreamWriter, 'put'>;
}

/** A device's own write, and the record that told of it. */
interface Own extends Verdict {
  sequence: string;
  at: number;
}

interface Faulty extends Own {
  mend: Mend;
}

/** What came of a stream's changes. */
export interface Handled {
  /** All changes, without what can't stay. */
  changes: Read<Change>[];
  /** Sequence numbers to try again. */
  failed: Set<string>;
}

/**
 * Takes care of rows that devices wrote themselves: sets aside what can't stay, with the reason; sets the row right;
 * counts it against the device; and relays what is good to the stream of positions, from where it goes the way of every
 * reported point. All of it may be done again.
 */
export class Direct {
  constructor(private readonly means: Means) {}

  /** @param deadline until when outages are waited for (epoch ms) */
  async handle(reads: readonly Read<Change>[], deadline: number): Promise<Handled> {
    const judged = reads.map((read) => ({ read, verdict: check(read.value, this.means.retentionDays) }));
    const own = judged.flatMap(({ read, verdict }): Own[] =>
      verdict ? [{ ...verdict, sequence: read.sequence, at: read.value.at }] : [],
    );
    const unmended = await this.mend(own, deadline);
    const unrelayed = await this.relay(own, deadline);
    const changes = judged.map(({ read, verdict }) => ({ ...read, value: cleaned(read.value, verdict) }));
    return { changes, failed: new Set([...unmended, ...unrelayed]) };
  }

  private async mend(own: readonly Own[], deadline: number): Promise<string[]> {
    const faulty = own.flatMap((each): Faulty[] => (each.mend ? [{ ...each, mend: each.mend }] : []));
    const kept = faulty.filter(({ faults }) => faults.length > 0);
    try {
      if (kept.length > 0) await patiently(deadline, () => this.setAside(kept));
    } catch (error) {
      logError('rows of devices could not be set aside', error, { rows: kept.length });
      return faulty.map(({ sequence }) => sequence);
    }
    const failed = await bounded(faulty, WIDTH, (each) => patiently(deadline, () => this.mendOne(each)));
    for (const [{ sequence }, error] of failed) logError('row not mended', error, { sequence });
    return [...failed.keys()].map(({ sequence }) => sequence);
  }

  private setAside(kept: readonly Own[]): Promise<void> {
    return this.means.aside.put(placeOf(kept), JSON.stringify(kept.map(toNote)), 'application/json');
  }

  /** The mending is what is counted, so that a repeat counts nothing. */
  private async mendOne({ mend, ...verdict }: Faulty): Promise<void> {
    const done = await this.means.mender.mend({ ...verdict, mend }, mend, verdict.sequence);
    const refused = Math.min(done, verdict.faults.length);
    if (refused === 0) return;
    await this.means.mender.count(verdict.device, refused, verdict.at);
    putMetrics('rides', { directRefused: refused });
  }

  private async relay(own: readonly Own[], deadline: number): Promise<string[]> {
    const good = own.filter(({ added }) => added.length > 0);
    if (good.length === 0) return [];
    const records = toBatches(good, Date.now()).map((batch) => ({
      partitionKey: batch.device,
      data: encodeBatch(batch),
    }));
    try {
      await patiently(deadline, () => this.means.positions.put(records));
    } catch (error) {
      logError('rows of devices could not be relayed', error, { rows: good.length });
      return good.map(({ sequence }) => sequence);
    }
    putMetrics('rides', { directPoints: good.reduce((sum, { added }) => sum + added.length, 0) });
    return [];
  }
}

/** One batch a track, or several where it is long: points that are stored, accepted now. */
export function toBatches(own: readonly Pick<Own, 'device' | 'task' | 'added'>[], now: number): PositionBatch[] {
  const tracks = new Map<string, PositionBatch>();
  for (const { device, task, added } of own) {
    const key = `${device}#${task}`;
    const known = tracks.get(key) ?? { device, task, at: now, stored: true as const, points: [] };
    known.points.push(...added);
    tracks.set(key, known);
  }
  return [...tracks.values()].flatMap((batch) => {
    const points = batch.points.sort((a, b) => a.time - b.time);
    const parts = Math.ceil(points.length / POINTS_PER_RECORD);
    return Array.from({ length: parts }, (_, part) => ({
      ...batch,
      points: points.slice(part * POINTS_PER_RECORD, (part + 1) * POINTS_PER_RECORD),
    }));
  });
}

/** Where it is set aside: the same for a repeat of the same records. */
const placeOf = ([first]: readonly Own[]): string => `refused/${utcDay(first?.at ?? 0)}/${first?.sequence ?? ''}.json`;

const toNote = ({ device, task, sort, at, faults }: Own) => ({ device, task, row: sort, at, faults });

/** Tries until it is done, as long as what stands in the way passes. @throws what it threw last */
async function patiently<T>(deadline: number, attempt: () => Promise<T>): Promise<T> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (error) {
      const passes = isOutage(error) || error instanceof StreamUnavailable;
      if (!passes || Date.now() + pause > deadline) throw error;
    }
    await sleep(pause);
  }
}
