import { createHash } from 'node:crypto';
import { z } from 'zod';
import { BadRequest } from './errors';

/**
 * What a cursor belongs to: the kind of list, then everything of the request that decides what is in the list and in
 * which order. The page's size and format are no part of it: they may change from page to page.
 */
export type CursorScope = readonly (string | number | undefined)[];

const sealed = z.strictObject({ v: z.literal(1), scope: z.string(), state: z.unknown() });

const digest = (scope: CursorScope): string =>
  createHash('sha256').update(JSON.stringify(scope)).digest('base64url').slice(0, 16);

const invalid = () =>
  new BadRequest('invalid_cursor', 'This is not a cursor of ours. Pass `next` of the last page back as it came.', {
    pointer: '?cursor',
  });

/**
 * Where a list goes on, as text that fits a query string. It is opaque to clients, not secret and not signed: it names
 * a place in a list, and whoever passes it is authorized for that list anew.
 */
export function encodeCursor(scope: CursorScope, state: unknown): string {
  return Buffer.from(JSON.stringify({ v: 1, scope: digest(scope), state })).toString('base64url');
}

function open(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    throw invalid();
  }
}

const kindSchema = z.object({ state: z.object({ kind: z.string() }) });

/** @returns the kind of reading that a cursor says it goes on with; undefined where it does not look like one */
export function cursorKind(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : kindSchema.safeParse(open(text)).data?.state.kind;
  } catch {
    return undefined;
  }
}

/**
 * Reads a cursor back.
 * @throws BadRequest `invalid_cursor` where it is none of ours, `foreign_cursor` where it belongs to another list
 */
export function decodeCursor<T>(scope: CursorScope, text: string, schema: z.ZodType<T>): T {
  const cursor = sealed.safeParse(open(text));
  if (!cursor.success) throw invalid();
  if (cursor.data.scope !== digest(scope)) {
    throw new BadRequest(
      'foreign_cursor',
      'This cursor belongs to another list: repeat the path and the parameters that it came from.',
      { pointer: '?cursor' },
    );
  }
  const state = schema.safeParse(cursor.data.state);
  if (!state.success) throw invalid();
  return state.data;
}
