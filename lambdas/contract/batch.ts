import { z } from 'zod';
import { idSchema } from './ids';
import { attributesSchema, type Position } from './position';

/**
 * What the `positions` stream carries: one record for one device's and task's points of one request.
 * A point travels as `[time, lat, lon, accuracy, speed, heading, altitude, attributes]`, `null` for what is unknown and
 * without trailing nulls: five points with speed and heading stay within the 1 KB that a record is billed by.
 */
export interface PositionBatch {
  device: string;
  task: string;
  /** Who reported, where it was not the device itself: a feeder's `sub`. */
  by?: string;
  /** When the batch was accepted (epoch ms). */
  at: number;
  /** The points stand in their track already, where the device itself wrote them: their task-hours are still to be registered. */
  stored?: true;
  points: Position[];
}

export type PackedPoint = (number | null | Position['attributes'])[];

/** @returns the point as a tuple without trailing nulls */
export function packPoint(point: Position): PackedPoint {
  const packed: PackedPoint = [
    point.time,
    point.lat,
    point.lon,
    point.accuracy ?? null,
    point.speed ?? null,
    point.heading ?? null,
    point.altitude ?? null,
    point.attributes ?? null,
  ];
  while (packed.at(-1) === null) packed.pop();
  return packed;
}

const known = z.number().nullable();

/** Reads a packed point back; a tuple of another shape is an error. */
export const packedPointSchema = z
  .array(z.unknown())
  .min(3)
  .max(8)
  .transform((tuple) => [...tuple, ...Array<null>(8 - tuple.length).fill(null)])
  .pipe(
    z.tuple([
      z.int().min(0),
      z.number().min(-90).max(90),
      z.number().min(-180).max(180),
      known,
      known,
      known,
      known,
      attributesSchema.nullable(),
    ]),
  )
  .transform(([time, lat, lon, accuracy, speed, heading, altitude, attributes]): Position => {
    const position: Position = { time, lat, lon };
    if (accuracy !== null) position.accuracy = accuracy;
    if (speed !== null) position.speed = speed;
    if (heading !== null) position.heading = heading;
    if (altitude !== null) position.altitude = altitude;
    if (attributes !== null) position.attributes = attributes;
    return position;
  });

const packedBatchSchema = z.object({
  v: z.literal(1),
  device: idSchema,
  task: idSchema,
  by: idSchema.optional(),
  at: z.int(),
  stored: z.literal(true).optional(),
  points: z.array(packedPointSchema).min(1),
});

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @returns the record's data, UTF-8 JSON */
export function encodeBatch(batch: PositionBatch): Uint8Array {
  return encoder.encode(JSON.stringify({ v: 1, ...batch, points: batch.points.map(packPoint) }));
}

/**
 * Reads a stream record's data.
 * @throws SyntaxError or ZodError where the data is not a batch: the consumer reports that record alone
 */
export function decodeBatch(data: Uint8Array): PositionBatch {
  const { v: _, by, stored, ...batch } = packedBatchSchema.parse(JSON.parse(decoder.decode(data)));
  return { ...batch, ...(by !== undefined && { by }), ...(stored && { stored }) };
}
