import fc from 'fast-check';
import { Progress } from '../../../local/streams/progress';

test('the checkpoint is the last record before which nothing is open, in whatever order records are settled', () => {
  const orders = fc.integer({ min: 1, max: 30 }).chain((size) =>
    fc.shuffledSubarray(
      Array.from({ length: size }, (_, index) => index),
      { minLength: size },
    ),
  );
  fc.assert(
    fc.property(orders, (order) => {
      const progress = new Progress('start');
      for (let index = 0; index < order.length; index++) progress.read(String(index), index * 10);
      const settled = new Set<number>();
      for (const index of order) {
        progress.done(String(index));
        settled.add(index);
        let first = 0;
        while (settled.has(first)) first += 1;
        expect(progress.settled).toBe(first === 0 ? 'start' : String(first - 1));
        expect(progress.outstanding).toBe(order.length - settled.size);
        expect(progress.oldest).toBe(first < order.length ? first * 10 : undefined);
      }
    }),
  );
});
