import fc from 'fast-check';
import { openScene } from './harness';
import type { Scripted } from './server';

jest.setTimeout(120_000);

const answers: Scripted[] = [
  { status: 500 },
  { status: 503, headers: { 'retry-after': '20' } },
  { status: 401 },
  { status: 413, body: { code: 'too_large', detail: 'Too large.' } },
  { status: 202, cut: true },
  { status: 202, afterTaking: true, cut: true },
  { status: 500, afterTaking: true },
];

const step = fc.oneof(
  fc.record({ drive: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ answers: fc.array(fc.constantFrom(...answers), { minLength: 1, maxLength: 6 }) }),
  fc.record({ wait: fc.integer({ min: 1, max: 90 }) }),
  fc.constant({ restart: true }),
  fc.constant({ flush: true }),
);

test('whatever the server answers and whenever the process ends, each point is on the server once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), fc.integer({ min: -9e6, max: 9e6 }), async (steps, wrongBy) => {
      const scene = await openScene();
      const { clock, server } = scene;
      clock.wrongBy = wrongBy;
      const options = { task: 'ride', batching: { points: 4, mostPoints: 7 } };
      let tracker = scene.tracker(options);
      try {
        await tracker.start();
        let told = 0;
        for (const each of steps) {
          if ('drive' in each) {
            for (let seconds = 0; seconds < each.drive; seconds++) {
              clock.advance(1_000);
              await scene.source.tell({ time: clock.now(), lat: 41 + told++ * 1e-5, lon: -8 });
            }
          }
          if ('answers' in each) server.script.push(...each.answers);
          if ('wait' in each)
            for (let seconds = 0; seconds < each.wait; seconds += 10) await clock.until(turned(), 10_000);
          if ('flush' in each) await tracker.flush();
          if ('restart' in each) {
            await tracker.stop();
            tracker = scene.tracker(options);
            await tracker.start();
          }
        }
        // What is wrong with a single point is final, so answers that say so must not be the last.
        server.script.length = 0;
        await clock.until(() => tracker.stats.waiting === 0, 5_000);
        const refused = scene.events.filter(({ type }) => type === 'refused').length;
        const kept = server.track('ride').map(({ lat }) => Math.round((lat - 41) * 1e5));
        expect(kept.length).toBeGreaterThanOrEqual(told - refused);
        expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
        // A request that a process has given up may still be on its way when the next one sends.
        const restarts = steps.filter((each) => 'restart' in each).length;
        expect(server.mostInFlight).toBeLessThanOrEqual(1 + restarts);
      } finally {
        await scene.close();
      }
    }),
    { numRuns: 40 },
  );
});

/** True the second time it is asked. */
function turned(): () => boolean {
  let asked = 0;
  return () => asked++ > 0;
}
