import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { Bell, Bells } from '../../../local/streams/bell';

test('no ring is lost, whenever it comes between a read and the wait after it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('write', 'yield'), { minLength: 1, maxLength: 40 }), async (steps) => {
      const bell = new Bell();
      const stop = new AbortController();
      let written = 0;
      let seen = 0;
      const reading = (async () => {
        while (!stop.signal.aborted) {
          const heard = bell.rings;
          const found = written;
          await setImmediate();
          seen = found;
          // Long enough that only a ring ends it.
          await bell.wait(heard, 60_000, stop.signal);
        }
      })();
      for (const step of steps) {
        if (step === 'yield') await setImmediate();
        else {
          written += 1;
          bell.ring();
        }
      }
      for (let turn = 0; turn < 6; turn++) await setImmediate();
      stop.abort();
      await reading;
      expect(seen).toBe(written);
    }),
  );
});

test('a wait ends without a ring when its time is over', async () => {
  expect(await new Bell().wait(0, 1, new AbortController().signal)).toBe(false);
});

test('a request rings for the tables that it names, of its service only', () => {
  const bells = new Bells();
  const [table, other, stream] = [
    bells.of('dynamodb', 'Live'),
    bells.of('dynamodb', 'Rides'),
    bells.of('kinesis', 'Live'),
  ];
  bells.named('dynamodb', Buffer.from('{"Statement":"DELETE FROM \\"Live\\" WHERE id=1"}'));
  expect([table.rings, other.rings, stream.rings]).toEqual([1, 0, 0]);
});
