import type { JournalEntry } from '../contract/journal';
import type { Position } from '../contract/position';
import { MINUTE_MS } from '../contract/time';
import { advance, type Step, type StepRow } from './advance';
import { hourOf, overflows, type RowChange, rowNumber, type Versions } from './changes';
import type { Journal } from './journal';
import { noProgress, type Progress, type Track } from './ride';
import type { RowReads } from './row-reads';
import type { RideStore } from './store';

/** Others that change the same ride meanwhile: a shard has one reader, so none but a redrive. */
const CONFLICTS = 5;

/** Points of one journal entry, as JSON: a single row may have more. */
const ENTRY_BYTES = 150_000;

/** Places of rides that an instance remembers. */
const REMEMBERED = 10_000;

type Known = ReadonlyMap<number, Versions>;

/** Keeps rides: each new point goes into the track's journal once, and into the statistics. */
export class RideKeeper {
  private readonly places = new Map<string, string>();

  constructor(
    private readonly store: Pick<RideStore, 'place' | 'claim' | 'load' | 'save' | 'hours' | 'saveHour' | 'renewPlace'>,
    private readonly journal: Pick<Journal, 'enter' | 'entry' | 'entered'>,
    private readonly rows: Pick<RowReads, 'minutes' | 'times'>,
    private readonly clock: () => number = Date.now,
  ) {}

  /**
   * Counts changes of one track's rows, in any order and however often.
   * @throws where a store fails: what is done so far is found again when it is tried anew
   */
  async keep(track: Track, changes: readonly RowChange[]): Promise<void> {
    const place = await this.placeOf(track, changes);
    for (let conflicts = 0; conflicts < CONFLICTS; ) {
      const outcome = await this.step(track, place, changes);
      if (outcome === 'done') return;
      if (outcome === 'conflict') conflicts += 1;
    }
    throw new Error('A ride is changed by others all the time.');
  }

  private async step(
    track: Track,
    place: string,
    changes: readonly RowChange[],
  ): Promise<'done' | 'more' | 'conflict'> {
    const { progress } = (await this.store.load(track, place)) ?? { progress: noProgress };
    const known = await this.known(track, progress, changes);
    const fresh = freshRows(changes, known);
    const due = portion(fresh);
    const at = this.clock();
    const points = await this.newPoints(track, due, changes, known);
    const rows = Object.fromEntries(due.map(({ row, after }) => [row, after.version]));
    const newest = Math.max(progress.newest ?? 0, ...points.map(({ time }) => minuteOf(time)));
    const continues = points.every(({ time }) => minuteOf(time) === progress.newest);
    const entry = { ...track, seq: progress.seq + 1, at, points, rows, newest, ...(continues && { continues }) };
    const entered = points.length > 0 && (await this.journal.enter(entry));
    // Another try has entered something and not counted it, or so it may be where there is nothing to enter.
    if (!entered && (points.length > 0 || fresh.length === 0))
      return this.adopt(track, place, progress, points.length > 0);
    const whole = due.map((change) => stepRow(change, known));
    const step = { seq: progress.seq + (entered ? 1 : 0), rows: whole, at };
    if (!(await this.count(track, place, progress, step, known))) return 'conflict';
    return due.length === fresh.length ? 'done' : 'more';
  }

  /** Counts the entry that follows, of a try that did not come to its end. Its rows are read: they may be newer. */
  private async adopt(
    track: Track,
    place: string,
    progress: Progress,
    expected: boolean,
  ): Promise<'done' | 'more' | 'conflict'> {
    const entry = await this.journal.entry(track, progress.seq + 1);
    if (entry === undefined) return expected ? 'conflict' : 'done';
    const rows = entryRows(entry);
    const known = await this.known(track, progress, rows);
    const counted = await this.count(track, place, progress, { seq: entry.seq, rows, at: entry.at }, known);
    return counted ? 'more' : 'conflict';
  }

  /** @returns whether it was counted; not where another change came first */
  private async count(track: Track, place: string, progress: Progress, step: Step, known: Known): Promise<boolean> {
    const { hours, progress: next } = await advance(track, progress, step, known, {
      minutes: (...range) => this.rows.minutes(...range),
      hours: (of) => this.store.hours(of),
    });
    for (const hour of hours) if (!(await this.store.saveHour(track, hour))) return false;
    const newest = next.newest ?? 0;
    if (progress.newest !== undefined && hourOf(newest) > hourOf(progress.newest)) {
      await this.store.renewPlace(track, hourOf(newest));
    }
    return this.store.save(track, place, next, progress.revision, step.at);
  }

