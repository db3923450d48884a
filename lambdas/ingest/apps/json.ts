import type { z } from 'zod';
import { BadRequest } from '../../contract/errors';
import type { Message } from './app';

/** @throws BadRequest (`malformed_json`) */
export function jsonOf({ body }: Pick<Message, 'body'>): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new BadRequest('malformed_json', 'The body is not JSON.', { pointer: '' });
  }
}

/** @throws BadRequest (`not_understood`) for JSON that the app would not send */
export function understood<T>(schema: z.ZodType<T>, value: unknown, app: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BadRequest('not_understood', `This is no message of ${app}: check which app’s address it was sent to.`, {
    pointer: '',
  });
}
