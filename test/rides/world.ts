import { decodeEntry, encodeEntry, type JournalEntry } from '../../lambdas/contract/journal';
import type { Position } from '../../lambdas/contract/position';
import { minuteKey } from '../../lambdas/contract/track-row';
import { type RowChange, toRowChange } from '../../lambdas/rides/changes';
import { RideKeeper } from '../../lambdas/rides/keeper';
import {
  decodeHour,
  decodeRide,
  type HourItem,
  type Progress,
  progressAttributes,
  toRide,
  versionsText,
} from '../../lambdas/rides/ride';
import { encodeSummary } from '../../lambdas/rides/summary-codec';

export const track = { device: 'd', task: 't' };
const MINUTE = 60_000;

const defined = (item: object) => Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));

/** A track's table and its stream, and what is kept of it, all in memory. Points of a minute beyond `room` overflow. */
export class World {
  readonly rows = new Map<string, Map<string, string>>();
  readonly stream: RowChange[] = [];
  readonly journal = new Map<number, Record<string, unknown>>();
  private readonly hours = new Map<number, Record<string, unknown>>();
  private readonly full = new Set<number>();
  private readonly mended = new Map<string, number>();
  private item: Record<string, unknown> | undefined;
  /** Store calls until one fails, before or after it took effect. */
  failIn = Number.POSITIVE_INFINITY;
  failsAfter = false;
  calls: string[] = [];

  constructor(private readonly room = Number.POSITIVE_INFINITY) {}

  /** Writes points as the consumer of positions does: a repeat changes nothing. */
  write(points: readonly Position[]): void {
    for (const minute of new Set(points.map(({ time }) => Math.floor(time / MINUTE) * MINUTE))) {
      const own = points.filter(({ time }) => time >= minute && time < minute + MINUTE);
      const main = this.rows.get(minuteKey(minute)) ?? new Map<string, string>();
      const known = own.filter(({ time }) => main.has(`p${time % MINUTE}`));
      const added = own.filter((point) => !known.includes(point));
      // A row that has been full takes no more, as the store has it.
      const fitting = this.full.has(minute) ? [] : added.slice(0, Math.max(0, this.room - main.size));
      if (fitting.length < added.length) this.full.add(minute);
      this.append(minuteKey(minute), fitting);
      for (const point of added.slice(fitting.length)) {
        const part = String(Math.floor((point.time % MINUTE) / 500)).padStart(3, '0');
        this.append(`${minuteKey(minute)}s${part}`, [point]);
      }
    }
  }

  private append(row: string, points: readonly Position[]): void {
    const before = this.rows.get(row);
    const after = new Map(before);
    for (const { time, lat, lon, altitude } of points) {
      const name = `p${time % MINUTE}`;
      if (!after.has(name)) after.set(name, [lat, lon, '', '', '', altitude ?? ''].join().replace(/,+$/, ''));
    }
    if (after.size === (before?.size ?? 0)) return;
    this.rows.set(row, after);
    this.change(row, before && this.image(row, before), this.image(row, after));
  }

  /** Takes a point out of its row again, as what a device wrote by itself and can't stay is. */
  takeOut(time: number): void {
    const row = minuteKey(time);
    const points = new Map(this.rows.get(row));
    const before = this.image(row, points);
    points.delete(`p${time % MINUTE}`);
    this.rows.set(row, points);
    this.mended.set(row, (this.mended.get(row) ?? 0) + 1);
    this.change(row, before, this.image(row, points));
  }

  private image(row: string, points: ReadonlyMap<string, string>): Record<string, unknown> {
    const mended = this.mended.get(row);
    return { track: 'd#t', minute: row, ...Object.fromEntries(points), ...(mended !== undefined && { m: mended }) };
  }

  private change(row: string, before: Record<string, unknown> | undefined, after: Record<string, unknown>): void {
    const change = toRowChange({ kind: 'MODIFY', at: 0, before, after });
    if (change === undefined) throw new Error(`no change of ${row}`);
    this.stream.push(change);
  }

  /** All stored points, in order. */
  points(): Position[] {
    return [...this.minutes(0, Number.MAX_SAFE_INTEGER).values()].flat();
  }

  ride() {
    return this.item && toRide(decodeRide(this.item));
  }

