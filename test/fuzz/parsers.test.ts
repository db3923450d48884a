import fc from 'fast-check';
import { decodeBatch } from '../../lambdas/contract/batch';
import { decodeCursor } from '../../lambdas/contract/cursor';
import { Problem, parseBody, parseParameters, problemSchema } from '../../lambdas/contract/errors';
import { toIdentity } from '../../lambdas/contract/identity';
import { searchQuerySchema } from '../../lambdas/contract/reads';
import { feederReportSchema } from '../../lambdas/contract/reports';
import { readWish } from '../../lambdas/live/subscribe';
import { toSearch } from '../../lambdas/search/request';
import { anyBytes, anything, message, nearlyJson, nearlyText, parameter, record, report } from '../system/fuzz/inputs';

const runs = { seed: Number(process.env.WAYSTREAM_FUZZ_SEED ?? 20261121), numRuns: 1_000 };
const operator = { sub: 'o', roles: new Set(['operator', 'viewer'] as const) };

/** Whatever goes in, a value comes out or a problem that says what is wrong. */
function answers(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    expect(error.status).toBeLessThan(500);
    problemSchema.parse(error.toDetails());
  }
}

test('a body is read or refused', () => {
  const bodies = fc.oneof(nearlyJson(report), anything);
  fc.assert(
    fc.property(bodies, (body) => answers(() => parseBody(feederReportSchema, body))),
    runs,
  );
});

test('a cursor is read or refused', () => {
  const cursors = fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), nearlyText(record));
  fc.assert(
    fc.property(cursors, (cursor) => answers(() => decodeCursor(['a'], cursor, feederReportSchema))),
    runs,
  );
});

test('a search is read or refused', () => {
  const names = fc.constantFrom(...Object.keys(searchQuerySchema.shape), 'x', '__proto__', 'constructor');
  const queries = fc.array(fc.tuple(names, parameter), { maxLength: 8 }).map((pairs) => Object.fromEntries(pairs));
  const range = fc.constantFrom({}, { from: '1', to: '60001' });
  fc.assert(
    fc.property(range, queries, (known, query) =>
      answers(() => {
        const { cursor: _, ...asked } = parseParameters(searchQuerySchema, { ...query, ...known });
        toSearch(asked, operator);
      }),
    ),
    runs,
  );
});

test('a subscription is read or refused', () => {
  fc.assert(
    fc.property(fc.oneof(nearlyJson(message), anything), (wish) => answers(() => readWish(wish, operator))),
    runs,
  );
});

test('a record of the stream is read as it was, or set apart', () => {
  const data = fc.oneof(
    anyBytes,
    nearlyText(record).map((text) => Buffer.from(text)),
    nearlyJson(record).map((value) => Buffer.from(JSON.stringify(value) ?? '')),
  );
  fc.assert(
    fc.property(data, (bytes) => {
      try {
        const { device, points } = decodeBatch(bytes);
        expect(device).toMatch(/^[A-Za-z0-9_.:-]{1,64}$/);
        for (const { lat, lon } of points) expect(Math.abs(lat) <= 90 && Math.abs(lon) <= 180).toBe(true);
      } catch (error) {
        expect(['SyntaxError', 'ZodError', '$ZodError']).toContain(Object(error).name);
      }
    }),
    runs,
  );
});

test('an identity is one, or forbidden, whatever the claims', () => {
  fc.assert(
    fc.property(anything, anything, (sub, groups) => answers(() => toIdentity(sub, groups))),
    runs,
  );
});
