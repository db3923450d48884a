import { createHash, type Hash } from 'node:crypto';
import { type ImportedRide, importLimits, type LeftOut } from '../contract/imports';
import type { Moment } from '../contract/objection';
import type { Position } from '../contract/position';
import { reasons, refusalOf, type Understood, understand } from './judge';
import { FileRefused, type RawPoint, type Sink } from './sink';

/** Different things that a report names; what comes later is left out of it, not of the counts above it. */
const MOST_KINDS = 50;
const LONGEST_NAME = 100;

interface Ride {
  /** Of all points that make sense, whenever they are imported: it names the ride. */
  digest: Hash;
  times: Set<number>;
  name?: string;
  points: number;
  from: number;
  to: number;
}

/** Counts things by their kind, and where each was met first. */
class Tally {
  private readonly kinds = new Map<string, { count: number; first: string }>();

  add(code: string, where: string): void {
    const known = this.kinds.get(code);
    if (known) known.count += 1;
    else if (this.kinds.size < MOST_KINDS) this.kinds.set(code, { count: 1, first: where });
  }

  list(detailOf: (code: string) => string): LeftOut[] {
    return [...this.kinds].map(([code, { count, first }]) => ({ code, count, first, detail: detailOf(code) }));
  }
}

/**
 * Judges what a parser tells, ride by ride.
 * @param take gets each point that is taken, with its ride's place in the file: the first is 0
 */
export class Survey implements Sink {
  private readonly rides: Ride[] = [];
  private readonly refusedPoints = new Tally();
  private readonly ignoredThings = new Tally();
  private seen = 0;

  constructor(
    private readonly circumstances: Moment,
    private readonly take: (ride: number, position: Position) => void = () => undefined,
  ) {}

  startRide(): void {
    if (this.rides.length >= importLimits.rides) {
      throw new FileRefused('too_many_rides', `The file has more than ${importLimits.rides} tracks.`);
    }
    const digest = createHash('sha256');
    this.rides.push({
      digest,
      times: new Set(),
      points: 0,
      from: Number.POSITIVE_INFINITY,
      to: Number.NEGATIVE_INFINITY,
    });
  }

  nameRide(name: string): void {
    const ride = this.rides.at(-1);
    if (ride && name !== '') ride.name ??= [...name.slice(0, 2 * LONGEST_NAME)].slice(0, LONGEST_NAME).join('');
  }

  ignored(what: string, where: string): void {
    this.ignoredThings.add(what.slice(0, 64), where);
  }

  point(raw: RawPoint, where: string): void {
    this.seen += 1;
    if (this.seen > importLimits.points) {
      throw new FileRefused('too_many_points', `The file has more than ${importLimits.points} points.`);
    }
    const ride = this.rides.at(-1);
    const understood = understand(raw);
    if (!ride) this.ignored('point outside of a track', where);
    else if (typeof understood === 'string') this.refusedPoints.add(understood, where);
    else this.judge(ride, understood, where);
  }

  private judge(ride: Ride, { position, without }: Understood, where: string): void {
    for (const name of new Set(without)) this.ignored(name, where);
    ride.digest.update(`${position.time},${position.lat},${position.lon}\n`);
    const refusal = ride.times.has(position.time) ? 'duplicate_time' : refusalOf(position, this.circumstances);
    ride.times.add(position.time);
    if (refusal === undefined) this.keep(ride, position);
    else this.refusedPoints.add(refusal, where);
  }

  private keep(ride: Ride, position: Position): void {
    ride.points += 1;
    ride.from = Math.min(ride.from, position.time);
    ride.to = Math.max(ride.to, position.time);
    this.take(this.rides.length - 1, position);
  }

  /** What was found, once the file is read: rides without a point that is taken are left out. */
  findings(): Findings {
    const tasks = this.rides.map(({ digest }) => `import-${digest.digest('hex').slice(0, 32)}`);
    const rides = this.rides.flatMap(({ name, points, from, to }, index): ImportedRide[] => {
      const task = tasks[index];
      if (points === 0 || task === undefined) return [];
      return [{ task, ...(name !== undefined && { name }), points, from, to }];
    });
    return {
      tasks,
      rides,
      accepted: rides.reduce((sum, { points }) => sum + points, 0),
      refused: this.refusedPoints.list((code) => reasons[code] ?? code),
      ignored: this.ignoredThings.list((what) => `“${what}” was passed over.`),
    };
  }
}

export interface Findings {
  /** Of each ride in the file, in its order: what its points make its task. */
  tasks: string[];
  rides: ImportedRide[];
  accepted: number;
  refused: LeftOut[];
  ignored: LeftOut[];
}
