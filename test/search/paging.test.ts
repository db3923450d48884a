import fc from 'fast-check';
import { anyPositions, anySearch, bruteForce, walk } from './index-model';

test('any search finds what a filter over all positions finds, each once and in order, at any size of page', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyPositions,
      anySearch,
      fc.integer({ min: 1, max: 20 }),
      async (positions, search, rowsPerCall) => {
        const { found } = await walk(positions, search, { rowsPerCall, calls: 1_000 });
        expect(found).toEqual(bruteForce(positions, search));
      },
    ),
    { numRuns: 500 },
  );
});

test('a search by time that runs out of calls goes on where it stopped', async () => {
  await fc.assert(
    fc.asyncProperty(anyPositions, anySearch, fc.integer({ min: 1, max: 4 }), async (positions, search, calls) => {
      const byTime = { ...search, sort: search.sort === 'distance' ? ('time' as const) : search.sort, near: undefined };
      // A minute has at most eight rows here (four devices, two tasks), and as many parts of rows again.
      const { found } = await walk(positions, byTime, { rowsPerCall: 20, calls });
      expect(found).toEqual(bruteForce(positions, byTime));
    }),
  );
});

const crowd = Array.from({ length: 40 }, (_, i) => ({
  device: `d${i}`,
  task: 't',
  time: 1_000,
  lat: 41.15,
  lon: -8.61 - i * 1e-5,
}));
const all = { from: 0, to: 60_000, devices: undefined, area: undefined, limit: 5 } as const;

test('a search that its calls can’t carry on says so instead of turning in circles', async () => {
  const search = { ...all, sort: 'distance' as const, near: { lat: 41.15, lon: -8.61 } };
  await expect(walk(crowd, search, { rowsPerCall: 2, calls: 4 })).rejects.toMatchObject({ code: 'search_too_broad' });
});

test('a page that is full tells whether there is another', async () => {
  const search = { ...all, sort: 'time' as const, near: undefined };
  const five = await walk(crowd.slice(0, 5), search, { rowsPerCall: 3, calls: 10 });
  const six = await walk(crowd.slice(0, 6), search, { rowsPerCall: 3, calls: 10 });
  expect([five.pages, six.pages]).toEqual([1, 2]);
});

test('places nearer together than the index can tell apart still come nearest first', async () => {
  const near = { lat: 41.15, lon: -8.61 };
  const close = crowd.map((position, i) => ({ ...position, time: i * 1_000, lon: -8.61 - ((i * 7) % 40) * 2e-7 }));
  const search = { ...all, sort: 'distance' as const, near };
  const { found } = await walk(close, search, { rowsPerCall: 2, calls: 1_000 });
  expect(found).toEqual(bruteForce(close, search));
});
