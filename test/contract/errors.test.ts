import { z } from 'zod';
import {
  BadRequest,
  Forbidden,
  NotFound,
  Problem,
  parseBody,
  parseParameters,
  problemSchema,
  TooLarge,
  toPointer,
  toRefusals,
  Unavailable,
  Unprocessable,
  UnsupportedMediaType,
} from '../../lambdas/contract/errors';

test.each([
  [new BadRequest('empty_range', 'd', { pointer: '?from' }), 400, 'empty_range'],
  [new Forbidden('role_missing', 'd'), 403, 'role_missing'],
  [new NotFound('d'), 404, 'not_found'],
  [new NotFound('d', 'track_not_found'), 404, 'track_not_found'],
  [new TooLarge('d'), 413, 'too_large'],
  [new UnsupportedMediaType('d'), 415, 'unsupported_media_type'],
  [new Unprocessable('nothing_valid', 'd', { refused: [], serverTime: 5 }), 422, 'nothing_valid'],
  [new Unavailable('rate_limited', 'd', 3), 503, 'rate_limited'],
])('%s is a problem of RFC 9457', (problem, status, code) => {
  const details = problem.toDetails();
  expect(problemSchema.parse(details)).toEqual(details);
  expect(details).toMatchObject({ status, code, type: `urn:waystream:problem:${code}`, detail: 'd' });
  expect(details.title).not.toBe('Error');
  expect(problem).toBeInstanceOf(Problem);
});

test('waiting is named where it helps', () => {
  expect(new Unavailable('x', 'd', 3).toDetails()).toHaveProperty('retryAfterSeconds', 3);
  expect(new NotFound('d').toDetails()).not.toHaveProperty('retryAfterSeconds');
});

test('pointers are escaped as RFC 6901 asks', () => {
  expect(toPointer(['points', 3, 'a/b~c'], '/devices/0')).toBe('/devices/0/points/3/a~1b~0c');
  expect(toPointer([])).toBe('');
});

const body = z.strictObject({ lat: z.number().min(-90).max(90), name: z.string().min(2), list: z.array(z.int()) });
const good = { lat: 1, name: 'ab', list: [1] };

test.each([
  ['a missing field', { name: 'ab', list: [] }, '/lat', 'required'],
  ['a field of another type', { ...good, lat: '1' }, '/lat', 'wrong_type'],
  ['a figure out of range', { ...good, lat: 91 }, '/lat', 'out_of_range'],
  ['a text too short', { ...good, name: 'a' }, '/name', 'too_small'],
  ['an unknown field', { ...good, extra: 1 }, '/extra', 'unknown_field'],
  ['one bad entry', { ...good, list: [1, 'x'] }, '/list/1', 'wrong_type'],
  ['no object', 5, '', 'wrong_type'],
])('a body with %s is refused where it is wrong', (_, value, pointer, code) => {
  expect(() => parseBody(body, value)).toThrow(
    expect.objectContaining({
      status: 400,
      code,
      extras: { pointer, refused: [expect.objectContaining({ pointer, code })] },
    }),
  );
});

test('every violation is told, below the base', () => {
  const parsed = body.safeParse({ lat: 91, name: 'a', list: [], x: 1, y: 2 });
  expect(toRefusals(parsed.error ?? new z.ZodError([]), '/points/0').map(({ pointer }) => pointer)).toEqual([
    '/points/0/lat',
    '/points/0/name',
    '/points/0/x',
    '/points/0/y',
  ]);
});

const query = z.strictObject({ limit: z.string().regex(/^\d+$/, 'is not a number') });

test.each([
  [{}, 'missing_parameter', '?limit'],
  [{ limit: 'x' }, 'invalid_parameter', '?limit'],
  [{ limit: '1', other: '2' }, 'unknown_parameter', '?other'],
])('parameters %j are refused by name', (value, code, pointer) => {
  expect(() => parseParameters(query, value)).toThrow(
    expect.objectContaining({ status: 400, code, extras: { pointer } }),
  );
});

test('what is valid is handed back', () => {
  expect(parseBody(body, good)).toEqual(good);
  expect(parseParameters(query, { limit: '1' })).toEqual({ limit: '1' });
});
