import { z } from 'zod';
import { idSchema } from '../contract/ids';
import { type Moment, type Objection, objection } from '../contract/objection';
import type { Position } from '../contract/position';
import { DAY_MS, MINUTE_MS } from '../contract/time';
import { decodePoint, pointTime, rowExpiry, trackAttributes, trackKey } from '../contract/track-row';
import type { Change } from '../platform/streams';

const { track, minute, expires, writer } = trackAttributes;

type Image = Record<string, unknown>;

/** A session names one track of plain ids: another key is nobody's own write. */
const trackSchema = z.tuple([idSchema, idSchema]);

/** Something that a device wrote by itself and that can't stay. */
export interface Fault {
  /** The attribute. */
  name: string;
  code: string;
  detail: string;
  /** What it wrote; undefined where it took something away. */
  wrote: unknown;
}

/** What has to be done to a row. */
export interface Mend {
  /** Attributes to take away, as long as they are as they were seen. */
  remove: ReadonlyMap<string, unknown>;
  /** Attributes and what they have to be: points that were there before, as they were, and when the row expires. */
  put: ReadonlyMap<string, string | number>;
}

/** What a device's own write comes to. */
export interface Verdict {
  device: string;
  task: string;
  /** The row's sort key. */
  sort: string;
  /** Points that are new and good, in order of time. */
  added: Position[];
  faults: Fault[];
  mend: Mend | undefined;
  /** The row as it should be. */
  after: Image;
}

/**
 * Whether a change is a device's own: every write of ours changes the mark of its writer, which devices may not.
 * The registry of tasks and other items without a task are never theirs.
 */
export function isDirect({ before, after }: Pick<Change, 'before' | 'after'>): boolean {
  const key = after?.[track];
  return typeof key === 'string' && key.includes('#') && after?.[writer] === before?.[writer];
}

/** @returns the minute's start of any row that has one, epoch ms; raw rows, their overflow, and corrected ones */
const minuteOf = (sort: string): number | undefined =>
  /^[a-z]\d{8}(s\d{3})?$/.test(sort) ? Number(sort.slice(1, 9)) * MINUTE_MS : undefined;

/** Devices write minute rows, and none of the others: no overflow, no corrected minutes. */
const isDevicesRow = (sort: string): boolean => /^r\d{8}$/.test(sort);

/** @returns the point, or what is wrong with it */
function judge(time: number | undefined, value: unknown, when: Moment): Position | Omit<Objection, 'field'> {
  if (time === undefined) return { code: 'wrong_name', detail: 'This is not the name of a point in a minute.' };
  if (typeof value !== 'string') return { code: 'wrong_type', detail: 'A point is text.' };
  try {
    const point = decodePoint(time, value);
    const { code, detail } = objection(point, when) ?? {};
    return code !== undefined && detail !== undefined ? { code, detail } : point;
  } catch (error) {
    return { code: 'not_a_point', detail: error instanceof Error ? error.message.slice(0, 200) : String(error) };
  }
}

const isPoint = (judged: ReturnType<typeof judge>): judged is Position => 'time' in judged;

/** One row under judgement. */
class Row {
  readonly added: Position[] = [];
  readonly faults: Fault[] = [];
  readonly remove = new Map<string, unknown>();
  readonly put = new Map<string, string | number>();

  constructor(
    private readonly sort: string,
    private readonly before: Image,
    private readonly after: Image,
    private readonly when: Moment,
  ) {}

  /** Judges each attribute whose name begins as a point's does: a session lets a device write no others. */
  points(): void {
    const names = new Set([...Object.keys(this.before), ...Object.keys(this.after)]);
    for (const name of names) {
      if (name.startsWith('p') && !same(this.before[name], this.after[name])) this.point(name);
    }
    this.added.sort((a, b) => a.time - b.time);
  }

