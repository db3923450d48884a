import { z } from 'zod';
import { addressOf, ask, askFor, Refused } from '../../web/ask';

const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
});

/** Answers one after the other; notes what was asked. */
function api(...answers: Response[]) {
  const asked: { url: string; authorization: string | null }[] = [];
  globalThis.fetch = async (url, init) => {
    asked.push({ url: String(url), authorization: new Headers(init?.headers).get('authorization') });
    return answers.shift() ?? new Response(null, { status: 599 });
  };
  const session = {
    api: 'https://api.test',
    token: 'old',
    renew: async () => {
      session.token = 'new';
    },
  };
  return { asked, session };
}

test('an address holds ids safely, and no parameter without a value', () => {
  const address = addressOf('https://api.test', ['v1', 'tracks', 'a:b', 'x/y?z'], { owner: undefined, view: 'raw' });
  expect(String(address)).toBe('https://api.test/v1/tracks/a%3Ab/x%2Fy%3Fz?view=raw');
});

test('the token goes in a header, never in the address', async () => {
  const { asked, session } = api(new Response('{}'));
  await ask(session, ['v1', 'rides'], { owner: 'car' });
  expect(asked).toEqual([{ url: 'https://api.test/v1/rides?owner=car', authorization: 'Bearer old' }]);
});

test('a token that is refused is renewed once', async () => {
  const { asked, session } = api(new Response(null, { status: 401 }), new Response('{}'));
  await ask(session, ['v1', 'rides']);
  expect(asked.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer new']);
  const refused = api(new Response(null, { status: 401 }), new Response(null, { status: 401 }));
  await expect(ask(refused.session, ['v1', 'rides'])).rejects.toMatchObject({ status: 401 });
});

test('a problem is told in its own words', async () => {
  const problem = { code: 'ride_not_found', detail: 'There is no such ride.' };
  const { session } = api(
    new Response(JSON.stringify(problem), { status: 404 }),
    new Response('<html>', { status: 502 }),
  );
  await expect(ask(session, ['x'])).rejects.toEqual(new Refused(404, problem.code, problem.detail));
  await expect(ask(session, ['x'])).rejects.toThrow('The API answered 502.');
});

test('an answer of another form is told in a sentence', async () => {
  const { session } = api(new Response('{"rides":3}'), new Response('<html>'));
  const schema = z.object({ rides: z.array(z.string()) });
  await expect(askFor(session, schema, ['x'])).rejects.toThrow(/in a form that this page does not know/);
  await expect(askFor(session, schema, ['x'])).rejects.toThrow(/in a form that this page does not know/);
});
