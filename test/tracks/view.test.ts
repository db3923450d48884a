import { BadRequest } from '../../lambdas/contract/errors';
import { toAnswer } from '../../lambdas/tracks/answer';
import { toCursor, toTrackRequest } from '../../lambdas/tracks/request';
import { timesOf, withCorrections } from '../../lambdas/tracks/view';

const path = { owner: 'phone', task: 'ride' };
const point = (time: number) => ({ task: 'ride', time, lat: 41, lon: -8 });

test('the points as they were reported are what is read, unless another view is asked for', () => {
  expect(toTrackRequest(path, {}).view).toBe('raw');
  expect(toTrackRequest(path, { view: 'both' }).view).toBe('both');
  expect(() => toTrackRequest(path, { view: 'better' })).toThrow(BadRequest);
});

test('a cursor of one view is none of another', () => {
  const cursor = toCursor(toTrackRequest(path, { view: 'corrected' }).scope, { time: 5, task: 'ride' });
  expect(toTrackRequest(path, { view: 'corrected', cursor }).after).toEqual({ time: 5, task: 'ride' });
  expect(() => toTrackRequest(path, { view: 'raw', cursor })).toThrow(
    expect.objectContaining({ code: 'foreign_cursor' }),
  );
});

test.each(['gpx', 'geojson'])('points beside their corrections do not come as %s', (format) => {
  expect(() => toTrackRequest(path, { view: 'both', format })).toThrow(BadRequest);
  expect(toTrackRequest(path, { view: 'corrected', format }).format).toBe(format);
});

test('a correction stands beside its point, by time', () => {
  const corrected = [{ ...point(2), lat: 42, attributes: { flaw: 'spike' } }];
  expect(withCorrections([point(1), point(2)], corrected)).toEqual([
    point(1),
    { ...point(2), corrected: { lat: 42, lon: -8, attributes: { flaw: 'spike' } } },
  ]);
});

test('the times of a page are those of its points, whichever comes first', () => {
  expect(timesOf([point(9), point(4)])).toEqual({ from: 4, to: 10 });
  expect(timesOf([])).toBeUndefined();
});

test.each(['json', 'geojson'] as const)('an answer as %s says up to when points are corrected', (format) => {
  const answer = (page: object) => toAnswer(format, 'phone', { points: [point(1)], ...page }, undefined, {}).body;
  expect(JSON.parse(String(answer({ correctedUntil: 60_000 })))).toMatchObject({ correctedUntil: 60_000 });
  expect(JSON.parse(String(answer({})))).not.toHaveProperty('correctedUntil');
});
