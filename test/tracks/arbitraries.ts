import fc from 'fast-check';
import type { PositionBatch } from '../../lambdas/contract/batch';
import type { Position } from '../../lambdas/contract/position';

/** 2026-07-01T00:00:00Z */
export const START = 1_782_864_000_000;
export const DAY = 86_400_000;
export const HOUR = 3_600_000;

/** To a millionth: sensors know no better, and -0 is 0. */
const figure = (min: number, max: number) =>
  fc.option(
    fc.double({ min, max, noNaN: true }).map((value) => Math.round(value * 1e6) / 1e6 || 0),
    { nil: undefined },
  );

const attributeValue = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
);

/** A record that JSON can carry: -0 reads back as 0, and `__proto__` is no name. */
const attributes = fc
  .dictionary(
    fc.string({ minLength: 1, maxLength: 10 }).filter((name) => name !== '__proto__'),
    attributeValue.map((value) => (value === 0 ? 0 : value)),
    { maxKeys: 4 },
  )
  .map((record) => ({ ...record }));

const coordinate = (limit: number) =>
  fc.integer({ min: -limit * 1e7, max: limit * 1e7 }).map((value) => value / 1e7 || 0);

/** Drops what is undefined: absent and undefined are not the same to `toEqual`'s strict sister. */
export const defined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;

/** A position whose time is drawn from `times`. */
export const positionAt = (times: fc.Arbitrary<number>): fc.Arbitrary<Position> =>
  fc
    .record({
      time: times,
      lat: coordinate(90),
      lon: coordinate(180),
      accuracy: figure(0, 100_000),
      speed: figure(0, 500),
      heading: figure(0, 360),
      altitude: figure(-1_000, 100_000),
      attributes: fc.option(attributes, { nil: undefined }),
    })
    .map((position) => defined(position) as Position);

/** Times that collide often, within two days and over midnight. */
export const times = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map((step) => START + step * 7_001),
  fc.integer({ min: 0, max: 47 }).map((step) => START + step * HOUR),
  fc.integer({ min: -5, max: 5 }).map((step) => START + DAY + step),
);

export const tasks = fc.constantFrom('a', 'b', 'c-1', 'Z');

export const batches = (device = 'taxi-1'): fc.Arbitrary<PositionBatch[]> =>
  fc.array(
    fc
      .record({
        device: fc.constant(device),
        task: tasks,
        by: fc.option(fc.constantFrom('feeder-1', 'feeder-2'), { nil: undefined }),
        at: fc.constant(START),
        points: fc.array(positionAt(times), { minLength: 1, maxLength: 12 }),
      })
      .map((batch) => defined(batch) as PositionBatch),
    { maxLength: 8 },
  );
