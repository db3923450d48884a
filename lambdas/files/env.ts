import { z } from 'zod';

/** Set by the Lambda runtime; the endpoint where the bucket is not AWS's own, as on a laptop. */
const bucket = { UPLOADS_BUCKET: z.string(), AWS_REGION: z.string(), AWS_ENDPOINT_URL: z.url().optional() };

export const importEnv = z.object(bucket);

export const uploadEnv = z.object({
  ...bucket,
  POSITIONS_STREAM: z.string(),
  RETENTION_DAYS: z.coerce.number().int().positive(),
});
