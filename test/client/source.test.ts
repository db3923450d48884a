import type { Point } from '../../client/src/point';
import {
  type CarBridge,
  carSource,
  type GeolocationLike,
  type GeolocationPositionLike,
  geolocationSource,
  iterableSource,
} from '../../client/src/source';
import { settle } from './fake-clock';

/** Listens to a source. */
function heard() {
  const points: Point[] = [];
  const errors: string[] = [];
  const tell = async (point: Point) => void points.push(point);
  return { points, errors, tell, fail: ({ message }: Error) => void errors.push(message) };
}

test('a receiver’s unknown figures are left out: null, not a number, and −1', () => {
  let success: (position: GeolocationPositionLike) => void = () => undefined;
  let failure: (error: { code: number; message: string }) => void = () => undefined;
  const cleared: number[] = [];
  const geolocation: GeolocationLike = {
    watchPosition(onPosition, onError = () => undefined) {
      [success, failure] = [onPosition, onError];
      return 7;
    },
    clearWatch: (id) => void cleared.push(id),
  };
  const { points, errors, tell, fail } = heard();
  const end = geolocationSource(geolocation).start(tell, fail);
  const coords = { latitude: 41, longitude: -8, accuracy: 5, altitude: null, heading: Number.NaN, speed: -1 };
  success({ timestamp: 1_000.4, coords });
  success({ timestamp: 2_000, coords: { ...coords, altitude: -3, heading: 0, speed: 0 } });
  failure({ code: 1, message: 'denied' });
  expect(points).toEqual([
    { time: 1_000, lat: 41, lon: -8, accuracy: 5 },
    { time: 2_000, lat: 41, lon: -8, accuracy: 5, altitude: -3, heading: 0, speed: 0 },
  ]);
  expect(errors).toEqual(['geolocation 1: denied']);
  end();
  expect(cleared).toEqual([7]);
});

test('an iterable is asked for the next once the one before is kept, and no more once it has ended', async () => {
  const asked: number[] = [];
  async function* positions() {
    for (let time = 0; ; time++) {
      asked.push(time);
      yield { time, lat: 41, lon: -8 };
    }
  }
  let kept: () => void = () => undefined;
  const tell = () =>
    new Promise<void>((resolve) => {
      kept = resolve;
    });
  const end = iterableSource(positions()).start(tell, () => undefined);
  await settle();
  expect(asked).toEqual([0]);
  kept();
  await settle();
  expect(asked).toEqual([0, 1]);
  end();
  kept();
  await settle();
  expect(asked.length).toBeLessThanOrEqual(3);
});

test('an iterable that fails says so', async () => {
  async function* positions(): AsyncGenerator<Point> {
    yield { time: 1, lat: 41, lon: -8 };
    throw new Error('out of reach');
  }
  const { points, errors, tell, fail } = heard();
  iterableSource(positions()).start(tell, fail);
  await settle();
  expect([points.length, errors]).toEqual([1, ['out of reach']]);
});

test('a car’s wheels know the speed better than its receiver', () => {
  let move: (location: Point) => void = () => undefined;
  let roll: (metresPerSecond: number) => void = () => undefined;
  let ended = 0;
  const end = () => {
    ended += 1;
  };
  const bridge: CarBridge = {
    onLocation(listener) {
      move = listener;
      return end;
    },
    onSpeed(listener) {
      roll = listener;
      return end;
    },
  };
  const { points, tell, fail } = heard();
  const stop = carSource(bridge).start(tell, fail);
  move({ time: 1, lat: 41, lon: -8, speed: 3 });
  roll(12.5);
  move({ time: 2, lat: 41, lon: -8, speed: 3 });
  expect(points.map(({ speed }) => speed)).toEqual([3, 12.5]);
  stop();
  expect(ended).toBe(2);
});
