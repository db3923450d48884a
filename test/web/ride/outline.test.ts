import { packIntegers } from '../../../lambdas/rides/integers';
import { decodePolyline, outlinePath } from '../../../web/ride/outline';
import { areaPath, speedProfile } from '../../../web/ride/profile';

test('Google’s own example of a polyline is read', () => {
  // "Encoded Polyline Algorithm Format", Google Maps Platform.
  expect(decodePolyline('_p~iF~ps|U_ulLnnqC_mqNvxq`@')).toEqual([
    [-120.2, 38.5],
    [-120.95, 40.7],
    [-126.453, 43.252],
  ]);
});

test('so is what statistics write, at the ends of the world too', () => {
  expect(decodePolyline(packIntegers([-9_000_000, 18_000_000, 18_000_000, -36_000_000, 0, 1]))).toEqual([
    [180, -90],
    [-180, 90],
    [-179.99999, 90],
  ]);
});

test('a line cut short gives the places before the cut', () => {
  expect(decodePolyline('_p~iF~ps|U_ul')).toEqual([[-120.2, 38.5]]);
  expect(decodePolyline('')).toEqual([]);
});

test('an outline keeps its form, in the middle of its square, north up', () => {
  // On the equator degrees are alike: twice as wide as high.
  expect(
    outlinePath(
      [
        [0, 0],
        [2, 1],
      ],
      20,
    ),
  ).toBe('M0.0 15.0L20.0 5.0');
  expect(outlinePath([[5, 5]], 20)).toBe('M10.0 10.0');
});

test('a profile shows the fastest of each part of the time, and nothing where nothing is known', () => {
  const at = (seconds: number, speed: number) => ({ time: seconds * 1_000, lat: 41, lon: -8, speed });
  const points = [at(0, 9), at(25, 2), at(50, 8), at(400, 7)];
  expect(speedProfile(points, { from: 0, to: 400_000 }, 16)).toEqual([2, 8, ...new Array(14).fill(0)]);
});

test('a profile is drawn as an area, cut off at the top', () => {
  expect(areaPath([5, 20], 10, 100, 40)).toBe('M0 40L0.0 20.0H50.0L50.0 0.0H100.0V40Z');
});
