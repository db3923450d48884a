import fc from 'fast-check';
import { idSchema } from '../../lambdas/contract/ids';
import { gtfsRealtime, idOf } from '../../lambdas/ingest/apps/gtfs-realtime';
import { fieldsOf, integer, text } from '../../lambdas/ingest/apps/protobuf';
import { feedOf, field } from './feed';
import { payload } from './fixtures';

const now = Date.UTC(2026, 6, 1);
const seconds = now / 1_000;
const read = (body: Buffer) => gtfsRealtime.read({ sender: 'stcp', query: {}, body, now });

test('the bindings’ own example is read', () => {
  expect(read(payload('gtfs-realtime/vehicle_position.pb'))).toEqual([
    { devices: [{ deviceId: 'stcp:1', taskId: 't0', points: [{ time: undefined, lat: 47, lon: -122 }] }] },
  ]);
});

test('a vehicle is known by its feed, a trip by its day', () => {
  const bus = {
    id: '3205',
    trip: '206_0_1',
    day: '20260701',
    route: '206',
    lat: 41.25,
    lon: -8.5,
    bearing: 90,
    speed: 8.25,
  };
  expect(read(feedOf([{ ...bus, timestamp: seconds }]))).toEqual([
    {
      devices: [
        {
          deviceId: 'stcp:3205',
          taskId: '206_0_1.20260701',
          points: [{ time: now, lat: 41.25, lon: -8.5, heading: 90, speed: 8.25, attributes: { route: '206' } }],
        },
      ],
    },
  ]);
});

test('without a time of its own a vehicle was there when the feed was made', () => {
  const [report] = read(feedOf([{ entity: 'e7', lat: 41.25, lon: -8.5 }], seconds));
  expect(report).toEqual({ devices: [{ deviceId: 'stcp:e7', points: [{ time: now, lat: 41.25, lon: -8.5 }] }] });
});

test('entities that are deleted, or without a vehicle or a place, are passed over', () => {
  const deleted = field(2, Buffer.concat([field(1, 'a'), field(2, 1), field(4, field(2, field(1, { float: 1 })))]));
  const tripUpdate = field(2, Buffer.concat([field(1, 'b'), field(3, field(1, ''))]));
  const placeless = field(2, Buffer.concat([field(1, 'c'), field(4, field(8, field(1, '9')))]));
  expect(read(Buffer.concat([feedOf([]), deleted, tripUpdate, placeless]))).toEqual([]);
});

test('more vehicles than a request has are several reports', () => {
  const vehicles = Array.from({ length: 501 }, (_, index) => ({
    id: String(index),
    lat: 41,
    lon: -8,
    timestamp: seconds,
  }));
  expect(read(feedOf(vehicles)).map((report) => 'devices' in report && report.devices.length)).toEqual([500, 1]);
});

test('ids of any characters are ids of ours, and two are never one', () => {
  const names = fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.stringMatching(/^[a-z /#]{1,3}$/));
  fc.assert(
    fc.property(names, names, (one, another) => {
      expect(idSchema.safeParse(idOf('stcp:', one)).success).toBe(true);
      expect(idOf('stcp:', one) === idOf('stcp:', another)).toBe(one === another);
    }),
    { seed: 20261121, numRuns: 2_000 },
  );
});

describe('protocol buffers', () => {
  const values = fc.oneof(fc.integer({ min: 0, max: 2 ** 48 }), fc.string({ maxLength: 300 }));
  const fields = fc.array(fc.tuple(fc.integer({ min: 1, max: 2_000 }), values), { maxLength: 20 });

  test('come back as they were written, the last of a field counting', () => {
    fc.assert(
      fc.property(fields, (written) => {
        const found = fieldsOf(Buffer.concat(written.map(([number, value]) => field(number, value))));
        expect(found.map(({ number }) => number)).toEqual(written.map(([number]) => number));
        for (const [number, value] of new Map(written)) {
          expect(typeof value === 'number' ? integer(found, number) : text(found, number)).toBe(value);
        }
      }),
      { seed: 20261121, numRuns: 1_000 },
    );
  });

  test.each<[string, number[]]>([
    ['a field that ends early', [0x0a, 5, 1]],
    ['a number without an end', Array<number>(11).fill(0xff)],
    ['a length beyond everything', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['a group', [0x0b, 0x0c]],
    ['a field without a number', [0x00, 0x01]],
  ])('%s is refused', (_, bytes) => {
    expect(() => fieldsOf(Buffer.from(bytes))).toThrow(expect.objectContaining({ code: 'not_understood' }));
  });
});