  /** Versions known of the hours that rows lie in, and of the newest. */
  private async known(
    track: Track,
    { newest, versions }: Progress,
    rows: readonly { minute: number }[],
  ): Promise<Known> {
    const known = new Map<number, Versions>();
    if (newest === undefined) return known;
    const current = hourOf(newest);
    for (const hour of new Set(rows.map(({ minute }) => hourOf(minute)))) {
      if (hour >= current) continue;
      const [item] = await this.store.hours(track, hour);
      if (item) known.set(hour, item.versions);
    }
    return known.set(current, versions);
  }

  /** The points that no entry has yet, each time once and in order. */
  private async newPoints(
    track: Track,
    due: RowChange[],
    changes: readonly RowChange[],
    known: Known,
  ): Promise<Position[]> {
    const points = new Map<number, Position>();
    for (const change of due) {
      const entered = await this.entered(track, change, changes, known);
      for (const point of change.after.points)
        if (!entered.has(point.time) && !points.has(point.time)) points.set(point.time, point);
    }
    return [...points.values()].sort((a, b) => a.time - b.time);
  }

  /** Times of a row that the journal has: those of the image that is known, which one of the changes shows as a rule. */
  private async entered(
    track: Track,
    { row, minute }: RowChange,
    changes: readonly RowChange[],
    known: Known,
  ): Promise<Set<number>> {
    const version = known.get(hourOf(minute))?.get(rowNumber(row));
    if (version === undefined) return isOverflow(row) ? this.rows.times(track, minute) : new Set();
    const images = changes
      .filter((change) => change.row === row)
      .flatMap(({ before, after }) => [after, ...(before ? [before] : [])]);
    const seen = images.find((image) => image.version === version);
    if (seen === undefined) return this.journal.entered(track, minute);
    return new Set([
      ...seen.points.map(({ time }) => time),
      ...(isOverflow(row) ? await this.rows.times(track, minute) : []),
    ]);
  }

  private async placeOf(track: Track, changes: readonly RowChange[]): Promise<string> {
    const key = `${track.device}#${track.task}`;
    const first = Math.min(...changes.flatMap(({ minute, after }) => after.points[0]?.time ?? minute));
    const place = this.places.get(key) ?? (await this.store.place(track)) ?? (await this.store.claim(track, first));
    if (this.places.size >= REMEMBERED) this.places.clear();
    this.places.set(key, place);
    return place;
  }
}

const minuteOf = (time: number): number => Math.floor(time / MINUTE_MS) * MINUTE_MS;

const isOverflow = (row: string): boolean => row.includes('s');

/** The newest image of each row that is newer than what is known of it, in order of time. */
function freshRows(changes: readonly RowChange[], known: Known): RowChange[] {
  const newest = new Map<string, RowChange>();
  for (const change of changes) {
    const { row, minute, after } = change;
    const version = newest.get(row)?.after.version ?? known.get(hourOf(minute))?.get(rowNumber(row)) ?? 0;
    if (after.version > version) newest.set(row, change);
  }
  return [...newest.values()].sort((a, b) => (a.row < b.row ? -1 : 1));
}

/** The first rows, as many as go into one entry. */
function portion(rows: readonly RowChange[]): RowChange[] {
  let bytes = 0;
  return rows.filter(({ after }, index) => {
    bytes += JSON.stringify(after.points).length;
    return index === 0 || bytes <= ENTRY_BYTES;
  });
}

/** A minute of several rows has to be read: none of their images has all of its points. */
function stepRow({ row, minute, after }: RowChange, known: Known): StepRow {
  const several = isOverflow(row) || overflows(known.get(hourOf(minute)) ?? new Map(), minute);
  return { row, minute, version: after.version, points: several ? undefined : after.points };
}

function entryRows({ rows }: JournalEntry): StepRow[] {
  return Object.entries(rows).map(([row, version]) => ({
    ...{ row, version, points: undefined },
    minute: Number(row.slice(1, 9)) * MINUTE_MS,
  }));
}
