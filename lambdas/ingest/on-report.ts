import { z } from 'zod';
import { parseBody, TooLarge } from '../contract/errors';
import { subscriptionIdSchema } from '../contract/ids';
import { limits } from '../contract/limits';
import { socketHandler } from '../platform/socket';
import { admit, take } from './take';
import { wire } from './wiring';

const ingest = wire();

const messageSchema = z.looseObject({ type: z.literal('report'), id: subscriptionIdSchema.optional() });

/** The WebSocket's `report` */
export const handler = socketHandler(async (message, request) => {
  await admit(ingest, request);
  const bytes = Buffer.byteLength(request.body);
  if (bytes > limits.bodyBytes) throw new TooLarge(`The message has ${bytes} bytes; ${limits.bodyBytes} are allowed.`);
  const { type: _, id, ...report } = parseBody(messageSchema, message);
  const receipt = await take(ingest, report, request);
  return { type: 'receipt', ...(id !== undefined && { id }), ...receipt };
});
