import { toCursor, toDeviceRequest, toTrackRequest } from '../../lambdas/tracks/request';
import { DAY, START } from './arbitraries';

const range = { from: String(START), to: String(START + DAY) };
const place = { time: START + 5, task: 'a' };

test.each([
  ['from after to', { from: String(START + 1), to: String(START) }, 'empty_range', '?from'],
  ['from equal to to', { from: String(START), to: String(START) }, 'empty_range', '?from'],
  ['more than a year', { from: '0', to: String(367 * DAY) }, 'range_too_long', '?to'],
  ['no from', { to: range.to }, 'missing_parameter', '?from'],
  ['no time', { ...range, from: 'yesterday' }, 'invalid_parameter', '?from'],
  ['a limit of none', { ...range, limit: '0' }, 'invalid_parameter', '?limit'],
  ['too great a limit', { ...range, limit: '10001' }, 'invalid_parameter', '?limit'],
  ['another order', { ...range, order: 'up' }, 'invalid_parameter', '?order'],
  ['another format', { ...range, format: 'kml' }, 'invalid_parameter', '?format'],
  ['an unknown parameter', { ...range, since: '0' }, 'unknown_parameter', '?since'],
  ['a broken cursor', { ...range, cursor: 'abc' }, 'invalid_cursor', '?cursor'],
  ['no cursor at all', { ...range, cursor: '' }, 'invalid_parameter', '?cursor'],
])('%s is refused', (_, parameters, code, pointer) => {
  expect(() => toDeviceRequest({ id: 'd' }, parameters)).toThrow(
    expect.objectContaining({ status: 400, code, extras: expect.objectContaining({ pointer }) }),
  );
});

test('a cursor goes on with its own request in any format and page size', () => {
  const { scope } = toDeviceRequest({ id: 'd' }, range);
  const cursor = toCursor(scope, place);
  const next = toDeviceRequest({ id: 'd' }, { ...range, cursor, limit: '5', format: 'gpx' });
  expect(next).toMatchObject({ after: place, limit: 5, format: 'gpx' });
});

test.each([
  ['another device', () => toDeviceRequest({ id: 'e' }, { ...range, cursor: cursorOf() })],
  ['another range', () => toDeviceRequest({ id: 'd' }, { ...range, from: '0', to: '1', cursor: cursorOf() })],
  ['another order', () => toDeviceRequest({ id: 'd' }, { ...range, order: 'newest', cursor: cursorOf() })],
  ['one task', () => toTrackRequest({ owner: 'd', task: 'a' }, { ...range, cursor: cursorOf() })],
])('a cursor is foreign to %s', (_, request) => {
  expect(request).toThrow(expect.objectContaining({ status: 400, code: 'foreign_cursor' }));
});

const cursorOf = () => toCursor(toDeviceRequest({ id: 'd' }, range).scope, place);

test('a track is read whole where no range is given', () => {
  expect(toTrackRequest({ owner: 'd', task: 'a' }, {})).toMatchObject({
    range: { from: 0, to: 99_999_999 * 60_000 },
    order: 'oldest',
    limit: 1_000,
  });
});

test('times that no key can tell are cut off', () => {
  const { range: asked } = toTrackRequest({ owner: 'd', task: 'a' }, { from: '0001-01-01', to: '999999999999999' });
  expect(asked).toEqual({ from: 0, to: 99_999_999 * 60_000 });
});
