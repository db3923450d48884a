import { z } from 'zod';
import { limits } from './limits';

/** A free attribute: schema-free extras that travel and are stored with the point. */
export const attributeValueSchema = z.union([z.string().max(256), z.number(), z.boolean()]);

export const attributesSchema = z.record(z.string().min(1).max(limits.attributeNameLength), attributeValueSchema).meta({
  description: `Free attributes: at most ${limits.attributesPerPoint}, together at most ${limits.attributeBytes} bytes as JSON.`,
  example: { occupied: true },
});

/** A point as a device sends it. Unknown fields are refused: extras belong in `attributes`. */
export const pointSchema = z
  .strictObject({
    time: z
      .int()
      .min(0)
      .meta({ description: 'When the device was there: epoch milliseconds, UTC.', example: 1763719200000 }),
    lat: z.number().min(-90).max(90).meta({ description: 'Latitude in degrees.', example: 41.1496 }),
    lon: z.number().min(-180).max(180).meta({ description: 'Longitude in degrees.', example: -8.6109 }),
    accuracy: z.number().min(0).max(100_000).optional().meta({ description: 'Radius of uncertainty in metres.' }),
    speed: z.number().min(0).max(500).optional().meta({ description: 'Speed over ground in m/s.' }),
    heading: z
      .number()
      .min(0)
      .max(360)
      .optional()
      .meta({ description: 'Direction of travel in degrees clockwise from north.' }),
    altitude: z
      .number()
      .min(-1_000)
      .max(100_000)
      .optional()
      .meta({ description: 'Height above the ellipsoid in metres.' }),
    attributes: attributesSchema.optional(),
  })
  .meta({ id: 'Point' });

export type Point = z.infer<typeof pointSchema>;

export const coordinateSystemSchema = z
  .enum(['wgs84', 'gcj02', 'bd09'])
  .meta({ description: 'The datum of the coordinates sent; answers are always WGS 84.', example: 'wgs84' });

export type CoordinateSystem = z.infer<typeof coordinateSystemSchema>;

/** A position as Waystream keeps it: a point in WGS 84, coordinates rounded to 1e-7 degrees (about 1 cm). */
export type Position = Point;

/** A position with the track it belongs to, as reads and searches answer it. */
export const trackedPositionSchema = z
  .object({
    device: z.string().meta({ description: 'The device, or the pseudonym that a viewer sees.' }),
    task: z.string(),
    ...pointSchema.shape,
  })
  .meta({ id: 'TrackedPosition' });

export type TrackedPosition = z.infer<typeof trackedPositionSchema>;

/** What the live map shows of one vehicle. */
export const vehiclePositionSchema = z
  .object({
    vehicle: z.string().meta({ description: 'A rotating pseudonym; the true id for operators.' }),
    time: z.int(),
    lat: z.number(),
    lon: z.number(),
    speed: z.number().optional(),
    heading: z.number().optional(),
  })
  .meta({ id: 'VehiclePosition' });

export type VehiclePosition = z.infer<typeof vehiclePositionSchema>;
