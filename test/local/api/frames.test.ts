import fc from 'fast-check';
import { FrameWatch } from '../../../local/api/frames';

/** A client's frame: two bytes, extended length, mask, payload. */
function frame(length: number, masked = true): Buffer {
  const mask = masked ? 0x80 : 0;
  const head =
    length < 126
      ? Buffer.from([0x81, mask | length])
      : length < 65_536
        ? Buffer.from([0x81, mask | 126, length >> 8, length & 255])
        : Buffer.from([
            0x81,
            mask | 127,
            0,
            0,
            0,
            0,
            length >>> 24,
            (length >> 16) & 255,
            (length >> 8) & 255,
            length & 255,
          ]);
  return Buffer.concat([head, Buffer.alloc(masked ? 4 : 0, 7), Buffer.alloc(length, 0xff)]);
}

test('frames within the limit pass and a larger one does not, however the bytes are cut', () => {
  const lengths = fc.array(fc.constantFrom(0, 1, 125, 126, 200, 1000, 1001, 70_000), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(lengths, fc.boolean(), fc.integer({ min: 1, max: 997 }), (all, masked, step) => {
      const bytes = Buffer.concat(all.map((length) => frame(length, masked)));
      const watch = new FrameWatch(1000);
      let passed = true;
      for (let at = 0; at < bytes.length && passed; at += step) passed = watch.accepts(bytes.subarray(at, at + step));
      expect(passed).toBe(all.every((length) => length <= 1000));
    }),
  );
});
