import { z } from 'zod';

/** Apps whose own protocols are understood, as they stand in a path. */
export const appNameSchema = z
  .enum(['owntracks', 'overland', 'traccar', 'osmand', 'gpslogger', 'background-geolocation', 'gtfs-realtime'])
  .meta({ description: 'The app that reports.', example: 'osmand' });

export type AppName = z.infer<typeof appNameSchema>;

export const appPathSchema = z.object({ app: appNameSchema });
export const appKeyPathSchema = z.object({
  app: appNameSchema,
  key: z.string().meta({ description: 'The device key, for apps that can put it nowhere else.', example: 'bike-7~…' }),
});
