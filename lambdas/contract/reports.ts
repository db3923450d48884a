import { z } from 'zod';
import { idSchema } from './ids';
import { limits } from './limits';
import { coordinateSystemSchema, pointSchema } from './position';

const shared = { coordinateSystem: coordinateSystemSchema.optional() };

/** Points of one device: whose token it is. */
export const deviceReportSchema = z
  .strictObject({
    taskId: idSchema.optional().meta({ description: 'What the points belong to; without it, the local day.' }),
    ...shared,
    points: z.array(pointSchema).min(1).max(limits.pointsPerRequest),
  })
  .meta({ id: 'DeviceReport' });

/** Points of many devices, by a feeder. */
export const feederReportSchema = z
  .strictObject({
    ...shared,
    devices: z
      .array(
        z.strictObject({
          deviceId: idSchema,
          taskId: idSchema.optional(),
          points: z.array(pointSchema).min(1).max(limits.pointsPerRequest),
        }),
      )
      .min(1)
      .max(limits.devicesPerRequest),
  })
  .meta({ id: 'FeederReport' });

export const reportSchema = z.union([deviceReportSchema, feederReportSchema]);

export const refusalSchema = z
  .object({
    pointer: z.string().meta({ description: 'JSON pointer of what was refused.', example: '/points/3/lat' }),
    code: z.string().meta({ example: 'out_of_range' }),
    detail: z.string(),
  })
  .meta({ id: 'Refusal' });

export const receiptSchema = z
  .object({
    accepted: z.int().meta({ description: 'Points accepted; none of them will be lost.', example: 9 }),
    refused: z
      .array(refusalSchema)
      .meta({ description: 'Each point refused, with the reason. Sending it again as it is won’t help.' }),
    serverTime: z.int().meta({ description: 'The server’s clock, epoch milliseconds: mend yours by it.' }),
  })
  .meta({ id: 'Receipt' });

export type Receipt = z.infer<typeof receiptSchema>;
