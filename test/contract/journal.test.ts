import fc from 'fast-check';
import { decodeEntry, encodeEntry, type JournalEntry, journalKey } from '../../lambdas/contract/journal';
import { positionAt, times } from '../tracks/arbitraries';

const entries: fc.Arbitrary<JournalEntry> = fc.record(
  {
    device: fc.constant('taxi-1'),
    task: fc.constantFrom('2026-07-01', 'a:b_c'),
    seq: fc.integer({ min: 1, max: 9_999_999_999 }),
    at: fc.constant(1_782_864_000_000),
    points: fc.array(positionAt(times), { minLength: 1, maxLength: 30 }),
    rows: fc.constantFrom({}, { r29933220: 3, r29933221s004: 1 }),
    newest: fc.constant(1_782_864_000_000),
    continues: fc.constant(true as const),
  },
  { requiredKeys: ['device', 'task', 'seq', 'at', 'points', 'rows', 'newest'] },
);

test('an entry reads back as it was written', () => {
  fc.assert(fc.property(entries, (entry) => expect(decodeEntry(encodeEntry(entry, 1))).toEqual(entry)));
});

test('an entry of very many points stays small, and reads back', () => {
  const points = Array.from({ length: 20_000 }, (_, i) => ({ time: i * 20, lat: 41.1 + i / 1e6, lon: -8.6, speed: 3 }));
  const entry = { device: 'd', task: 't', seq: 1, at: 5, points, rows: {}, newest: 0 };
  const item = encodeEntry(entry, 1);
  expect(item.points).toBeInstanceOf(Uint8Array);
  expect(item.points.length).toBeLessThan(400_000);
  expect(decodeEntry(item)).toEqual(entry);
});

test('an entry names the minutes of its points, and entries sort by number', () => {
  const points = [0, 59_999, 60_000, 240_001].map((time) => ({ time, lat: 1, lon: 2 }));
  expect(encodeEntry({ device: 'd', task: 't', seq: 1, at: 5, points, rows: {}, newest: 0 }, 1).minutes).toEqual([
    0, 60_000, 240_000,
  ]);
  expect([journalKey(10), journalKey(9), journalKey(123)].sort()).toEqual([
    journalKey(9),
    journalKey(10),
    journalKey(123),
  ]);
});

test('what lies beside the journal is no entry, and a broken entry is an error', () => {
  expect(decodeEntry({ owner: 'd#t', ride: 'h0000495240' })).toBeUndefined();
  expect(decodeEntry({ owner: 'd', ride: '1782864000000#t' })).toBeUndefined();
  expect(() => decodeEntry({ owner: 'd#t', ride: journalKey(1), at: 1, points: '[[1]]' })).toThrow();
});
