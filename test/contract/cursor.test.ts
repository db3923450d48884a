import fc from 'fast-check';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../lambdas/contract/cursor';
import { cursorSchema } from '../../lambdas/contract/reads';

const state = z.strictObject({ time: z.int(), task: z.string() });
const place = { time: 1763719200000, task: 'trip-1' };

test('a cursor comes back as it went and fits a query string', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), fc.integer(), fc.string(), (scope, time, task) => {
      const cursor = encodeCursor(scope, { time, task });
      if (cursor.length <= 2_048) expect(cursorSchema.safeParse(cursor).success).toBe(true);
      expect(decodeCursor(scope, cursor, state)).toEqual({ time, task });
    }),
  );
});

test.each([
  ['another owner', ['track', 'b', 't', undefined]],
  ['another parameter', ['track', 'a', 't', 5]],
  ['parameters that only read alike', ['track', 'a,t', undefined]],
  ['another kind of list', ['search', 'a', 't', undefined]],
])('a cursor of %s is foreign', (_, scope) => {
  const cursor = encodeCursor(['track', 'a', 't', undefined], place);
  expect(() => decodeCursor(scope, cursor, state)).toThrow(
    expect.objectContaining({ status: 400, code: 'foreign_cursor', extras: { pointer: '?cursor' } }),
  );
});

const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test.each([
  ['not base64url', '!!'],
  ['not JSON', Buffer.from('{"v":1').toString('base64url')],
  ['of another version', forged({ v: 2, scope: 'x', state: place })],
  ['without a scope', forged({ v: 1, state: place })],
  ['null', forged(null)],
  ['with a state of another shape', encodeCursor(['a'], { time: 'soon' })],
])('a cursor that is %s is invalid', (_, text) => {
  expect(() => decodeCursor(['a'], text, state)).toThrow(
    expect.objectContaining({ status: 400, code: 'invalid_cursor' }),
  );
});
