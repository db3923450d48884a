import fc from 'fast-check';
import { Problem } from '../../lambdas/contract/errors';
import { decide } from '../../lambdas/ingest/decide';
import { openDeviceReport, openFeederReport } from '../../lambdas/ingest/envelope';

const now = Date.UTC(2026, 6, 1, 12);
const circumstances = { now, retentionMs: 30 * 86_400_000 };
const good = { time: now - 1_000, lat: 41.1496, lon: -8.6109 };

const ofDevice = (body: unknown) => decide(openDeviceReport(body, 'taxi-1'), circumstances);
const ofFeeder = (body: unknown) => decide(openFeederReport(body), { ...circumstances, by: 'feed' });

const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, i]));

describe('a point is refused alone, with where and why', () => {
  test.each<[string, unknown, string, string]>([
    ['no object', 7, '/points/1', 'wrong_type'],
    ['null', null, '/points/1', 'wrong_type'],
    ['no time', { lat: 1, lon: 1 }, '/points/1/time', 'required'],
    ['no latitude', { time: now, lon: 1 }, '/points/1/lat', 'required'],
    ['a time in text', { ...good, time: '2026-07-01T12:00:00Z' }, '/points/1/time', 'wrong_type'],
    ['half a millisecond', { ...good, time: now - 0.5 }, '/points/1/time', 'wrong_type'],
    ['a time before the epoch', { ...good, time: -1 }, '/points/1/time', 'out_of_range'],
    ['latitude 90.1', { ...good, lat: 90.1 }, '/points/1/lat', 'out_of_range'],
    ['longitude -180.1', { ...good, lon: -180.1 }, '/points/1/lon', 'out_of_range'],
    ['a latitude in text', { ...good, lat: '41' }, '/points/1/lat', 'wrong_type'],
    ['negative accuracy', { ...good, accuracy: -1 }, '/points/1/accuracy', 'out_of_range'],
    ['speed in text', { ...good, speed: 'fast' }, '/points/1/speed', 'wrong_type'],
    ['faster than anything here', { ...good, speed: 501 }, '/points/1/speed', 'out_of_range'],
    ['heading 361', { ...good, heading: 361 }, '/points/1/heading', 'out_of_range'],
    ['beyond the air', { ...good, altitude: 100_001 }, '/points/1/altitude', 'out_of_range'],
    ['a field of its own', { ...good, battery: 0.5 }, '/points/1/battery', 'unknown_field'],
    ['two minutes and a bit ahead', { ...good, time: now + 120_001 }, '/points/1/time', 'time_in_future'],
    ['older than what is kept', { ...good, time: now - 30 * 86_400_000 - 1 }, '/points/1/time', 'time_too_old'],
    ['seconds for milliseconds', { ...good, time: Math.floor(now / 1_000) }, '/points/1/time', 'time_too_old'],
    ['null island', { ...good, lat: 0, lon: 0 }, '/points/1', 'null_island'],
    ['attributes in a list', { ...good, attributes: [1] }, '/points/1/attributes', 'wrong_type'],
    ['an attribute within', { ...good, attributes: { a: {} } }, '/points/1/attributes/a', 'invalid'],
    ['17 attributes', { ...good, attributes: many(17) }, '/points/1/attributes', 'attributes_too_many'],
    [
      'attributes of 513 bytes',
      { ...good, attributes: { a: 'x'.repeat(250), b: 'x'.repeat(248) } },
      '/points/1/attributes',
      'attributes_too_large',
    ],
  ])('%s', (_, point, pointer, code) => {
    const { accepted, refused, batches } = ofDevice({ points: [good, point] });
    expect(refused).toEqual([{ pointer, code, detail: expect.any(String) }]);
    expect(accepted).toBe(1);
    expect(batches).toHaveLength(1);
  });

  test('a clock that is ahead is told the server’s', () => {
    const { refused } = ofDevice({ points: [{ ...good, time: now + 3_600_000 }] });
    expect(refused[0]?.detail).toContain(String(now));
  });
});

describe('what is on the edge is taken', () => {
  test.each<[string, object]>([
    ['two minutes ahead', { ...good, time: now + 120_000 }],
    ['as old as what is kept', { ...good, time: now - 30 * 86_400_000 }],
    ['on the equator', { ...good, lat: 0 }],
    ['a pole', { ...good, lat: -90, lon: 180 }],
    ['16 attributes', { ...good, attributes: many(16) }],
    ['attributes of 512 bytes', { ...good, attributes: { a: 'x'.repeat(250), b: 'x'.repeat(247) } }],
  ])('%s', (_, point) => {
    expect(ofDevice({ points: [point] })).toMatchObject({ accepted: 1, refused: [] });
  });
});

