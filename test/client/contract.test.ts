import type { VehiclePosition, Viewport } from '../../client/src/live';
import type { Point } from '../../client/src/point';
import { compact } from '../../client/src/point';
import type * as contract from '../../lambdas/contract/position';
import { pointSchema } from '../../lambdas/contract/position';
import type * as socket from '../../lambdas/contract/socket';

/** Fails to compile where one of the two can't stand for the other. */
type Same<A, B> = [Loose<A>, Loose<B>] extends [Loose<B>, Loose<A>] ? true : never;
/** The contract's optional fields may be undefined as well. */
type Loose<T> = { [K in keyof T]: T[K] | undefined };

test('the client’s types are the contract’s', () => {
  const same: [
    Same<Point, contract.Point>,
    Same<VehiclePosition, contract.VehiclePosition>,
    Same<Viewport, socket.Viewport>,
  ] = [true, true, true];
  expect(same).toHaveLength(3);
});

test('what is shortened is a point of the contract still', () => {
  const point = {
    time: 1,
    lat: 89.99999999,
    lon: -180,
    accuracy: 0.04,
    speed: 12.345,
    heading: 359.7,
    altitude: -0.06,
  };
  expect(pointSchema.parse(compact(point))).toEqual({
    time: 1,
    lat: 90,
    lon: -180,
    accuracy: 0,
    speed: 12.3,
    heading: 360,
    altitude: -0.1,
  });
});
