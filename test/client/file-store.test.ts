import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { FileStore } from '../../client/src/file-store';
import type { Entry } from '../../client/src/store';

let folder: string;
let log: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waystream-log-'));
  log = join(folder, 'deeper', 'positions.log');
});
afterEach(() => rm(folder, { recursive: true }));

const entry = (seq: number, time = seq): Entry => ({ seq, toldAt: seq, point: { time, lat: 41, lon: -8 } });

/** What a store opened on the log finds. */
async function found(): Promise<Entry[]> {
  const store = new FileStore(log);
  const entries = await store.open();
  await store.close();
  return entries;
}

test('what was put is found again, in order, with all that it had', async () => {
  const store = new FileStore(log);
  expect(await store.open()).toEqual([]);
  const full: Entry = {
    seq: 3,
    toldAt: 5,
    task: 'ride',
    time: 7,
    point: {
      time: 4,
      lat: 41,
      lon: -8,
      accuracy: 3,
      speed: 0,
      heading: 9,
      altitude: -2,
      attributes: { a: 'b', c: true },
    },
  };
  await store.put([full]);
  await store.put([entry(1), entry(2)]);
  await store.remove([2]);
  await store.close();
  expect(await found()).toEqual([entry(1), full]);
});

test('an entry put again takes the place of the one before', async () => {
  const store = new FileStore(log);
  await store.open();
  await Promise.all([store.put([entry(1)]), store.put([entry(1, 9)])]);
  await store.close();
  expect(await found()).toEqual([entry(1, 9)]);
});

test('what was acknowledged is there wherever a power cut ends the file', async () => {
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ put: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 }) }),
    },
    fc.record({ remove: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 }) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 12 }),
      fc.nat(12),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (steps, at, part) => {
        await rm(log, { force: true });
        const store = new FileStore(log);
        await store.open();
        const sure = new Map<number, Entry>();
        const removed = new Set<number>();
        let acknowledgedBytes = 0;
        for (const [index, each] of steps.entries()) {
          if ('put' in each) await store.put(each.put.map((seq) => entry(seq, index)));
          else await store.remove(each.remove);
          if (index >= at) {
            if ('remove' in each) for (const seq of each.remove) removed.add(seq);
            continue;
          }
          if ('put' in each) for (const seq of each.put) sure.set(seq, entry(seq, index));
          else for (const seq of each.remove) sure.delete(seq);
          acknowledgedBytes = (await stat(log)).size;
        }
        const { size } = await stat(log);
        await store.close();
        await truncate(log, Math.floor(acknowledgedBytes + part * (size - acknowledgedBytes)));
        const seqs = new Set((await found()).map(({ seq }) => seq));
        expect([...sure.keys()].filter((seq) => !seqs.has(seq) && !removed.has(seq))).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});

test('a line that was cut off is passed over and told, and the log goes on after it', async () => {
  const store = new FileStore(log);
  await store.open();
  await store.put([entry(1)]);
  await store.close();
  await appendFile(log, '0badc0de {"put":[{"seq":2,');
  const again = new FileStore(log);
  expect(await again.open()).toEqual([entry(1)]);
  expect(again.damaged).toBe(1);
  await again.put([entry(2)]);
  await again.close();
  expect(await found()).toEqual([entry(1), entry(2)]);
});

test('a line that was changed on the disk is not believed', async () => {
  const store = new FileStore(log);
  await store.open();
  await store.put([entry(1)]);
  await store.put([entry(2)]);
  await store.close();
  await writeFile(log, (await readFile(log, 'utf8')).replace('"lat":41', '"lat":14'));
  expect(await found()).toEqual([entry(2)]);
});

test('a log that mostly holds what was sent is written anew, and loses nothing', async () => {
  const store = new FileStore(log);
  await store.open();
  for (let seq = 1; seq <= 4_000; seq += 10) {
    const ten = Array.from({ length: 10 }, (_, index) => entry(seq + index));
    await store.put(ten);
    await store.remove(ten.slice(1).map((each) => each.seq));
  }
  expect((await stat(log)).size).toBeLessThan(300 * 1024);
  await store.close();
  expect((await found()).map(({ seq }) => seq)).toEqual(Array.from({ length: 400 }, (_, index) => 1 + 10 * index));
});

test('a log that is in use is not opened twice; one whose process has ended is', async () => {
  const store = new FileStore(log);
  await store.open();
  await expect(new FileStore(log).open()).rejects.toThrow('in use');
  await store.close();
  await writeFile(`${log}.lock`, '1');
  await expect(new FileStore(log).open()).rejects.toThrow('in use by process 1');
  await writeFile(`${log}.lock`, '999999999');
  expect(await found()).toEqual([]);
});

test('what can’t be written is told to whoever waits for it', async () => {
  const store = new FileStore(log);
  await expect(store.put([entry(1)])).rejects.toThrow('not open');
});