describe('a body that is no report is refused whole', () => {
  const points = [good];
  test.each<[string, (body: unknown) => unknown, unknown, string, string]>([
    ['no object', ofDevice, [], '', 'wrong_type'],
    ['nothing in it', ofDevice, {}, '/points', 'required'],
    ['points in an object', ofDevice, { points: {} }, '/points', 'wrong_type'],
    ['no points', ofDevice, { points: [] }, '/points', 'too_small'],
    ['a field of its own', ofDevice, { points, device: 'x' }, '/device', 'unknown_field'],
    ['an unknown datum', ofDevice, { points, coordinateSystem: 'ed50' }, '/coordinateSystem', 'invalid'],
    ['a task with a blank', ofDevice, { points, taskId: 'a b' }, '/taskId', 'invalid'],
    ['a task in numbers', ofDevice, { points, taskId: 7 }, '/taskId', 'wrong_type'],
    ['1,001 points', ofDevice, { points: Array(1_001).fill(good) }, '/points', 'too_many_points'],
    ['devices in an object', ofFeeder, { devices: {} }, '/devices', 'wrong_type'],
    ['no devices', ofFeeder, { devices: [] }, '/devices', 'too_small'],
    ['both kinds at once', ofFeeder, { devices: [{ deviceId: 'a', points }], points }, '/points', 'unknown_field'],
    ['501 devices', ofFeeder, { devices: Array(501).fill({ deviceId: 'a', points }) }, '/devices', 'too_many_devices'],
    [
      '1,001 points of two devices',
      ofFeeder,
      { devices: ['a', 'b'].map((deviceId, i) => ({ deviceId, points: Array(500 + i).fill(good) })) },
      '/devices',
      'too_many_points',
    ],
  ])('%s', (_, decideOn, body, pointer, code) => {
    const attempt = () => decideOn(body);
    expect(attempt).toThrow(Problem);
    try {
      attempt();
    } catch (error) {
      expect(error).toMatchObject({ status: 400, code, extras: { pointer } });
    }
  });
});

describe('a feeder’s device is refused alone', () => {
  const fine = { deviceId: 'fine', points: [good] };
  test.each<[string, unknown, string, string]>([
    ['no object', 'taxi', '/devices/1', 'wrong_type'],
    ['no id', { points: [good] }, '/devices/1/deviceId', 'required'],
    ['an id with a hash', { deviceId: 'a#b', points: [good] }, '/devices/1/deviceId', 'invalid'],
    ['no points', { deviceId: 'a', points: [] }, '/devices/1/points', 'too_small'],
    ['a field of its own', { deviceId: 'a', points: [good], name: 'x' }, '/devices/1/name', 'unknown_field'],
    ['the same device and task again', fine, '/devices/1/deviceId', 'duplicate_device'],
    ['one point', { deviceId: 'a', points: [{ ...good, lat: 91 }] }, '/devices/1/points/0/lat', 'out_of_range'],
  ])('%s', (_, entry, pointer, code) => {
    const { accepted, refused } = ofFeeder({ devices: [fine, entry] });
    expect(refused).toEqual([{ pointer, code, detail: expect.any(String) }]);
    expect(accepted).toBe(1);
  });

  test('the same device with another task is no repeat', () => {
    const { batches } = ofFeeder({ devices: [fine, { ...fine, taskId: 'trip' }] });
    expect(batches.map(({ device, task, by }) => [device, task, by])).toEqual([
      ['fine', '2026-07-01', 'feed'],
      ['fine', 'trip', 'feed'],
    ]);
  });
});

test('the same point twice counts once; another one at its time is refused', () => {
  const { accepted, refused, batches } = ofDevice({
    points: [
      { ...good, speed: 1 },
      { speed: 1, ...good },
      { ...good, speed: 2 },
    ],
  });
  expect(accepted).toBe(1);
  expect(refused).toMatchObject([{ pointer: '/points/2/time', code: 'duplicate_time' }]);
  expect(batches[0]?.points).toEqual([{ ...good, speed: 1 }]);
});

test('without a task a point goes to the local day of the city where it was', () => {
  const evening = Date.UTC(2026, 5, 30, 23, 30);
  const { batches } = ofDevice({
    points: [
      { time: evening, lat: 41.1496, lon: -8.6109 },
      { time: evening + 1, lat: 30.2747, lon: -97.7404 },
      { time: evening + 2, lat: 38.7223, lon: -9.1393 },
    ],
  });
  // Porto is an hour ahead of UTC, Austin five behind, and Lisbon is no city of ours.
  expect(batches.map(({ task, points }) => [task, points.length])).toEqual([
    ['2026-07-01', 1],
    ['2026-06-30', 2],
  ]);
});

test('coordinates are rounded to 1e-7 degrees, and heading 360 is 0', () => {
  const { batches } = ofDevice({ points: [{ ...good, lat: -0.00000004, lon: 8.123456789, heading: 360 }] });
  expect(batches[0]?.points).toEqual([{ time: good.time, lat: 0, lon: 8.1234568, heading: 0 }]);
});

test('a report in GCJ-02 is taken in WGS 84', () => {
  const { batches } = ofDevice({
    coordinateSystem: 'gcj02',
    points: [{ time: now, lat: 31.17530398364597, lon: 121.531541859215 }],
  });
  expect(batches[0]?.points[0]?.lat).toBeCloseTo(31.1774276, 6);
  expect(batches[0]?.points[0]?.lon).toBeCloseTo(121.5272106, 6);
});

test('a name that scripts inherit is an attribute like another', () => {
  const body: unknown = JSON.parse(
    `{"points":[{"time":${now},"lat":1,"lon":1,"attributes":{"constructor":"x","toString":1}}]}`,
  );
  expect(ofDevice(body).batches[0]?.points[0]?.attributes).toEqual({ constructor: 'x', toString: 1 });
});

test('each point sent is accepted, repeated or refused, whatever it is', () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.record({
      time: fc.integer({ min: now - 5, max: now }),
      lat: fc.constantFrom(0, 1, 100),
      lon: fc.constantFrom(0, 1),
    }),
  );
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (points) => {
      const { accepted, refused, batches } = ofDevice({ points });
      const at = refused.map(({ pointer }) => pointer.split('/')[2]);
      expect(new Set(at).size).toBe(refused.length);
      expect(batches.flatMap((batch) => batch.points)).toHaveLength(accepted);
      expect(accepted + refused.length).toBeLessThanOrEqual(points.length);
      if (refused.length < points.length) expect(accepted).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});
