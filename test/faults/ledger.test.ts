import { Ledger } from './ledger';
import { inWords, latencyOf } from './results';

const point = (time: number, lat = 41) => ({ time, lat, lon: -8 });

function account() {
  const ledger = new Ledger();
  ledger.sent('taxi', 'trip', [point(1), point(2), point(3)]);
  ledger.accepted('taxi', 'trip', [point(1), point(2)]);
  return ledger;
}

test('a track with each accepted point once agrees, with or without what was never answered', () => {
  expect(account().difference('taxi/trip', [point(1), point(2)])).toBeUndefined();
  expect(account().difference('taxi/trip', [point(1), point(2), point(3)])).toBeUndefined();
});

test.each([
  ['lacks an accepted point', [point(1)], { missing: [point(2)] }],
  ['has a point twice', [point(1), point(2), point(2)], { repeated: [2] }],
  ['has a point that nobody sent', [point(1), point(2), point(9)], { strange: [point(9)] }],
  ['has a point at another place', [point(1), point(2, 42)], { strange: [point(2, 42)] }],
])('a track that %s does not', (_, read, difference) => {
  const none = { track: 'taxi/trip', missing: [], strange: [], repeated: [] };
  expect(account().difference('taxi/trip', read)).toEqual({ ...none, ...difference });
});

test('the newest position is the newest accepted, over all tasks', () => {
  const ledger = account();
  ledger.sent('taxi', 'other', [point(8), point(7)]);
  ledger.accepted('taxi', 'other', [point(7)]);
  expect(ledger.newest()).toEqual(new Map([['taxi', point(7)]]));
  expect(ledger.count).toBe(3);
});

test('a receipt for what was never sent is an error', () => {
  expect(() => account().accepted('taxi', 'trip', [point(4)])).toThrow('never sent');
});

test('latencies are of requests that were answered 202', () => {
  const outcome = (ms: number, status = 202) => ({ at: 0, ms, status });
  const outcomes = [...Array.from({ length: 100 }, (_, index) => outcome(index + 1)), outcome(5_000, 503)];
  expect(latencyOf(outcomes)).toEqual({ count: 100, p50: 51, p99: 100 });
  expect(latencyOf([])).toEqual({ count: 0, p50: undefined, p99: undefined });
});

test('a row in words names what it is about', () => {
  const latency = { count: 1, p50: 10, p99: 20 };
  const none = latencyOf([]);
  const times = { before: latency, during: none, after: latency };
  expect(
    inWords({ fault: 'S3 killed', seconds: 10, accepted: 5, refused: 0, ...times, catchUp: 1.25, viewers: 0.5 }),
  ).toBe(
    'S3 killed, 10 s: 5 points accepted, 0 requests sent again; ingest p50/p99 10 / 20 → – / – → 10 / 20 ms; ' +
      'caught up after 1.3 s, viewers after 0.5 s',
  );
});
