import fc from 'fast-check';
import type { PositionBatch } from '../../lambdas/contract/batch';
import { type Change, changesFor, fanOut, type Move, newestOf, shown } from '../../lambdas/live/decide';
import type { Names, Subscription } from '../../lambdas/live/subscription';
import { topicsAt, topicsOf, viewportLevels } from '../../lambdas/live/topics';

const place = fc.record({
  time: fc.integer({ min: 0, max: 100 }),
  lat: fc.integer({ min: -90, max: 90 }),
  lon: fc.integer({ min: -180, max: 180 }),
});
const follows = fc.oneof(
  fc.record({ west: place, east: place }).map(({ west, east }) => ({
    west: west.lon,
    east: east.lon,
    south: Math.min(west.lat, east.lat),
    north: Math.max(west.lat, east.lat),
  })),
  fc.constantFrom({ device: 'd0' }, { device: 'd1' }),
);
const subscription = fc.record({
  connection: fc.constantFrom('a', 'b', 'c'),
  id: fc.constantFrom('1', '2'),
  names: fc.constantFrom<Names>('true', 'pseudonym'),
  nonce: fc.uuid(),
  follows,
});
const moves = fc.array(fc.option(place, { nil: undefined }), { maxLength: 8 }).chain((before) =>
  fc.array(fc.option(place, { nil: undefined }), { minLength: before.length, maxLength: before.length }).map((after) =>
    before.map((from, index): Move => {
      const to = after[index];
      return { device: `d${index}`, at: 100, ...(from && { before: from }), ...(to && { after: to }) };
    }),
  ),
);

/** Told between the tenth tick and the ninetieth. */
const nameAt = (device: string, names: Names, time: number) => {
  if (names === 'true') return device;
  return time >= 10 && time < 90 ? `~${device}` : undefined;
};

/** Written as plainly as can be: longitudes one by one. */
function has(follows: Subscription['follows'], device: string, at: { lat: number; lon: number } | undefined): boolean {
  if (!at) return false;
  if ('device' in follows) return follows.device === device;
  const { west, south, east, north } = follows;
  if (at.lat < south || at.lat > north) return false;
  for (let lon = west; ; lon = lon === 180 ? -180 : lon + 1) {
    if (lon === at.lon) return true;
    if (lon === east) return false;
  }
}

test('a subscriber hears of a vehicle where its box has it, that it left where it had it, and of no other', () => {
  fc.assert(
    fc.property(moves, fc.array(subscription, { maxLength: 12 }), (all, subscriptions) => {
      const subscribers = new Map<string, Subscription[]>();
      for (const each of subscriptions) {
        for (const topic of topicsOf(each.follows).topics) {
          subscribers.set(topic, [...(subscribers.get(topic) ?? []), each]);
        }
      }
      const kinds = new Set<number>([0, ...viewportLevels]);
      const places = ({ before, after }: Move) => [before, after].filter((each) => each !== undefined);
      const clients = fanOut(all, subscribers, (move) => topicsAt(move.device, places(move), kinds), nameAt);
      for (const each of subscriptions) {
        const told = [...(clients.get(each.connection)?.get(each)?.values() ?? [])];
        const seen = told.flatMap(({ vehicle, position }) => (position ? [vehicle] : []));
        const left = told.flatMap(({ vehicle, position }) => (position ? [] : [vehicle]));
        const name = (device: string, time = 0) => nameAt(device, each.names, time) ?? [];
        const inside = all.filter(({ device, after }) => has(each.follows, device, after));
        const names = inside.flatMap(({ device, after }) => name(device, after?.time));
        const gone = all
          .filter(({ device, before }) => has(each.follows, device, before))
          .flatMap(({ device, before }) => name(device, before?.time));
        expect(seen.sort()).toEqual(names.sort());
        expect(left.sort()).toEqual(gone.filter((vehicle) => !names.includes(vehicle)).sort());
      }
    }),
    { numRuns: 1_000 },
  );
});

test('a viewer gets a pseudonym and what the map shows, never device, owner or attributes', () => {
  const after = {
    time: 5,
    lat: 1,
    lon: 1,
    speed: 3,
    heading: 90,
    accuracy: 4,
    altitude: 9,
    attributes: { plate: 'X' },
  };
  const world = { west: -180, south: -90, east: 180, north: 90 };
  const told = changesFor({ device: 'taxi-1', after, at: 5 }, { follows: world, names: 'pseudonym' }, () => '~p');
  const position = { vehicle: '~p', time: 5, lat: 1, lon: 1, speed: 3, heading: 90 };
  expect(told).toEqual<Change[]>([{ vehicle: '~p', at: 5, position }]);
  expect(JSON.stringify(told)).not.toMatch(/taxi|plate|altitude|accuracy/);
});

test.each([
  ['into its silence leaves', 89, 90, [['~d', false]]],
  ['within its silence is told to nobody', 90, 95, []],
  ['out of its silence comes, and its old name is not told to leave', 5, 10, [['~d', true]]],
])('a vehicle that goes %s', (_, from, to, expected) => {
  const world = { west: -180, south: -90, east: 180, north: 90 };
  const move = { device: 'd', before: { time: from, lat: 0, lon: 0 }, after: { time: to, lat: 0, lon: 0 }, at: to };
  const told = changesFor(move, { follows: world, names: 'pseudonym' }, nameAt);
  expect(told.map(({ vehicle, position }) => [vehicle, position !== undefined])).toEqual(expected);
  expect(changesFor(move, { follows: world, names: 'true' }, nameAt)).toMatchObject([{ vehicle: 'd' }]);
});

test('a position from too long ago is shown to nobody; whoever saw the device before sees it leave', () => {
  const move = { device: 'd', before: { time: 40, lat: 0, lon: 0 }, after: { time: 49, lat: 0, lon: 0 }, at: 49 };
  expect(shown(move, 50, 30)).toEqual({ device: 'd', before: move.before, at: 49 });
  expect(shown(move, 45, 41)).toEqual({ device: 'd', after: move.after, at: 49 });
});

test('of a batch’s positions the newest of each device counts, in whatever order they come; of one time the first', () => {
  const point = fc.record({
    time: fc.integer({ min: 0, max: 20 }),
    lat: fc.integer({ min: 0, max: 9 }),
    lon: fc.constant(0),
  });
  const batch = fc.record({
    device: fc.constantFrom('a', 'b'),
    task: fc.constant('t'),
    at: fc.constant(0),
    points: fc.array(point, { minLength: 1, maxLength: 5 }),
  });
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 6 }), (batches: PositionBatch[]) => {
      const newest = newestOf(batches);
      for (const device of ['a', 'b']) {
        const points = batches.filter((each) => each.device === device).flatMap((each) => each.points);
        const times = points.map(({ time }) => time);
        expect(newest.get(device)).toBe(points.find(({ time }) => time === Math.max(...times)));
      }
    }),
  );
});
