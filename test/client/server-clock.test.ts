import fc from 'fast-check';
import { corrected, ServerClock } from '../../client/src/server-clock';
import { FakeClock } from './fake-clock';

test('the offset is off by half of the shortest round trip at most, or a second where clocks agree', () => {
  const trip = fc.record({ there: fc.nat(3_000), back: fc.nat(3_000) });
  fc.assert(
    fc.property(fc.integer({ min: -1e7, max: 1e7 }), fc.array(trip, { minLength: 1, maxLength: 8 }), (ahead, trips) => {
      const clock = new FakeClock();
      clock.wrongBy = -ahead;
      const server = new ServerClock(clock);
      for (const { there, back } of trips) {
        const sentAt = clock.now();
        clock.advance(there);
        const serverTime = clock.truth;
        clock.advance(back);
        server.observe(sentAt, clock.now(), serverTime);
      }
      const shortest = Math.min(...trips.map(({ there, back }) => there + back));
      expect(Math.abs((server.offset ?? Number.NaN) - ahead)).toBeLessThanOrEqual(1_000 + shortest);
    }),
  );
});

test('what is known is forgotten when the device’s clock is set', () => {
  const clock = new FakeClock();
  const server = new ServerClock(clock);
  server.observe(clock.now(), clock.now(), clock.truth + 60_000);
  expect(server.offset).toBe(60_000);
  clock.advance(3_600_000);
  expect(server.offset).toBe(60_000);
  clock.wrongBy = 5_000;
  expect(server.offset).toBeUndefined();
});

test('a little more or less learned changes no time', () => {
  const clock = new FakeClock();
  const server = new ServerClock(clock);
  server.observe(clock.now(), clock.now() + 100, clock.truth + 60_000);
  const { offset } = server;
  server.observe(clock.now(), clock.now() + 10, clock.truth + 60_100);
  expect(server.offset).toBe(offset);
});

test.each([
  ['stamped by the device', 1_000, 1_000, 600_000, 601_000],
  ['stamped by satellites', 601_000, 1_000, 600_000, 601_000],
  ['stamped by satellites, with a clock that is little off', 21_000, 1_000, 20_000, 21_000],
  ['from long ago', 1_000, 9_000_000, 600_000, 1_000],
  ['with a clock that agrees', 1_000, 1_200, 0, 1_000],
])('a fix %s gets its time', (_, time, toldAt, offset, expected) => {
  expect(corrected(time, toldAt, offset)).toBe(expected);
});
