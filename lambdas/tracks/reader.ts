import type { PositionBatch } from '../contract/batch';
import { NotFound } from '../contract/errors';
import { readTail } from '../contract/hot/tail';
import type { Identity } from '../contract/identity';
import { logError } from '../platform/log';
import { type Valkey, ValkeyUnavailable } from '../platform/valkey';
import { answerBytes, type Range, type Run, remaining, type TrackPoint, tailPoints, toRuns, unread } from './decide';
import type { Format } from './formats';
import { Merge, type Page, type PointSources, takePage } from './merge';
import type { TrackReads } from './read-store';
import type { TrackRequest } from './request';
import { timesOf, withCorrections } from './view';

/** Steps of reading, about two a query, after which a page ends early: what is sparse takes several pages. */
const STEPS = 200;

/** A function's answer has at most 6 MB (6,291,556 bytes); the rest is for headers and what encloses the points. */
export const ANSWER_BYTES = 5_500_000;

/** Attributes are text within JSON within JSON; in GPX an ampersand takes five bytes besides, in CSV a quote two. */
export const EXPANSION: Record<Format, number> = { json: 2, geojson: 2, gpx: 6, csv: 4 };

/** Who asks: an owner or operator reads all of a device's tracks, a feeder what it reported itself. */
type Reading = { all: true } | { all: false; reporter: string };

export const notFound = () => new NotFound('There is no such track.', 'track_not_found');

/** @throws NotFound for whoever can't have reported anything */
export function readingOf(identity: Identity, device: string): Reading {
  if (identity.sub === device || identity.roles.has('operator')) return { all: true };
  if (!identity.roles.has('feeder')) throw notFound();
  return { all: false, reporter: identity.sub };
}

/** Reads pages of tracks: the table's rows, and what was accepted and may not be in them yet. */
export class TrackReader {
  constructor(
    private readonly reads: TrackReads,
    private readonly valkey: Valkey,
  ) {}

  /**
   * @throws NotFound (`track_not_found`) where there is nothing that the caller may know of
   * @throws BadRequest (`too_many_tasks`)
   */
  async page(request: TrackRequest, format: Format, identity: Identity): Promise<Page> {
    const reading = readingOf(identity, request.device);
    // The tail before the table: what leaves the tail in between is in the table by then.
    const tail = await this.tail(request, reading);
    if (!reading.all && request.task !== undefined && tail.length === 0) {
      const known = await this.reads.isReporter(request.device, request.task, reading.reporter);
      if (!known) throw notFound();
    }
    // How far corrections are, before they are read: what is said to be corrected is.
    const until = request.view === 'raw' ? undefined : await this.correctedUntil(request);
    const merge = new Merge(this.sources(request, reading, tail), request.order, STEPS);
    const page = await takePage(merge, {
      points: request.limit,
      bytes: ANSWER_BYTES,
      measure: (point) => answerBytes(point, EXPANSION[format]) * (request.view === 'both' ? 2 : 1),
    });
    const unknown = page.points.length === 0 && request.after === undefined && tail.length === 0;
    if (unknown && !(await this.exists(request, reading))) throw notFound();
    if (until !== undefined) page.correctedUntil = until;
    return request.view === 'both' ? this.withCorrections(request, page) : page;
  }

  /** @returns whether points of the track have just been accepted */
  async hasTail(device: string, task: string): Promise<boolean> {
    return (await this.tail({ device, task }, { all: true })).length > 0;
  }

  private async correctedUntil({ device, task }: TrackRequest): Promise<number | undefined> {
    return task === undefined ? undefined : this.reads.correctedUntil(device, task);
  }

  private async withCorrections({ device, task }: TrackRequest, page: Page): Promise<Page> {
    const range = timesOf(page.points);
    if (task === undefined || range === undefined) return page;
    const corrected: TrackPoint[] = [];
    for await (const points of this.reads.corrected(device, task, range, 'oldest', page.points.length)) {
      corrected.push(...points);
    }
    return { ...page, points: withCorrections(page.points, corrected) };
  }

  /** The caller's part of the device's tail; empty where Valkey is away: then the rows alone answer. */
  private async tail(
    { device, task }: Pick<TrackRequest, 'device' | 'task'>,
    reading: Reading,
  ): Promise<PositionBatch[]> {
    try {
      const batches = await readTail(this.valkey, device);
      return batches.filter(
        (batch) => (task === undefined || batch.task === task) && (reading.all || batch.by === reading.reporter),
      );
    } catch (error) {
      if (!(error instanceof ValkeyUnavailable)) throw error;
      logError('reading without the tail', error);
      return [];
    }
  }

  private sources(request: TrackRequest, reading: Reading, tail: PositionBatch[]): PointSources {
    const { order, limit, after } = request;
    const range = remaining(request.range, after, order);
    return {
      runs: this.runs(request, range, reading),
      open: (run) => this.points(request, run, limit),
      // What is in the tail alone is not corrected yet.
      tail: request.view === 'corrected' ? [] : unread(tailPoints(tail), range, after, order),
    };
  }

  private async *runs(request: TrackRequest, range: Range, reading: Reading): AsyncGenerator<Run[]> {
    const { device, task, order } = request;
    if (range.from >= range.to) return;
    if (task !== undefined) {
      yield [{ task, ...range }];
      return;
    }
    const reporter = reading.all ? undefined : reading.reporter;
    for await (const days of this.reads.tasks(device, range, order, reporter)) yield toRuns(days, range, order);
  }

  private async *points({ device, order, after, view }: TrackRequest, run: Run, expected: number) {
    const rows = view === 'corrected' ? 'corrected' : 'points';
    for await (const points of this.reads[rows](device, run.task, run, order, expected)) {
      yield unread(points, run, after, order);
    }
  }

  /** A feeder that finds nothing of its own is not told whether there is anything. */
  private async exists({ device, task }: TrackRequest, reading: Reading): Promise<boolean> {
    if (task !== undefined) return this.reads.hasTrack(device, task);
    return reading.all && this.reads.hasTasks(device);
  }
}
