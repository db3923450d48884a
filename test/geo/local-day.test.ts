import fc from 'fast-check';
import { localDay, localDayBounds } from '../../lambdas/geo/local-day';

const HOUR = 3_600_000;
const zones = ['America/Chicago', 'Europe/Lisbon', 'Australia/Sydney', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC'];
const anyZone = fc.constantFrom(...zones);
const anyTime = fc.integer({ min: Date.UTC(2010, 0), max: Date.UTC(2036, 11) });

const bySweden = new Map(zones.map((zone) => [zone, new Intl.DateTimeFormat('sv-SE', { timeZone: zone })]));

test('a local day is what a Swedish calendar in the zone shows', () => {
  fc.assert(
    fc.property(anyTime, anyZone, (time, zone) => expect(localDay(time, zone)).toBe(bySweden.get(zone)?.format(time))),
    { numRuns: 2_000 },
  );
});

test('a day’s bounds hold the times of that day and no others', () => {
  fc.assert(
    fc.property(anyTime, anyZone, (time, zone) => {
      const day = localDay(time, zone);
      const { from, to } = localDayBounds(day, zone);
      expect(from).toBeLessThanOrEqual(time);
      expect(time).toBeLessThan(to);
      expect(localDay(from, zone)).toBe(day);
      expect(localDay(to - 1, zone)).toBe(day);
      expect(localDay(from - 1, zone) < day && localDay(to, zone) > day).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['2026-03-08', 'America/Chicago', 23],
  ['2026-11-01', 'America/Chicago', 25],
  ['2026-03-29', 'Europe/Lisbon', 23],
  ['2026-10-25', 'Europe/Lisbon', 25],
  ['2026-10-04', 'Australia/Sydney', 23],
  ['2026-04-05', 'Australia/Sydney', 25],
  ['2026-04-05', 'Australia/Lord_Howe', 24.5],
  ['2026-10-04', 'Australia/Lord_Howe', 23.5],
  ['2026-07-01', 'Asia/Kolkata', 24],
])('%s in %s has %d hours', (day, zone, hours) => {
  const { from, to } = localDayBounds(day, zone);
  expect((to - from) / HOUR).toBe(hours);
});

test('the day of Austin begins at five or six in the morning, UTC', () => {
  expect(localDayBounds('2015-09-06', 'America/Chicago').from).toBe(Date.UTC(2015, 8, 6, 5));
  expect(localDayBounds('2026-01-06', 'America/Chicago').from).toBe(Date.UTC(2026, 0, 6, 6));
});