  /** Everything kept, to be compared. */
  kept() {
    return { item: this.item, hours: new Map(this.hours), journal: new Map(this.journal) };
  }

  entries(): JournalEntry[] {
    return [...this.journal].sort(([a], [b]) => a - b).flatMap(([, item]) => decodeEntry(item) ?? []);
  }

  /** A consumer of its own, with nothing remembered. */
  keeper(clock = () => 7): RideKeeper {
    return new RideKeeper(this.store, this.entering, this.reading, clock);
  }

  /** As readers meet them: of a point that stands in two rows of a minute, the one in its own row. */
  private minutes(from: number, to: number) {
    const minutes = new Map<number, Map<number, Position>>();
    for (const [row, points] of [...this.rows].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const after = { track: 'd#t', minute: row, ...Object.fromEntries(points) };
      const change = toRowChange({ kind: 'MODIFY', at: 0, before: undefined, after });
      if (change === undefined || change.minute < from || change.minute >= to) continue;
      const known = minutes.get(change.minute) ?? new Map<number, Position>();
      for (const point of change.after.points) if (!known.has(point.time)) known.set(point.time, point);
      minutes.set(change.minute, known);
    }
    const inOrder = (points: Iterable<Position>) => [...points].sort((a, b) => a.time - b.time);
    return new Map([...minutes].map(([minute, points]) => [minute, inOrder(points.values())]));
  }

  private async call<T>(name: string, effect: () => T): Promise<T> {
    this.calls.push(name);
    this.failIn -= 1;
    if (this.failIn < 0 && !this.failsAfter) throw this.failure();
    const result = effect();
    if (this.failIn < 0) throw this.failure();
    return result;
  }

  private failure(): Error {
    this.failIn = Number.POSITIVE_INFINITY;
    return new Error('the store failed');
  }

  private readonly reading = {
    minutes: (_: unknown, from: number, to: number) => this.call('minutes', () => this.minutes(from, to)),
    times: (_: unknown, minute: number) =>
      this.call(
        'times',
        () =>
          new Set([...(this.rows.get(minuteKey(minute))?.keys() ?? [])].map((name) => minute + Number(name.slice(1)))),
      ),
  };

  private readonly entering = {
    enter: (entry: JournalEntry) =>
      this.call('enter', () => {
        if (this.journal.has(entry.seq)) return false;
        this.journal.set(entry.seq, encodeEntry(entry, 1));
        return true;
      }),
    entry: (_: unknown, seq: number) => this.call('entry', () => decodeEntry(this.journal.get(seq) ?? {})),
    entered: (_: unknown, minute: number) =>
      this.call('entered', () => {
        const times = this.entries().flatMap(({ points }) => points.map(({ time }) => time));
        return new Set(times.filter((time) => time >= minute && time < minute + MINUTE));
      }),
  };

  private readonly store = {
    place: () => this.call('place', () => (this.item ? '0000000000000#t' : undefined)),
    claim: () => this.call('claim', () => '0000000000000#t'),
    load: () => this.call('load', () => this.item && decodeRide(this.item)),
    save: (_: unknown, place: string, progress: Progress, seen: number, now: number) =>
      this.call('save', () => {
        if (this.item && this.item.rev !== seen) return false;
        this.item = defined({
          owner: 'd',
          ride: place,
          createdAt: this.item?.createdAt ?? now,
          ...progressAttributes(progress),
        });
        return true;
      }),
    hours: (_: unknown, only?: number) =>
      this.call('hours', () =>
        [...this.hours]
          .filter(([hour]) => only === undefined || hour === only)
          .sort(([a], [b]) => a - b)
          .map(([, item]) => decodeHour(item)),
      ),
    saveHour: (_: unknown, { hour, seq, versions, summary }: HourItem) =>
      this.call('saveHour', () => {
        const known = this.hours.get(hour);
        if (known && Number(known.seq) > seq) return false;
        const ride = `h${String(hour / 3_600_000).padStart(8, '0')}`;
        this.hours.set(
          hour,
          defined({ ride, seq, rows: versionsText(versions), summary: summary && encodeSummary(summary) }),
        );
        return true;
      }),
    renewPlace: () => this.call('renewPlace', () => undefined),
  };
}
