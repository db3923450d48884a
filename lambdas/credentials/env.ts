import { z } from 'zod';

export const credentialsEnv = z.object({
  /** ARN of the role that devices act as. */
  DEVICE_ROLE: z.string(),
  TRACKS_TABLE: z.string(),
  TRACKS_TABLE_ARN: z.string(),
  RIDES_TABLE: z.string(),
  RETENTION_DAYS: z.coerce.number().int().positive(),
  /**
   * How long credentials last. STS takes 15 minutes or more, and an hour at most where one role assumes another.
   * Source: "AssumeRole", STS API reference, DurationSeconds; "Roles terms and concepts", IAM user guide, role chaining.
   */
  CREDENTIALS_SECONDS: z.coerce.number().int().min(900).max(3_600),
  /** So many points a day may be refused to a device before it gets no more credentials. */
  REFUSED_LIMIT: z.coerce.number().int().positive(),
  AWS_REGION: z.string(),
  /** Set on the local stack only. */
  AWS_ENDPOINT_URL: z.url().optional(),
});
