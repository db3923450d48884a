import { z } from 'zod';
import { idSchema } from './ids';

/** What an uploaded file may be at the most. Whatever is beyond is refused whole, before any of its points is taken. */
export const importLimits = {
  bytes: 20 * 1024 * 1024,
  points: 300_000,
  rides: 1_000,
  /** Elements, objects and lists within each other. */
  depth: 32,
  /** Bytes of one tag, text, comment, name or number. */
  tokenBytes: 64 * 1024,
} as const;

export const importRequestSchema = z
  .strictObject({
    size: z
      .int()
      .min(1)
      .max(importLimits.bytes)
      .meta({ description: 'Bytes of the file: exactly so many can be uploaded.', example: 88_561 }),
  })
  .meta({ id: 'ImportRequest' });

const importId = z.uuid().meta({ description: 'The import.', example: '5b8f6f3e-1f7c-4c0e-9f0a-3d2f7c1b9a55' });

export const importPathSchema = z.strictObject({ id: z.uuid() });

export const importTicketSchema = z
  .object({
    id: importId,
    upload: z.object({
      method: z.literal('PUT'),
      url: z.url().meta({ description: 'Send the file there, as the body and without a token.' }),
      expiresAt: z.int().meta({ description: 'Epoch milliseconds.' }),
    }),
  })
  .meta({ id: 'ImportTicket', description: 'Where to upload a file; the upload starts the import.' });

/** `waiting` for the upload, `reading` the file, `imported` (all or part of it), `failed` (nothing of it). */
export const importStates = ['waiting', 'reading', 'imported', 'failed'] as const;

const importedRideSchema = z.object({
  task: idSchema.meta({ description: 'Read it at `/v1/tracks/{owner}/{task}`. The same points give the same task.' }),
  name: z.string().optional().meta({ description: 'As the file has it, cut to 100 characters.' }),
  points: z.int().meta({ description: 'Points taken.' }),
  from: z.int().meta({ description: 'Time of the first, epoch milliseconds.' }),
  to: z.int().meta({ description: 'Time of the last.' }),
});

const leftOutSchema = z.object({
  code: z.string().meta({ example: 'time_missing' }),
  count: z.int(),
  first: z.string().meta({ description: 'Where the first one stands.', example: 'line 14' }),
  detail: z.string(),
});

export const importReportSchema = z
  .object({
    id: importId,
    state: z.enum(importStates),
    createdAt: z.int(),
    startedAt: z.int().optional().meta({ description: 'When the file was last begun to be read.' }),
    finishedAt: z.int().optional(),
    format: z.enum(['gpx', 'geojson']).optional(),
    complete: z
      .boolean()
      .optional()
      .meta({ description: 'Whether the file was read to its end; if not, `problem` says why.' }),
    accepted: z.int().optional().meta({ description: 'Points taken, over all rides; none of them will be lost.' }),
    rides: z.array(importedRideSchema).optional(),
    refused: z.array(leftOutSchema).optional().meta({ description: 'Points that were not taken, by reason.' }),
    ignored: z
      .array(leftOutSchema)
      .optional()
      .meta({ description: 'What was not understood: elements and values that points were taken without.' }),
    problem: z.object({ code: z.string(), detail: z.string() }).optional(),
  })
  .meta({ id: 'ImportReport' });

export type ImportReport = z.infer<typeof importReportSchema>;
export type ImportedRide = z.infer<typeof importedRideSchema>;
export type LeftOut = z.infer<typeof leftOutSchema>;
