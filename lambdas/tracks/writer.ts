import { logError } from '../platform/log';
import { putMetrics } from '../platform/metrics';
import { bounded } from '../platform/streams';
import { type Received, type Registration, registrationKey, toRegistrations, toRows, withoutExpired } from './decide';
import { Recent } from './recent';
import type { TrackRows } from './store';

/** Calls in flight at once. */
const WIDTH = 32;

/** What a function instance remembers to have registered: a device that reports all day is registered once an hour. */
const REMEMBERED = 50_000;

/** Writes a stream's batches to the table: the registry first, so that no row exists that a reader can't find. */
export class TrackWriter {
  private readonly registered = new Recent(REMEMBERED);

  constructor(
    private readonly rows: Pick<TrackRows, 'append' | 'register'>,
    private readonly retentionDays: number,
  ) {}

  /**
   * Every record is tried, whatever the others do; what has outlived the retention is left out and counted.
   * @param now epoch ms
   * @returns the sequence numbers of the records that something of failed: writing them again is safe
   */
  async write(received: readonly Received[], now: number): Promise<Set<string>> {
    const live = withoutExpired(received, this.retentionDays, now);
    countExpired(received, live);
    const failed = await this.register(toRegistrations(live));
    const rows = toRows(live).filter(({ sequences }) => [...sequences].some((sequence) => !failed.has(sequence)));
    const failures = await bounded(rows, WIDTH, (row) => this.rows.append(row));
    return new Set([...failed, ...failedSequences(failures)]);
  }

  private async register(registrations: Registration[]): Promise<Set<string>> {
    const unknown = registrations.filter((registration) => !this.registered.has(registrationKey(registration)));
    const failures = await bounded(unknown, WIDTH, async (registration) => {
      await this.rows.register(registration);
      this.registered.add(registrationKey(registration));
    });
    return failedSequences(failures);
  }
}

function countExpired(received: readonly Received[], live: readonly Received[]): void {
  const count = (batches: readonly Received[]) => batches.reduce((sum, { value }) => sum + value.points.length, 0);
  const expiredPoints = count(received) - count(live);
  if (expiredPoints > 0) putMetrics('tracks', { expiredPoints });
}

/** One line a failure, and every record that had a part in it. */
function failedSequences(failures: Map<{ sequences: Set<string> }, unknown>): Set<string> {
  const sequences = new Set<string>();
  for (const [item, error] of failures) {
    logError('write failed', error, { records: item.sequences.size });
    for (const sequence of item.sequences) sequences.add(sequence);
  }
  return sequences;
}
