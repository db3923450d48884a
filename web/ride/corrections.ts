import { Refused, why } from '../ask';
import type { RideApi, RideName } from './ride-api';
import { Track } from './track';
import type { Correction } from './words';

/** A correction looks back over some minutes, and changes what it has said of them (ms). */
const UNSETTLED_MS = 600_000;

/** The corrected track of a ride, read when somebody wants to see it, and again as it grows. */
export class Corrections {
  readonly track = new Track();
  private known: Correction | undefined;
  private reading = false;
  /** The ride's late arrival that was known when all was read. */
  private late: number | undefined;

  constructor(
    private readonly api: Pick<RideApi, 'corrected'>,
    private readonly name: RideName,
  ) {}

  /** Undefined as long as nothing was answered. */
  get state(): Correction | undefined {
    return this.known;
  }

  /** @returns whether it was read since a point came late (`lateArrivalAt` of the ride) */
  knows(lateArrivalAt: number | undefined): boolean {
    return this.known !== undefined && lateArrivalAt === this.late;
  }

  /**
   * Reads what is new; all of it, after a point that came late.
   * @param lateArrivalAt as the ride tells it: a late point may change what lies long ago
   */
  async refresh(lateArrivalAt: number | undefined): Promise<void> {
    if (this.reading) return;
    this.reading = true;
    const { until } = this.known ?? {};
    const from = until === undefined || !this.knows(lateArrivalAt) ? 0 : until - UNSETTLED_MS;
    try {
      const corrected = await this.api.corrected(this.name, from);
      this.track.replaceFrom(from, corrected.points);
      this.known = { points: this.track.points.length, until: corrected.until };
      this.late = lateArrivalAt;
    } catch (error) {
      // A track that does not exist is said elsewhere; one that was read before stays.
      const missing = error instanceof Refused && error.status === 404;
      this.known = { points: this.track.points.length, until, problem: missing ? undefined : why(error) };
    } finally {
      this.reading = false;
    }
  }
}