  private point(name: string): void {
    const [was, is] = [this.before[name], this.after[name]];
    const start = minuteOf(this.sort);
    const time = start === undefined ? undefined : pointTime(start, name);
    // What was there and could stay is put back: points only get added to a track.
    if (typeof was === 'string' && isPoint(judge(time, was, this.when))) {
      const detail = 'A point that is stored does not change: the first one stays.';
      this.put.set(name, was);
      this.faults.push({ name, code: is === undefined ? 'removed' : 'overwritten', detail, wrote: is });
    } else if (is !== undefined) this.addition(name, is, time);
  }

  private addition(name: string, value: unknown, time: number | undefined): void {
    const judged = isDevicesRow(this.sort)
      ? judge(time, value, this.when)
      : { code: 'wrong_row', detail: 'A device writes rows of minutes: “r” and eight digits.' };
    if (isPoint(judged)) {
      this.added.push(judged);
      return;
    }
    this.faults.push({ name, ...judged, wrote: value });
    this.remove.set(name, value);
  }

  /** What expires when is no device's to choose. */
  expiry(retentionDays: number, at: number): void {
    const start = minuteOf(this.sort);
    // A key that no row has: nobody else ever writes there, and it may go.
    const due = start === undefined ? Math.ceil((at + DAY_MS) / 1_000) : rowExpiry(start, retentionDays);
    if (this.after[expires] === due || (start === undefined && this.faults.length === 0)) return;
    this.put.set(expires, due);
    const began = Object.keys(this.before).length === 0;
    if (start === undefined || (!began && same(this.before[expires], this.after[expires]))) return;
    const detail = `This row expires at ${due}, in epoch seconds.`;
    this.faults.push({ name: expires, code: 'wrong_expiry', detail, wrote: this.after[expires] });
  }

  /** The row as it should be. */
  mended(): Image {
    const kept = Object.entries(this.after).filter(([name]) => !this.remove.has(name));
    return { ...Object.fromEntries(kept), ...Object.fromEntries(this.put) };
  }
}

/** Attributes of other types are compared as JSON: only texts and numbers can be right. */
const same = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));

/**
 * Judges what a device wrote by itself, by the rules of reported points. It is judged as of the moment when it was
 * written, so that every delivery of a change comes to the same verdict.
 * @returns undefined where the change is ours
 */
export function check(change: Change, retentionDays: number): Verdict | undefined {
  if (!isDirect(change)) return undefined;
  const { before = {}, after = {}, at } = change;
  const [key, sort] = [String(after[track]), String(after[minute])];
  const ids = trackSchema.safeParse(key.split('#'));
  if (!ids.success) return undefined;
  const [device, task] = ids.data;
  // The stream tells seconds: a point may have been written up to one later.
  const row = new Row(sort, before, after, { now: at + 1_000, retentionMs: retentionDays * DAY_MS });
  row.points();
  row.expiry(retentionDays, at);
  const { added, faults, remove, put } = row;
  const mend = remove.size > 0 || put.size > 0 ? { remove, put } : undefined;
  return { device, task, sort, added, faults, mend, after: row.mended() };
}

/**
 * A change without what can't stay, before and after: a write of ours may lie upon a device's that is not mended yet.
 * @param verdict of this change, where it is a device's own
 */
export function cleaned(change: Change, verdict: Verdict | undefined): Change {
  const { before, after, at } = change;
  return { ...change, before: before && tidy(before, at), after: tidy(verdict?.after ?? after, at) };
}

/** An image without points that no report could have brought. @param at when it was written, epoch ms */
function tidy<T extends Image | undefined>(image: T, at: number): T | Image {
  const start = minuteOf(String(image?.[minute]));
  if (image === undefined || start === undefined) return image;
  const when = { now: at + 1_000, retentionMs: Number.POSITIVE_INFINITY };
  const stays = ([name, value]: [string, unknown]) =>
    !name.startsWith('p') || isPoint(judge(pointTime(start, name), value, when));
  return Object.fromEntries(Object.entries(image).filter(stays));
}

/** @returns the partition key of the row that a verdict is about */
export const keyOf = ({ device, task }: Verdict): string => trackKey(device, task);
