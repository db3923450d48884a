import type { ImportReport } from '../../lambdas/contract/imports';
import { asOf } from '../../lambdas/files/decide';

const begun: ImportReport = {
  id: '5b8f6f3e-1f7c-4c0e-9f0a-3d2f7c1b9a55',
  state: 'reading',
  createdAt: 0,
  startedAt: 10,
};
const MINUTE = 60_000;

test('an import that nobody finished is told as a failure once nobody can be at it', () => {
  expect(asOf(begun, 19 * MINUTE)).toEqual(begun);
  expect(asOf(begun, 21 * MINUTE)).toMatchObject({ state: 'failed', problem: { code: 'interrupted' } });
});

test.each(['waiting', 'imported', 'failed'] as const)('one that is %s stays so', (state) => {
  expect(asOf({ ...begun, state }, 60 * MINUTE)).toEqual({ ...begun, state });
});
