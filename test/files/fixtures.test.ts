import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { always, counts, readAll } from './arbitraries';

const load = (name: string) => readFileSync(join(__dirname, '..', 'fixtures', 'gpx', `${name}.gpx`));
const time = (text: string) => Date.parse(text);

/** The table of docs/files.md: points taken of each track that has any, what was refused, what was ignored. */
test.each([
  ['Mojstrovka', [], { time_before_1970: 184 }, {}],
  ['around-visnjan-with-car', [104], {}, { TrackExtension: 1, DisplayColor: 1 }],
  ['cerknicko-jezero', [173, 52, 2, 44, 2, 2, 21], {}, { wpt: 7 }],
  ['korita-zbevnica', [176, 337], { time_missing: 358 }, { wpt: 2 }],
  ['track-with-empty-segment', [9], {}, {}],
  ['track-with-extremes', [], { time_missing: 25 }, {}],
  ['track-with-less-sec-time', [2], {}, {}],
  ['track_with_speed', [3], {}, {}],
])('%s is read as documented', async (name, rides, refused, ignored) => {
  const { reading, findings } = await readAll(load(name));
  expect(reading).toEqual({ format: 'gpx', complete: true, refused: false });
  expect(findings.rides.map(({ points }) => points)).toEqual(rides);
  expect(counts(findings.refused)).toEqual(refused);
  expect(counts(findings.ignored)).toEqual(ignored);
});

test('speed of GPX 1.0 and fractional seconds with a zone are kept', async () => {
  const speeds = await readAll(load('track_with_speed'));
  expect(speeds.points.map(({ position }) => position.speed)).toEqual([1.2, 2.2, 3.2]);
  const { points } = await readAll(load('track-with-less-sec-time'));
  const times = ['2015-12-11T14:43:13.000Z', '2015-12-11T14:43:13.994Z'].map(time);
  expect(points.map(({ position }) => position.time)).toEqual(times);
});

test('beyond the retention nothing is taken, and the report says so', async () => {
  const dayAfter = { ...always, retentionMs: 400 * 86_400_000 };
  const { findings } = await readAll(load('around-visnjan-with-car'), dayAfter);
  expect(findings.accepted).toBe(0);
  expect(counts(findings.refused)).toEqual({ time_too_old: 104 });
});
