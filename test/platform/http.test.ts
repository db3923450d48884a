import { BadRequest } from '../../lambdas/contract/errors';
import { toProblem } from '../../lambdas/platform/http';
import { lines } from '../../lambdas/platform/log';

const thrown = (fields: object) => Object.assign(new Error('10.0.3.7 does not answer'), fields);

beforeEach(() => jest.spyOn(lines, 'error').mockImplementation(() => undefined));
afterEach(() => jest.restoreAllMocks());

test.each([
  ['no connection', { code: 'ECONNREFUSED' }],
  ['no answer in time', { name: 'TimeoutError' }],
  ['an error of the service', { $metadata: { httpStatusCode: 500 } }],
])('%s from a store is answered as something that passes', (_, fields) => {
  expect(toProblem(thrown(fields))).toMatchObject({
    status: 503,
    code: 'store_unavailable',
    extras: { retryAfterSeconds: 2 },
  });
});

test('any other error is ours, and tells nothing of itself', () => {
  const problem = toProblem(thrown({ $metadata: { httpStatusCode: 400 } }));
  expect(problem).toMatchObject({ status: 500, code: 'internal' });
  expect(JSON.stringify(problem.toDetails())).not.toContain('10.0.3.7');
});

test('a problem stays what it is', () => {
  const problem = new BadRequest('invalid', 'No.');
  expect(toProblem(problem)).toBe(problem);
});
