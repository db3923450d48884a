import fc from 'fast-check';
import { routeMatcher } from '../../../local/api/routes';

const matching = (keys: string[], method: string, path: string) => {
  const found = routeMatcher(keys.map((routeKey) => ({ routeKey })))(method, path);
  return found && [found.route.routeKey, found.pathParameters];
};

const keys = [
  'GET /pets/dog/1',
  'GET /pets/dog/{id}',
  'GET /pets/{proxy+}',
  'ANY /pets/dog/1',
  'ANY /{proxy+}',
  '$default',
];

test.each([
  ['GET', '/pets/dog/1', 'GET /pets/dog/1', undefined],
  ['POST', '/pets/dog/1', 'ANY /pets/dog/1', undefined],
  ['GET', '/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
  ['GET', '/pets/cat/1', 'GET /pets/{proxy+}', { proxy: 'cat/1' }],
  ['POST', '/test/5', 'ANY /{proxy+}', { proxy: 'test/5' }],
  ['GET', '/pets/dog/a%20b', 'GET /pets/dog/{id}', { id: 'a b' }],
  ['GET', '/', '$default', undefined],
])('%s %s is the documented route', (method, path, key, parameters) => {
  expect(matching(keys, method, path)).toEqual([key, parameters]);
});

test('without $default nothing matches what no route names', () => {
  expect(matching(['GET /pets/{id}'], 'GET', '/pets')).toBeUndefined();
  expect(matching(['GET /pets/{id}'], 'GET', '/pets/')).toBeUndefined();
  expect(matching(['GET /pets/{id}'], 'POST', '/pets/1')).toBeUndefined();
  expect(matching(['GET /pets/{id}'], 'GET', '/pets/1/2')).toBeUndefined();
});

/** The rule once more, as a list of regular expressions and a score read from left to right. */
function oracle(routeKeys: string[], method: string, path: string): string | undefined {
  const score = (key: string) => {
    const [verb, template = ''] = key.split(' ');
    const kinds = template.split('/').slice(1);
    return [
      ...kinds.map((part) => (part.endsWith('+}') ? 2 : part.startsWith('{') ? 1 : 0)),
      verb === 'ANY' ? 9 : 8,
    ].join('');
  };
  const hits = routeKeys.filter((key) => {
    const [verb, template = ''] = key.split(' ');
    const pattern = template.replaceAll(/\{\w+\+\}/g, '[^/].*').replaceAll(/\{\w+\}/g, '[^/]+');
    return (verb === 'ANY' || verb === method) && new RegExp(`^${pattern}$`).test(path);
  });
  return hits.sort((a, b) => (score(a) < score(b) ? -1 : 1))[0];
}

test('the route chosen equals that of a naive oracle', () => {
  const part = fc.constantFrom('a', 'b', '{x}');
  const template = fc
    .tuple(fc.array(part, { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([parts, greedy]) => `/${[...parts, ...(greedy ? ['{rest+}'] : [])].join('/')}`);
  const key = fc.tuple(fc.constantFrom('GET', 'POST', 'ANY'), template).map(([verb, path]) => `${verb} ${path}`);
  const path = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 5 }).map((parts) => `/${parts.join('/')}`);
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { maxLength: 8 }),
      fc.constantFrom('GET', 'POST', 'PUT'),
      path,
      (all, method, at) => {
        const chosen = routeMatcher(all.map((routeKey) => ({ routeKey })))(method, at);
        expect(chosen?.route.routeKey).toBe(oracle(all, method, at));
      },
    ),
    { numRuns: 2000 },
  );
});
