import { z } from 'zod';
import { limits } from './limits';

/** A free attribute: schema-free extras that travel and are stored with the point. */
export const attributeValueSchema = z.union([z.string().max(256), z.number(), z.boolean()]);

export const attributesSchema = z.record(z.string().min(1).max(limits.attributeNameLength), attributeValueSchema).meta({
  description: `Free attributes: at most ${limits.attributesPerPoint}, together at most ${limits.attributeBytes} bytes as JSON.`,
  example: { occupied: true },
});

/** The figures that a point may have, from and to, in the units of its schema. */
export const pointRanges = {
  lat: [-90, 90],
  lon: [-180, 180],
  accuracy: [0, 100_000],
  speed: [0, 500],
  heading: [0, 360],
  altitude: [-1_000, 100_000],
} as const;

const figure = ([from, to]: readonly [number, number]) => z.number().min(from).max(to);

/** A point as a device sends it. Unknown fields are refused: extras belong in `attributes`. */
export const pointSchema = z
  .strictObject({
    time: z
      .int()
      .min(0)
      .meta({ description: 'When the device was there: epoch milliseconds, UTC.', example: 1763719200000 }),
    lat: figure(pointRanges.lat).meta({ description: 'Latitude in degrees.', example: 41.1496 }),
    lon: figure(pointRanges.lon).meta({ description: 'Longitude in degrees.', example: -8.6109 }),
    accuracy: figure(pointRanges.accuracy).optional().meta({ description: 'Radius of uncertainty in metres.' }),
    speed: figure(pointRanges.speed).optional().meta({ description: 'Speed over ground in m/s.' }),
    heading: figure(pointRanges.heading)
      .optional()
      .meta({ description: 'Direction of travel in degrees clockwise from north.' }),
    altitude: figure(pointRanges.altitude).optional().meta({ description: 'Height above the ellipsoid in metres.' }),
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
