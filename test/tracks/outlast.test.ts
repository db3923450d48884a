import fc from 'fast-check';
import { lines } from '../../lambdas/platform/log';
import { outlast } from '../../lambdas/tracks/outlast';
import type { Written } from '../../lambdas/tracks/writer';

const MINUTE = 60_000;
const none = new Set<string>();
const received = (...sequences: string[]) =>
  sequences.map((sequence) => ({ sequence, value: { device: 'd', task: 't', at: 0, points: [] } }));

interface Table {
  /** records that it takes at a time (ms since the start) */
  takes: (sequence: string, now: number) => boolean;
  refuses?: (sequence: string) => boolean;
  streamAway?: boolean;
  deadline?: number;
}

beforeEach(() => jest.spyOn(lines, 'error').mockReturnValue());
afterEach(() => jest.restoreAllMocks());

/** A minute passes as fast as one likes. */
async function run(sequences: string[], { takes, refuses = () => false, streamAway, deadline = 14 * MINUTE }: Table) {
  const clock = { now: 0 };
  const stand = { written: new Set<string>(), handedBack: new Set<string>(), clock };
  const failed = await outlast(received(...sequences), {
    write: async (list): Promise<Written> => {
      const names = list.map(({ sequence }) => sequence);
      const refused = new Set(names.filter(refuses));
      const taken = names.filter((name) => !refused.has(name) && takes(name, clock.now));
      for (const name of taken) stand.written.add(name);
      const later = new Set(names.filter((name) => !refused.has(name) && !taken.includes(name)));
      return { refused, later, progress: taken.length > 0 };
    },
    handBack: async (names) => {
      if (streamAway) throw new Error('away');
      for (const name of names) stand.handedBack.add(name);
    },
    deadline,
    now: () => clock.now,
    wait: async (ms) => {
      clock.now += ms;
    },
  });
  return { ...stand, failed };
}

test('an outage of seconds is waited for', async () => {
  const { written, failed, handedBack } = await run(['a', 'b'], { takes: (_, now) => now > 12_000 });
  expect({ written, failed, handedBack }).toEqual({ written: new Set(['a', 'b']), failed: none, handedBack: none });
});

test('after twenty seconds without the table, records go back to the stream and use no try', async () => {
  const { failed, handedBack, clock } = await run(['a', 'b'], { takes: () => false });
  expect({ failed, handedBack }).toEqual({ failed: none, handedBack: new Set(['a', 'b']) });
  expect(clock.now).toBeLessThanOrEqual(20_000);
});

test('what the table refuses is failed, and keeps nothing else', async () => {
  const { written, failed, clock } = await run(['a', 'bad'], { takes: () => true, refuses: (name) => name === 'bad' });
  expect({ written, failed, now: clock.now }).toEqual({ written: new Set(['a']), failed: new Set(['bad']), now: 0 });
});

test('a record that fails as in an outage while others are taken is a failure of its own', async () => {
  const { written, failed, handedBack } = await run(['a', 'odd'], { takes: (name) => name === 'a' });
  expect({ written, failed, handedBack }).toEqual({
    written: new Set(['a']),
    failed: new Set(['odd']),
    handedBack: none,
  });
});

test('where the stream is away too, what waits is failed only when the function has to answer', async () => {
  const { failed, clock } = await run(['a'], { takes: () => false, streamAway: true });
  expect(failed).toEqual(new Set(['a']));
  expect(clock.now).toBeGreaterThan(13 * MINUTE);
});

test('as long as the table takes one more now and then, all are waited for', async () => {
  const sequences = Array.from({ length: 6 }, (_, index) => String(index));
  const { written, failed } = await run(sequences, { takes: (name, now) => now >= Number(name) * 12_000 });
  expect({ written: written.size, failed }).toEqual({ written: 6, failed: none });
});

test('each record is written, handed back or failed, and one of these only', async () => {
  const arbitrary = fc.record({ takenAt: fc.nat(MINUTE), bad: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(arbitrary, { maxLength: 8 }), fc.boolean(), async (records, streamAway) => {
      const sequences = records.map((_, index) => String(index));
      const { written, failed, handedBack } = await run(sequences, {
        takes: (name, now) => now >= (records[Number(name)]?.takenAt ?? 0),
        refuses: (name) => records[Number(name)]?.bad ?? false,
        streamAway,
      });
      expect([...written, ...failed, ...handedBack].sort()).toEqual(sequences);
    }),
  );
});
