import { trackKey } from '../contract/track-row';
import { logError } from '../platform/log';
import { putMetrics } from '../platform/metrics';
import { isOutage } from '../platform/outage';
import { bounded } from '../platform/streams';
import {
  type Received,
  type Registration,
  type RowAppend,
  registrationKey,
  toRegistrations,
  toRows,
  withoutExpired,
} from './decide';
import { Recent } from './recent';
import type { TrackRows } from './store';

/** Calls in flight at once. */
const WIDTH = 32;

/** What a function instance remembers to have registered: a device that reports all day is registered once an hour. */
const REMEMBERED = 50_000;

/** What became of records, by their sequence numbers; the others are written. */
export interface Written {
  /** No repetition helps them. */
  refused: Set<string>;
  /** The table did not take them now; writing them again is safe. */
  later: Set<string>;
  /** Whether the table took anything. */
  progress: boolean;
}

/** Not tried: the table did not take what was tried before it. */
class NotTried extends Error {
  override readonly name = 'NotTried';
}

/** Writes a stream's batches to the table: the registry first, so that no row exists that a reader can't find. */
export class TrackWriter {
  private readonly registered = new Recent(REMEMBERED);

  constructor(
    private readonly rows: Pick<TrackRows, 'append' | 'register'>,
    private readonly retentionDays: number,
  ) {}

  /**
   * Every record is tried, whatever the others do, unless the table takes nothing at all; what has outlived the
   * retention is left out and counted.
   * @param now epoch ms
   */
  async write(received: readonly Received[], now: number): Promise<Written> {
    const live = withoutExpired(received, this.retentionDays, now);
    countExpired(received, live);
    const round = new Round();
    await this.register(toRegistrations(live), round);
    const rows = toRows(live).filter(({ sequences }) => [...sequences].some((sequence) => !round.failed(sequence)));
    await round.run(lanesOf(rows), (row) => this.rows.append(row));
    return round.result();
  }

  private async register(registrations: Registration[], round: Round): Promise<void> {
    const unknown = registrations.filter((registration) => !this.registered.has(registrationKey(registration)));
    const lanes = unknown.map((registration) => [registration]);
    await round.run(lanes, async (registration) => {
      await this.rows.register(registration);
      this.registered.add(registrationKey(registration));
    });
  }
}

/**
 * The rows of each track, in order of time: written in this order, each follows what its ride has counted already. Rows
 * that arrive mixed up would be taken for late ones, and their hours counted anew.
 */
function lanesOf(rows: readonly RowAppend[]): RowAppend[][] {
  const lanes = new Map<string, RowAppend[]>();
  for (const row of rows) {
    const key = trackKey(row.device, row.task);
    const lane = lanes.get(key);
    if (lane) lane.push(row);
    else lanes.set(key, [row]);
  }
  return [...lanes.values()].map((lane) => lane.sort((a, b) => a.minute - b.minute));
}

interface Item {
  sequences: Set<string>;
}

/** One try at everything. Where the table takes nothing, the rest is not tried: each try takes seconds then. */
class Round {
  private readonly refused = new Set<string>();
  private readonly later = new Set<string>();
  private written = 0;
  private failuresInARow = 0;

  /** @param lanes tried side by side; the items of each one after the other */
  async run<T extends Item>(lanes: readonly T[][], task: (item: T) => Promise<void>): Promise<void> {
    const failures = new Map<T, unknown>();
    await bounded(lanes, WIDTH, async (lane) => {
      let away = false;
      for (const item of lane) {
        try {
          if (away || this.failuresInARow >= WIDTH) throw new NotTried();
          await this.attempt(() => task(item));
        } catch (error) {
          away ||= isOutage(error);
          failures.set(item, error);
        }
      }
    });
    let told = false;
    for (const [{ sequences }, error] of failures) {
      const passing = error instanceof NotTried || isOutage(error);
      // An outage is one failure, told once; a record at fault is told by itself.
      if (!passing || !told)
        logError(passing ? 'table unavailable' : 'write failed', error, { records: sequences.size });
      told ||= passing;
      for (const sequence of sequences) (passing ? this.later : this.refused).add(sequence);
    }
  }

  failed(sequence: string): boolean {
    return this.refused.has(sequence) || this.later.has(sequence);
  }

  result(): Written {
    const later = new Set([...this.later].filter((sequence) => !this.refused.has(sequence)));
    return { refused: this.refused, later, progress: this.written > 0 };
  }

  private async attempt(task: () => Promise<void>): Promise<void> {
    try {
      await task();
      this.written += 1;
      this.failuresInARow = 0;
    } catch (error) {
      if (isOutage(error)) this.failuresInARow += 1;
      throw error;
    }
  }
}

function countExpired(received: readonly Received[], live: readonly Received[]): void {
  const count = (batches: readonly Received[]) => batches.reduce((sum, { value }) => sum + value.points.length, 0);
  const expiredPoints = count(received) - count(live);
  if (expiredPoints > 0) putMetrics('tracks', { expiredPoints });
}
