import { isDeepStrictEqual } from 'node:util';
import type { PositionBatch } from '../contract/batch';
import { type Refusal, toRefusals } from '../contract/errors';
import { type Moment, objection } from '../contract/objection';
import { type CoordinateSystem, type Point, type Position, pointSchema } from '../contract/position';
import { toWgs84 } from '../geo/datum';
import { localDay } from '../geo/local-day';
import { regionOf } from '../geo/region';
import type { Envelope, Share } from './envelope';

/** What is true for a whole request. */
export interface Circumstances extends Moment {
  /** The feeder's `sub`, where a feeder reports. */
  by?: string;
}

export interface Decision {
  batches: PositionBatch[];
  /** Points accepted; one that came twice counts once. */
  accepted: number;
  refused: Refusal[];
}

type Judged = { position: Position } | { refusal: Refusal };

const refuse = (pointer: string, code: string, detail: string): Judged => ({ refusal: { pointer, code, detail } });

/** Rounds to 1e-7 degrees, and -0 to 0. */
const rounded = (degrees: number) => Math.round(degrees * 1e7) / 1e7 + 0;

/** @returns the point in WGS 84, rounded, its heading below 360° */
function normalize(point: Point, coordinateSystem: CoordinateSystem): Position {
  const { lat, lon } = coordinateSystem === 'wgs84' ? point : toWgs84(point, coordinateSystem);
  const position: Position = { ...point, lat: rounded(lat), lon: rounded(lon) };
  if (position.heading === 360) position.heading = 0;
  if (Object.keys(position.attributes ?? {}).length === 0) delete position.attributes;
  return position;
}

function judge(value: unknown, pointer: string, system: CoordinateSystem, circumstances: Circumstances): Judged {
  const parsed = pointSchema.safeParse(value);
  if (!parsed.success) {
    const [refusal] = toRefusals(parsed.error, pointer);
    return refusal ? { refusal } : refuse(pointer, 'invalid', 'This is no point.');
  }
  const wrong = objection(parsed.data, circumstances);
  if (wrong) return refuse(pointer + wrong.field, wrong.code, wrong.detail);
  return { position: normalize(parsed.data, system) };
}

/** A task is the sender's, or else the local day where the point was. */
function taskOf(share: Share, { lat, lon, time }: Position): string {
  return share.task ?? localDay(time, regionOf(lat, lon).timeZone);
}

/** Batches under way, by device and task, each point by its time. */
class Batches {
  private readonly batches = new Map<string, { device: string; task: string; points: Map<number, Position> }>();
  accepted = 0;

  /** @returns false where the track has another point at this time already */
  add(share: Share, position: Position): boolean {
    const task = taskOf(share, position);
    const key = `${share.device}#${task}`;
    const batch = this.batches.get(key) ?? { device: share.device, task, points: new Map<number, Position>() };
    const known = batch.points.get(position.time);
    if (known) return isDeepStrictEqual(known, position);
    batch.points.set(position.time, position);
    this.batches.set(key, batch);
    this.accepted += 1;
    return true;
  }

  list({ now, by }: Circumstances): PositionBatch[] {
    return [...this.batches.values()].map(({ device, task, points }) => ({
      device,
      task,
      ...(by !== undefined && { by }),
      at: now,
      points: [...points.values()].sort((a, b) => a.time - b.time),
    }));
  }
}

/** Judges each point alone: one refused never holds up another. Each refused point is told once, with the first reason. */
export function decide(envelope: Envelope, circumstances: Circumstances): Decision {
  const batches = new Batches();
  const refused = [...envelope.refused];
  for (const share of envelope.shares) {
    for (const [index, value] of share.points.entries()) {
      const pointer = `${share.pointer}/${index}`;
      const judged = judge(value, pointer, envelope.coordinateSystem, circumstances);
      if ('refusal' in judged) refused.push(judged.refusal);
      else if (!batches.add(share, judged.position)) {
        const detail = 'Another point of this request has the same device, task and time; the first was taken.';
        refused.push({ pointer: `${pointer}/time`, code: 'duplicate_time', detail });
      }
    }
  }
  return { batches: batches.list(circumstances), accepted: batches.accepted, refused };
}
