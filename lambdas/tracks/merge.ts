import { BadRequest } from '../contract/errors';
import { bounded } from '../platform/streams';
import { compare, type Order, type Place, type Run, type TrackPoint } from './decide';

/** Tasks whose rows lie open at once: a page waits for each of them before it knows its first point. */
const OPEN_RUNS = 200;

/** Calls in flight at once. */
const WIDTH = 16;

/** Where a page's points come from. */
export interface PointSources {
  /** Stretches of time in which tasks have points, group by group, in the page's order. */
  runs: AsyncIterator<Run[]>;
  /** The points of a run, some at a time, in the page's order. */
  open(run: Run): AsyncIterator<TrackPoint[]>;
  /** Points that the rows may lack yet, in the page's order. */
  tail: readonly TrackPoint[];
}

interface Points {
  points: readonly TrackPoint[];
  at: number;
}

interface Source extends Points {
  more: AsyncIterator<TrackPoint[]>;
}

const headOf = ({ points, at }: Points): TrackPoint | undefined => points[at];

/**
 * Merges the tasks of a device into one list in the order of time, reading no further ahead than it must. Each point
 * comes once: rows go before the tail, so that of two versions of a point the stored one counts.
 */
export class Merge {
  private readonly tail: Points;
  private open: Source[] = [];
  private upcoming: Run[] = [];
  private feeding = true;
  private pulls = 0;
  private opened = false;
  private last: TrackPoint | undefined;

  /** @param pullLimit steps of reading after which the merge rests rather than read on; it goes on where resting is no progress */
  constructor(
    private readonly sources: PointSources,
    private readonly order: Order,
    private readonly pullLimit: number,
  ) {
    this.tail = { points: sources.tail, at: 0 };
  }

  /**
   * Looks at the next point without taking it.
   * @returns the point; a place to go on from where the merge rests; undefined at the end
   * @throws BadRequest `too_many_tasks`
   */
  async peek(): Promise<{ point: TrackPoint } | { rest: Place } | undefined> {
    for (;;) {
      const step = this.step();
      if (step === undefined) {
        const point = this.head();
        return point && { point };
      }
      const rest = this.resting();
      if (rest) return { rest };
      await step();
    }
  }

  /** What must be read before the next point is certain. */
  private step(): (() => Promise<void>) | undefined {
    const empty = this.open.filter((source) => headOf(source) === undefined);
    if (empty.length > 0) return () => this.refill(empty);
    if (this.upcoming.length === 0 && this.feeding) return () => this.feed();
    const due = this.due(this.head());
    return due.length > 0 ? () => this.openRuns(due) : undefined;
  }

  /** Takes the point that `peek` showed. */
  take(point: TrackPoint): void {
    this.last = point;
    for (const source of [...this.open, this.tail]) this.skip(source, point);
  }

  private skip(source: Points, point: TrackPoint): void {
    const head = headOf(source);
    if (head && compare(head, point, this.order) <= 0) source.at += 1;
  }

  /** Between points it rests behind the last one; before any, between runs, if it has gone through one at least. */
  private resting(): Place | undefined {
    if (this.pulls < this.pullLimit) return undefined;
    if (this.last) return { time: this.last.time, task: this.last.task };
    const [next] = this.upcoming;
    if (!this.opened || this.open.length > 0 || headOf(this.tail) || next === undefined) return undefined;
    return this.order === 'oldest' ? { time: next.from, task: '' } : { time: next.to - 1, task: '~' };
  }

  private async refill(empty: Source[]): Promise<void> {
    const failed = await bounded(empty, WIDTH, async (source) => {
      const pulled = await source.more.next();
      if (pulled.done) this.open = this.open.filter((other) => other !== source);
      else Object.assign(source, { points: pulled.value, at: 0 });
    });
    for (const error of failed.values()) throw error;
    this.pulls += empty.length;
  }

  private async feed(): Promise<void> {
    const group = await this.sources.runs.next();
    this.pulls += 1;
    if (group.done) this.feeding = false;
    else this.upcoming = group.value;
  }

  private head(): TrackPoint | undefined {
    let first = headOf(this.tail);
    for (const source of this.open) {
      const head = headOf(source);
      if (head && (first === undefined || compare(head, first, this.order) <= 0)) first = head;
    }
    return first;
  }

  /** Runs that may hold a point at or before `point`; where there is none, those that come next. */
  private due(point: TrackPoint | undefined): Run[] {
    const edge = ({ from, to }: Run) => (this.order === 'oldest' ? from : 1 - to);
    const [next] = this.upcoming;
    if (next === undefined) return [];
    const limit = point === undefined ? edge(next) : this.order === 'oldest' ? point.time : -point.time;
    return this.upcoming.filter((run) => edge(run) <= limit);
  }

  private async openRuns(due: Run[]): Promise<void> {
    if (this.open.length + due.length > OPEN_RUNS) {
      throw new BadRequest(
        'too_many_tasks',
        `The device has more than ${OPEN_RUNS} tasks at one time: read them one by one, at /v1/tracks/{owner}/{task}.`,
      );
    }
    this.opened = true;
    this.upcoming = this.upcoming.filter((run) => !due.includes(run));
    this.open.push(...due.map((run): Source => ({ points: [], at: 0, more: this.sources.open(run) })));
  }
}

export interface Page {
  points: TrackPoint[];
  /** Points before this time are corrected (epoch ms); only where corrections are asked for. */
  correctedUntil?: number;
  /** There may be more behind this place. */
  next?: Place;
}

interface PageSize {
  points: number;
  bytes: number;
  /** @returns bytes that a point takes of them */
  measure(point: TrackPoint): number;
}

/** Takes points off a merge until the page is full; a page holds at least one point, however large. */
export async function takePage(merge: Merge, size: PageSize): Promise<Page> {
  const points: TrackPoint[] = [];
  let bytes = 0;
  for (;;) {
    const found = await merge.peek();
    if (found === undefined) return { points };
    if ('rest' in found) return { points, next: found.rest };
    const { point } = found;
    bytes += size.measure(point);
    const last = points.at(-1);
    if (last && (points.length >= size.points || bytes > size.bytes)) {
      return { points, next: { time: last.time, task: last.task } };
    }
    points.push(point);
    merge.take(point);
  }
}
