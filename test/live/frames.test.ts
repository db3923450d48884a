import fc from 'fast-check';
import { serverMessages } from '../../lambdas/contract/socket';
import { FRAME_BYTES, toFrames } from '../../lambdas/live/frames';
import { decodeSubscription, encodeSubscription } from '../../lambdas/live/subscription';

const vehicle = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,64}$/);
const position = fc.record(
  {
    vehicle,
    time: fc.integer({ min: 0, max: 2e12 }),
    lat: fc.double({ min: -90, max: 90, noNaN: true }),
    lon: fc.double({ min: -180, max: 180, noNaN: true }),
    speed: fc.double({ min: 0, max: 90, noNaN: true }),
  },
  { requiredKeys: ['vehicle', 'time', 'lat', 'lon'] },
);
const id = 'x'.repeat(32);

test('frames carry everything once, in order, and none is larger than allowed', () => {
  const maxBytes = 1_000;
  fc.assert(
    fc.property(fc.array(position, { maxLength: 60 }), fc.array(vehicle, { maxLength: 60 }), (positions, left) => {
      const frames = toFrames('positions', id, positions, left, maxBytes);
      expect(frames.flatMap((frame) => frame.positions)).toEqual(positions);
      expect(frames.flatMap((frame) => frame.left)).toEqual(left);
      for (const frame of frames) {
        expect(Buffer.byteLength(JSON.stringify(frame))).toBeLessThanOrEqual(maxBytes);
        expect(serverMessages.positions.parse(frame)).toBeTruthy();
      }
    }),
  );
});

test('nothing to tell is no frame, but an empty snapshot is one: it says that nothing is there', () => {
  expect(toFrames('positions', 'a', [], [])).toEqual([]);
  expect(toFrames('snapshot', 'a', [], [])).toEqual([{ type: 'snapshot', id: 'a', positions: [], left: [] }]);
});

test('of a snapshot in several frames only the first is one: it says what to forget, the others add to it', () => {
  const positions = Array.from({ length: 2_000 }, (_, time) => ({
    vehicle: `v${time}`,
    time,
    lat: 41.1234567,
    lon: -8.1234567,
  }));
  const frames = toFrames('snapshot', 'a', positions, []);
  expect(frames.map(({ type }) => type)).toEqual(['snapshot', ...Array(frames.length - 1).fill('positions')]);
  expect(frames.length).toBe(Math.ceil((JSON.stringify(positions).length + 128 * frames.length) / FRAME_BYTES));
});

test('a subscription reads back as it was written into its topics', () => {
  const edge = fc.double({ min: -180, max: 180, noNaN: true }).map((value) => value + 0);
  const follows = fc.oneof(
    fc.record({ device: vehicle }),
    fc.record({ west: edge, south: edge, east: edge, north: edge }),
  );
  const subscription = fc.record({
    connection: fc.stringMatching(/^[A-Za-z0-9_=-]{1,20}$/),
    id: fc.stringMatching(/^[A-Za-z0-9_.:-]{1,32}$/),
    names: fc.constantFrom('true' as const, 'pseudonym' as const),
    nonce: fc.stringMatching(/^[A-Za-z0-9_-]{8}$/),
    follows,
  });
  fc.assert(fc.property(subscription, (each) => expect(decodeSubscription(encodeSubscription(each))).toEqual(each)));
});
