import { importLimits } from '../../lambdas/contract/imports';
import { Survey } from '../../lambdas/files/survey';
import { always, gpx, readAll } from './arbitraries';

// Megabytes take their time on a slow machine.
jest.setTimeout(180_000);

const MB = 1024 * 1024;
/** Bytes that reading anything at all may hold, with the runtime's own slack. */
const MOST_HELD = 250 * MB;

/** A file of 20 MB that repeats one text, made as it is read. */
function* repeated(text: string, head = '', bytes: number = importLimits.bytes): Generator<Uint8Array> {
  const block = Buffer.from(text.repeat(Math.ceil((64 * 1024) / text.length)));
  yield Buffer.from(head);
  for (let left = bytes - head.length; left > 0; left -= block.length)
    yield block.subarray(0, Math.min(left, block.length));
}

const bomb = `<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "ha">${Array.from(
  { length: 30 },
  (_, level) => `<!ENTITY a${level} "${`&a${level === 0 ? '' : level - 1};`.repeat(10)}">`,
).join('')}]><gpx><trk><name>&a29;</name></trk></gpx>`;
const point = '<trkpt lat="46" lon="13"><time>2026-07-01T08:00:00Z</time></trkpt>';

test.each([
  ['a bomb of entities', bomb, 'dtd_refused'],
  ['an external document type', '<!DOCTYPE gpx SYSTEM "file:///etc/passwd"><gpx/>', 'dtd_refused'],
  ['another kind of XML', '<kml xmlns="http://www.opengis.net/kml/2.2"/>', 'format_unknown'],
  ['plain text', 'lat,lon\n46,13', 'format_unknown'],
  ['nothing', '', 'format_unknown'],
  ['JSON of another kind', '{"a":1}', 'format_unknown'],
  ['deep elements', gpx('<a>'.repeat(100)), 'nested_too_deeply'],
  ['deep lists', `{"features":${'['.repeat(100)}`, 'nested_too_deeply'],
  ['an endless name', gpx(`<trk><name>${'a'.repeat(200_000)}`), 'token_too_long'],
  ['an endless text of JSON', `{"features":["${'a'.repeat(200_000)}`, 'token_too_long'],
  ['an endless entity', gpx(`<trk><name>&${'a'.repeat(200_000)}`), 'token_too_long'],
  ['many attributes', `<gpx ${Array.from({ length: 300 }, (_, n) => `a${n}=""`).join(' ')}>`, 'too_many_attributes'],
  ['many members', `{${Array.from({ length: 1_100 }, (_, n) => `"a${n}":0`).join()}}`, 'too_many_members'],
  ['many tracks', gpx('<trk></trk>'.repeat(1_100)), 'too_many_rides'],
  ['an encoding that there is not', '<?xml version="1.0" encoding="klingon"?><gpx/>', 'encoding_unknown'],
])('%s is refused whole', async (_, file, code) => {
  for (const size of [1, 7, 64 * 1024]) {
    if (size < 64 * 1024 && file.length > 20_000) continue;
    const { reading } = await readAll(file, undefined, size);
    expect(reading).toMatchObject({ complete: false, refused: true, problem: { code } });
  }
});

test('an entity that only the file knows ends the file, and what came before counts', async () => {
  const { reading, findings } = await readAll(gpx(`<trk><trkseg>${point}</trkseg><name>&mine;</name></trk>`));
  expect(reading).toMatchObject({ complete: false, refused: false, problem: { code: 'malformed' } });
  expect(findings.accepted).toBe(1);
});

const track = '<gpx><trk><trkseg>';
const coordinates = '{"type":"Feature","properties":{},"geometry":{"type":"LineString","coordinates":[';

/** What megabytes of it come to: where nothing stops them, four stand for twenty. */
test.each([
  ['elements that nobody knows', '<a></a>', track, 'malformed'],
  ['coordinates', '[13.1,46.1],', coordinates, 'too_many_points'],
  ['numbers', '1,', '{"type":"Feature","properties":{"a":[', 'too_many_points'],
  ['features', '{"type":"Feature"},', '{"type":"FeatureCollection","features":[', 'malformed'],
  ['one text', 'a', '<gpx><trk><name>', 'token_too_long'],
  ['text between comments', 'aaaaaaaaaaaaaaaaaaaa<!-- -->', '<gpx><trk><name>', 'malformed'],
  ['one attribute', 'a', '<gpx version="', 'token_too_long'],
  ['a document type without an end', '<!ENTITY a "a">', '<!DOCTYPE gpx [', 'token_too_long'],
  ['lists that nobody closes', '[', '{"features":[', 'nested_too_deeply'],
  ['blanks', ' ', '', 'format_unknown'],
  ['zeros', '\0', '', 'format_unknown'],
])('megabytes of %s end within bounded memory', async (_, text, head, code) => {
  const before = process.memoryUsage.rss();
  let most = 0;
  const watched = function* (): Generator<Uint8Array> {
    for (const chunk of repeated(text, head, code === 'malformed' ? 4 * MB : importLimits.bytes)) {
      most = Math.max(most, process.memoryUsage.rss() - before);
      yield chunk;
    }
  };
  const { reading } = await readAll(watched());
  expect(reading.problem?.code).toBe(code);
  expect(most).toBeLessThan(MOST_HELD);
});

test('a file of 20 MB with as many points as there may be is read to its end', async () => {
  const second = (n: number) => new Date(Date.parse('2026-01-01T00:00:00Z') + n * 1_000).toISOString().slice(0, 19);
  function* file(): Generator<Uint8Array> {
    yield Buffer.from(track);
    for (let n = 0; n < importLimits.points; n += 1_000) {
      const some = Array.from(
        { length: 1_000 },
        (_, m) => `<trkpt lat="1" lon="1"><time>${second(n + m)}Z</time></trkpt>`,
      );
      yield Buffer.from(some.join(''));
    }
    yield Buffer.from('</trkseg></trk></gpx>');
  }
  const { reading, findings } = await readAll(file());
  expect(reading).toEqual({ format: 'gpx', complete: true, refused: false });
  expect(findings.accepted).toBe(importLimits.points);
});

test('a file larger than it may be is refused, however it came in', async () => {
  const { reading } = await readAll(repeated(' ', '', importLimits.bytes + MB));
  expect(reading).toMatchObject({ refused: true, problem: { code: 'too_large' } });
});

test('one point more than a file may have is refused', () => {
  const survey = new Survey(always);
  survey.startRide();
  for (let time = 0; time < importLimits.points; time++) survey.point({ lat: 46, lon: 13, time }, 'here');
  expect(() => survey.point({ lat: 46, lon: 13, time: 0 }, 'here')).toThrow('too_many_points');
});
