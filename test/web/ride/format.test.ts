import { figuresOf } from '../../../web/ride/figures';
import { inAltitude, inDayTime, inDuration, inLength, inSpeed, inTime } from '../../../web/ride/format';

test.each([
  [0, '0 m'],
  [999.4, '999 m'],
  [999.6, '1.0 km'],
  [12_345, '12.3 km'],
  [99_960, '100 km'],
])('%s m read %s', (metres, expected) => {
  expect(inLength(metres)).toBe(expected);
});

test.each([
  [-1, '0 s'],
  [59.6, '1 min 00 s'],
  [750, '12 min 30 s'],
  [3_900, '1 h 05 min'],
  [187_200, '2 d 04 h'],
])('%s s read %s', (seconds, expected) => {
  expect(inDuration(seconds)).toBe(expected);
});

test('speeds, altitudes and times read in the units of the road', () => {
  expect(inSpeed(6.5)).toBe('23.4 km/h');
  expect(inAltitude(122.6)).toBe('123 m');
  expect(inTime(1_372_667_894_000, 'Europe/Lisbon')).toBe('09:38:14');
  expect(inDayTime(1_372_667_894_000, 'UTC')).toBe('1 Jul 2013, 08:38:14');
});

const statistics = {
  points: 47_304,
  startedAt: 1_372_667_894_000,
  endedAt: 1_372_671_494_000,
  distance: 3_500,
  elapsedSeconds: 3_600,
  movingSeconds: 480,
  averageSpeed: 7.28,
  maximumSpeed: 14.5,
  boundingBox: { west: 0, south: 0, east: 1, north: 1 },
  polyline: '',
  gaps: { count: 2, seconds: 400 },
  spikes: 1,
};

test('figures are what the ride’s statistics say', () => {
  expect(figuresOf(statistics, 'UTC')).toEqual([
    ['Distance', '3.5 km'],
    ['Moving', '8 min 00 s'],
    ['Elapsed', '1 h 00 min'],
    ['Average, moving', '26.2 km/h'],
    ['Maximum', '52.2 km/h'],
    ['Began', '1 Jul 2013, 08:38:14'],
    ['Last point', '1 Jul 2013, 09:38:14'],
    ['Points', '47,304'],
    ['Gaps', '2, together 6 min 40 s'],
    ['Spikes left out', '1'],
  ]);
});

test('ascent and descent are shown where altitude is known, and no gap is no time', () => {
  const figures = new Map(figuresOf({ ...statistics, ascent: 120, descent: 80, gaps: { count: 0, seconds: 0 } }));
  expect(figures.get('Ascent')).toBe('120 m');
  expect(figures.get('Descent')).toBe('80 m');
  expect(figures.get('Gaps')).toBe('none');
});
